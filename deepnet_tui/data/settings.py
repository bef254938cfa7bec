"""Which data an experiment uses and how they are read, split and prepared."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

READING = {"separator": "separator", "encoding": "encoding", "decimal": "decimal mark", "sheet": "sheet"}
Kind = Literal["numeric", "boolean", "categorical", "date", "identifier", "constant", "text", "block"]
Role = Literal["feature", "target", "ignored"]


class ColumnSettings(BaseModel):
    """What the user decided about one column; whatever is None is inferred."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind | None = None
    role: Role | None = None


class DataSettings(BaseModel):
    """A source (a built-in name or a file), its target, and the validation part.

    `validation` is a share of the examples, 0 for none; `seed` draws which ones. `test` is a second file of the
    same form that is only ever measured on. `separator`, `encoding`, `decimal` and `sheet` are found out
    where they are None.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    source: str = "moons"
    target: str | None = None
    test: str | None = None
    validation: Annotated[float, Field(ge=0.0, le=0.9, strict=True)] = 0.2
    seed: Annotated[int, Field(ge=0, lt=2**32, strict=True)] = 0
    separator: str | None = None
    encoding: str | None = None
    decimal: Literal[".", ","] | None = None
    sheet: str | None = None
    columns: dict[str, ColumnSettings] = {}

    @model_validator(mode="before")
    @classmethod
    def _read_old_name(cls, raw: Any) -> Any:
        return with_current_names(raw) if isinstance(raw, dict) else raw

    @property
    def files(self) -> tuple[str, ...]:
        """What is read: the source, a file or a built-in name, and the test file if there is one."""
        return (self.source, self.test) if self.test else (self.source,)

    @property
    def reading(self) -> dict[str, str]:
        """What is said about how the file is written, instead of found out."""
        return {name: value for name in READING if (value := getattr(self, name)) is not None}


def with_current_names(raw: dict[str, Any]) -> dict[str, Any]:
    """The same settings; up to version 0.1 `validation` was called `held_out`, and such files are still read."""
    if "held_out" not in raw or "validation" in raw:
        return raw
    return {"validation" if name == "held_out" else name: value for name, value in raw.items()}
