"""What the network makes of a row: every answer, and every unit of every hidden layer, before and after."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from rich.style import Style
from rich.text import Text

from deepnet_tui.drawing import palettes
from deepnet_tui.drawing.numbers import short
from deepnet_tui.screens.what_if.row_table import cut, signed
from deepnet_tui.understand.what_if import WhatIf
from engine.arrays import Array

MOVED = 0.02  # of the largest activation of a layer: what counts as a move
ROSE, FELL, STAYED = "▲", "▼", " "
MOST_NAMES = 12


def answer_lines(case: WhatIf, width: int, styles: Mapping[str, Style]) -> list[Text]:
    """Classes with a bar for each probability, targets with their values; the one that is explained is marked."""
    answers = case.answers()
    explained = case.answer.place
    label = min(max(len(cut(name, 14)) for name, _, _ in answers), 14)
    first = max(0, min(explained - MOST_NAMES // 2, len(answers) - MOST_NAMES))
    lines = []
    for place, (name, before, after) in list(enumerate(answers))[first : first + MOST_NAMES]:
        line = Text(f"{'▸' if place == explained else ' '} {cut(name, 14):<{label}} ", no_wrap=True)
        line.stylize(styles["chosen"] if place == explained else Style())
        if case.model.classes:
            line.append(f"{after:6.1%} ")
            room = max(4, width - label - 20)
            full = round(room * min(1.0, max(0.0, after)))
            line.append("█" * full, style=styles["plus"])
            line.append("·" * (room - full), style=styles["muted"])
            change, least = 100 * (after - before), 0.05
            said = f" {change:+.1f}%" if abs(change) >= least else ""
        else:
            line.append(f"{before:.6g}" if before == after else f"{before:.6g} → {after:.6g}")
            said = "" if before == after else f"  {signed(after - before)}"
        line.append(said, style=styles["changed"])
        lines.append(line)
    return lines


def unit_lines(case: WhatIf, width: int, styles: Mapping[str, Style], dark: bool, plain: bool) -> list[Text]:
    """For every hidden layer a cell for each unit: its colour is the activation, an arrow says how it moved."""
    lines = []
    for number, (before, after) in enumerate(case.units(), start=1):
        size = float(np.abs(np.concatenate([before, after])).max(initial=0.0)) or 1.0
        moves = (after - before) / size
        moved = int((np.abs(moves) > MOVED).sum())
        spec = case.model.network.hidden[number - 1]
        head = f"layer {number}  {spec.units:,} {spec.activation}"
        lines.append(Text(f"{head}  {moved:,} moved" if case.changed else head, style=styles["muted"], no_wrap=True))
        across = max(1, width // 2)
        for start in range(0, len(after), across):
            part = slice(start, start + across)
            lines.append(_cells(after[part] / size, moves[part], dark, plain))
    return lines


def _cells(levels: Array, moves: Array, dark: bool, plain: bool) -> Text:
    line = Text(no_wrap=True)
    palette = palettes.diverging(dark)
    ink = "rgb(255,255,255)" if dark else "rgb(0,0,0)"
    for level, move in zip(levels.tolist(), moves.tolist(), strict=True):
        mark = ROSE if move > MOVED else FELL if move < -MOVED else STAYED
        if plain:
            shade = palettes.SHADES[min(3, round(3 * abs(level)))] if np.isfinite(level) else "?"
            line.append(shade + (mark if mark != STAYED else shade))
            continue
        place = round((0.5 + 0.5 * max(-1.0, min(1.0, level if np.isfinite(level) else 0.0))) * (len(palette) - 1))
        red, green, blue = palette[place].tolist()
        line.append(f"{mark} ", style=f"{ink} on rgb({red},{green},{blue})")
    return line


def summary(case: WhatIf) -> tuple[str, str]:
    """What is explained, and its answer: before, or before and after."""
    _, before, after = case.answers()[case.answer.place]
    shown = (lambda value: f"{value:.1%}") if case.model.classes else short
    said = shown(before) if not case.changed else f"{shown(before)} → {shown(after)}"
    return case.answer.title, said
