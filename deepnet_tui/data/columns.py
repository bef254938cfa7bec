"""What is known about a column of the source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ColumnInfo:
    """What was inferred about one column of the source, and why.

    `kind` is numeric, boolean, categorical, date, identifier, constant, text or block; `role` is feature,
    target or ignored. `missing` counts empty values, `distinct` the different ones: there may be `more`, since
    not all rows were counted. `examples` shows a few. `becomes` says what inputs a rich
    preparation makes of it.
    """

    name: str
    kind: str
    role: str
    reason: str = ""
    missing: int = 0
    distinct: int = 0
    examples: tuple[str, ...] = ()
    more: bool = False
    becomes: str = ""

    @property
    def explanation(self) -> str:
        """What the column becomes, where there is more to say than its kind, and why it is what it is."""
        return f"→ {self.becomes}; {self.reason}" if self.becomes else self.reason
