"""The user's choices about a dataset, each a change of the settings, and numbers as they are typed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.setting_list import DATA_SETTINGS
from deepnet_tui.data.settings import ColumnSettings, DataSettings

if TYPE_CHECKING:
    from deepnet_tui.data.columns import ColumnInfo

KINDS = ("numeric", "boolean", "categorical", "date", "identifier", "text")


def with_column(settings: DataSettings, name: str, **chosen: Any) -> DataSettings:
    """The settings with another kind or role for one column; None lets it be inferred again."""
    before = settings.columns.get(name, ColumnSettings())
    after = before.model_copy(update=chosen)
    columns = {key: value for key, value in settings.columns.items() if key != name}
    if after != ColumnSettings():
        columns[name] = after
    return settings.model_copy(update={"columns": columns})


def with_target(settings: DataSettings, target: str | tuple[str, ...]) -> DataSettings:
    """The settings with another target, or several others."""
    columns = {
        key: column.model_copy(update={"role": None}) if column.role == "target" else column
        for key, column in settings.columns.items()
    }
    columns = {key: column for key, column in columns.items() if column != ColumnSettings()}
    changed = settings.model_copy(update={"target": target, "columns": columns})
    for name in changed.targets:
        changed = with_column(changed, name, role=None)
    return changed


def toggled_role(info: ColumnInfo) -> str:
    """Ignored for a column that is used, feature for one that is not."""
    return "feature" if info.role == "ignored" else "ignored"


def next_kind(kind: str, step: int) -> str:
    """The next kind, or with step -1 the previous one. A block stays a block."""
    if kind == "block":
        return kind
    place = KINDS.index(kind) if kind in KINDS else (-1 if step > 0 else 0)
    return KINDS[(place + step) % len(KINDS)]


def with_choices(info: ColumnInfo, settings: DataSettings) -> ColumnInfo:
    """A column as it is shown until the settings have taken effect."""
    chosen = settings.columns.get(info.name, ColumnSettings())
    role = (
        "target"
        if info.name in settings.targets
        else chosen.role or ("feature" if info.role == "target" else info.role)
    )
    if settings.target is None and info.role == "target":
        role = "target"
    return replace(info, kind=chosen.kind or info.kind, role=role)


def parse_share(text: str) -> float:
    """A share as it is typed: 20%, 20 or 0.2. Raises InputError."""
    try:
        number = float(text.strip().rstrip("%").replace(",", "."))
    except ValueError:
        raise InputError(f"{text!r} is not a share; type one such as 20% or 0.2", "validation") from None
    number = number / 100 if "%" in text or number >= 1 else number
    bounds = DATA_SETTINGS["validation"]
    if not bounds.low <= number <= bounds.high:
        raise InputError(
            f"the validation part must be from {bounds.low:.0%} to {bounds.high:.0%}, not {text}", "validation"
        )
    return round(number, 6)


def parse_seed(text: str) -> int:
    """A seed as it is typed. Raises InputError."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    bounds = DATA_SETTINGS["seed"]
    if not bounds.low <= number <= bounds.high:
        raise InputError(f"the seed must be a whole number from {bounds.low} to {bounds.high}, not {text!r}", "seed")
    return number
