"""One operation as a page of text: where it stands, formula, shapes, numbers, and the matrices."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace

from deepnet_tui.explain.arithmetic import shown
from deepnet_tui.explain.layout import Line, Sheet, matrices
from deepnet_tui.explain.navigator import Navigator
from deepnet_tui.explain.operation import Operation

FOLDS = (40, 20, 12, 8, 6, 5, 4, 3)  # terms of a sum to try, until the line fits
LEAST = 4  # lines that the matrices keep
USUAL = {"previous": "←", "next": "→", "follow": "Enter", "return": "Backspace"}


def page(
    navigator: Navigator, width: int, height: int, remarks: Sequence[str] = (), keys: Mapping[str, str] = USUAL
) -> Sheet:
    """What the reader sees, in `width` characters and `height` lines. `remarks` are said where there is room.

    `keys` names the keys of the commands that the page speaks of.
    """
    operation = navigator.operation
    lines: list[Line] = [strip(navigator, width), *_formula(operation, width), [(operation.shapes[:width], "shapes")]]
    most, least = (5, 2) if navigator.hidden else (3, LEAST)  # who guesses needs the numbers more than the matrices
    room = max(1, min(most, height - len(lines) - least))
    lines += [[(text, "numbers")] for text in _numbers(navigator, width, room)]
    lines += [[(part, "marked")] for text in _marks(navigator, keys) for part in textwrap.wrap(text, width)]
    left = height - len(lines)
    wanted = 2 + max(matrix.shape[0] for matrix in (operation.out, *operation.operands))
    for text in (operation.note, *remarks):
        wrapped = textwrap.wrap(text, width)
        if wrapped and left - len(wrapped) >= min(wanted, LEAST + 2):
            lines += [[(part, "note")] for part in wrapped]
            left -= len(wrapped)
    if left > min(wanted, LEAST + 2):
        lines.append([])
        left -= 1
    if left < 3:
        return Sheet(lines[:height], [])
    place = navigator.place
    sheet = matrices(
        operation, place.row, place.column, width, left, followed=navigator.followed, hides=navigator.hides
    )
    hits = [replace(hit, y=hit.y + len(lines)) for hit in sheet.hits]
    return Sheet([*lines, *sheet.lines], hits)


def strip(navigator: Navigator, width: int) -> Line:
    """The operations in a row, as many as fit around the one in focus, which is lit."""
    operations = navigator.trace.operations if navigator.trace else ()
    here = navigator.place.index
    head = f"{here + 1}/{len(operations)} {navigator.operation.phase}  "
    names = [operation.out.name for operation in operations]
    first = last = here
    room = width - len(head) - len(names[here]) - 4
    while True:
        before = first > 0 and len(names[first - 1]) + 1 <= room
        after = last < len(names) - 1 and len(names[last + 1]) + 1 <= room
        if not before and not after:
            break
        if before and (not after or here - first <= last - here):
            first -= 1
            room -= len(names[first]) + 1
        else:
            last += 1
            room -= len(names[last]) + 1
    line: Line = [(head, "index"), ("‹ " if first > 0 else "", "index")]
    for index in range(first, last + 1):
        line += [(names[index], "pointed" if index == here else "index"), (" ", "plain")]
    return [*line, ("›" if last < len(names) - 1 else "", "index")]


def _formula(operation: Operation, width: int) -> list[Line]:
    """The formula in symbols, and at the right the function of the tutorial that does it."""
    said = f"tutorial: {operation.tutorial}" if operation.tutorial else "not in the tutorial"
    wrapped = textwrap.wrap(operation.symbols, width, subsequent_indent="   ")
    lines: list[Line] = [[(text, "formula")] for text in wrapped]
    gap = width - len(wrapped[-1]) - len(said)
    if gap >= 2:
        lines[-1] += [(" " * gap, "plain"), (said, "tutorial")]
    else:
        lines.append([(said.rjust(width), "tutorial")])
    return lines


def _numbers(navigator: Navigator, width: int, room: int) -> list[str]:
    """The arithmetic, its sum folded as far as it must be to fit."""
    place, operation = navigator.place, navigator.operation
    result = "?" if navigator.hidden else operation.result(place.row, place.column)
    for most in FOLDS:
        wrapped = textwrap.wrap(f"{operation.question(place.row, place.column, most)} = {result}", width)
        if len(wrapped) <= room:
            break
    return wrapped


def _marks(navigator: Navigator, keys: Mapping[str, str]) -> list[str]:
    """What is going on: a part being chosen, a guess awaited or judged, the way back."""
    operation, place, followed = navigator.operation, navigator.place, navigator.followed
    if followed is not None:
        where = f"{followed.name}[{followed.row}, {followed.column}] = {shown(followed.value)}"
        return [
            f"Follow {where}? {navigator.chosen + 1} of {len(navigator.choices)}: {keys['previous']} {keys['next']} choose, "
            f"{keys['follow']} goes, {keys['return']} stays"
        ]
    if navigator.hidden:
        return [f"What is {operation.entry(place.row, place.column)}? {keys['follow']} takes your guess, and reveals."]
    if navigator.verdict:
        return [navigator.verdict]
    if navigator.trail and navigator.trace:
        way = [navigator.trace[step.index].entry(step.row, step.column) for step in navigator.trail[-3:]]
        return [f"{'… → ' if len(navigator.trail) > 3 else ''}{' → '.join(way)} → here.  {keys['return']} goes back"]
    return []
