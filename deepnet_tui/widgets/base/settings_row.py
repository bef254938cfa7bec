"""One row of a settings pane, without a widget in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from textual.content import Content


@dataclass(frozen=True)
class Row:
    """What a row is called, what it shows, how it is typed and stepped.

    `values` turns the typed text into what the workbench's `edit` takes and raises InputError for what can't be
    read. `step` gives those for the next smaller (-1) or larger (1) value, None where there is none.
    `choices` offers names with an explanation instead of typing; with `several` more than one may be chosen, to race.
    `hint` says what may be typed, or why nothing may.
    """

    name: str
    section: str
    cells: Content
    label: str = ""
    text: str = ""
    hint: str = ""
    values: Callable[[str], dict[str, Any]] | None = None
    step: Callable[[int], dict[str, Any] | None] | None = None
    choices: Callable[[], Mapping[str, str]] | None = None
    several: bool = False
