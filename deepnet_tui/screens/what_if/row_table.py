"""The columns of a row: value, and contribution to the prediction as a bar to the left or to the right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.style import Style
from rich.text import Text

from deepnet_tui.common.text import printable
from deepnet_tui.drawing.numbers import short
from deepnet_tui.understand.contributions import Contributions
from deepnet_tui.understand.what_if import WhatIf

MARK, NAME, VALUE, NUMBER = 2, 18, 12, 8  # widths
AXIS, MINUS, PLUS = "│", "▒", "█"


def row_table(
    case: WhatIf, found: Contributions | None, chosen: int, width: int, height: int, styles: Mapping[str, Style]
) -> list[Text]:
    """The columns around the chosen one, at most `height` of them; contributions where they are known already."""
    columns = case.columns
    first = max(0, min(chosen - height // 2, len(columns) - height))
    name_room = min(NAME, max(len(printable(column.name)) for column in columns), max(6, width // 4))
    value_room = min(VALUE, max(6, width // 4))
    bar_room = width - MARK - name_room - value_room - NUMBER - 3
    largest = 0.0 if found is None else float(max(abs(found.values)))
    lines = []
    for place in range(first, min(len(columns), first + height)):
        style = styles["chosen"] if place == chosen else Style()
        mark = "▸" if place == chosen else " "
        line = Text(f"{mark} {cut(columns[place].name, name_room):<{name_room}} ", style=style, no_wrap=True)
        value = cut(value_text(case.value(place)), value_room - 1)
        changed = place in case.changed
        line.append(f"{value:>{value_room}}", style=styles["changed"] if changed else Style())
        line.append("*" if changed else " ", style=styles["changed"])
        if found is not None:
            share = float(found.values[place])
            line.append(f"{signed(share):>{NUMBER}} ")
            if bar_room >= 7:
                line.append_text(signed_bar(share, largest, bar_room, styles))
        lines.append(line)
    return lines


def signed_bar(value: float, largest: float, width: int, styles: Mapping[str, Style]) -> Text:
    """A bar from the middle to the right for what raises the prediction, to the left for what lowers it."""
    half = (width - 1) // 2
    length = round(half * abs(value) / largest) if largest > 0 else 0
    bar = Text(no_wrap=True)
    bar.append((MINUS * length if value < 0 else "").rjust(half), style=styles["minus"])
    bar.append(AXIS, style=styles["muted"])
    bar.append((PLUS * length if value > 0 else "").ljust(half), style=styles["plus"])
    return bar


def value_text(value: Any) -> str:
    """A raw value in the table."""
    if value is None or value == "":
        return "(missing)"
    return f"{value:.6g}" if isinstance(value, float) else printable(str(value))


def signed(value: float) -> str:
    """A number with its sign."""
    return short(value) if value < 0 else f"+{short(value)}"


def cut(text: str, most: int) -> str:
    """A name that fits."""
    text = printable(text)
    return text if len(text) <= most else text[: max(0, most - 1)] + "…"
