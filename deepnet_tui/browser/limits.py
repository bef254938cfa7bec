"""How many visitors there may be, and what each may take, so that none takes the machine from the others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VisitorLimits:
    """`visitors` are those at the same time. A session ends after `seconds`, or after `idle` seconds without a key or a
    movement of the mouse; `notice` seconds before that the visitor is told. `disk` and `memory` are in bytes, for each
    visitor; None is no limit of our own. A session has `ending` seconds to close in order.
    """

    visitors: int = 8
    seconds: float = 4 * 3600.0
    idle: float = 30 * 60.0
    notice: float = 60.0
    disk: int = 500_000_000
    memory: int | None = None
    ending: float = 3.0
