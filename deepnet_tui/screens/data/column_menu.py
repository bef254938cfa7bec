"""The menu of a column: all that it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepnet_tui.data import choices

if TYPE_CHECKING:
    from deepnet_tui.data.columns import ColumnInfo
    from deepnet_tui.data.settings import DataSettings

MENU = {
    "target": "predict this column",
    "feature": "use it as an input",
    "ignored": "leave it out",
    "numeric": "numbers, standardised",
    "boolean": "one of two words, 0 or 1",
    "categorical": "words, one input each",
    "date": "days since 1970-01-01, standardised",
    "identifier": "names the row; left out unless it is a feature",
    "text": "free text; left out unless it is a feature",
    "as found": "discard your choices",
}


def with_choice(settings: DataSettings, info: ColumnInfo, choice: str) -> DataSettings:
    """The settings once an entry of the menu was chosen for a column."""
    if choice == "target":
        return choices.with_target(settings, info.name)
    if choice == "as found":
        return choices.with_column(settings, info.name, kind=None, role=None)
    if choice in ("feature", "ignored"):
        return choices.with_column(settings, info.name, role=choice)
    return choices.with_column(settings, info.name, kind=choice)
