"""Several values of one setting, which are to race."""

from __future__ import annotations

from typing import Any


class ValueList(tuple[Any, ...]):
    """The values, in order; none is there twice."""

    __slots__ = ()
