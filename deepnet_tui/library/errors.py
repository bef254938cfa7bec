"""Errors as callers of a Python library expect them: what was given wrong is a ValueError."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from os import PathLike
from typing import ParamSpec, TypeVar

from deepnet_tui.common.errors import InputError

P = ParamSpec("P")
R = TypeVar("R")


class InputValueError(InputError, ValueError):
    """An InputError that is a ValueError, too: every InputError that leaves the library is one."""


def check_path(value: object, field: str = "path") -> None:
    """Raise InputError for anything but a path."""
    if not isinstance(value, str | PathLike):
        raise InputError(f"{field} must be a path, not {value!r:.60}", field)


def raises_value_errors(function: Callable[P, R]) -> Callable[P, R]:
    """The function, whose InputErrors are ValueErrors, too; sentence and field stay the same."""

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except InputValueError:
            raise
        except InputError as error:
            raise InputValueError(str(error), error.field) from None

    return called
