"""One operation as a page of text: its position, formula, shapes, numbers and matrices."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace

from deepnet_tui.explain.arithmetic import format_number
from deepnet_tui.explain.layout import Sheet, StyledLine, matrices
from deepnet_tui.explain.navigator import Navigator
from deepnet_tui.explain.operation import Operation

TERM_COUNTS = (40, 20, 12, 8, 6, 5, 4, 3)  # terms of a sum to show, tried until the line fits
MATRIX_LINES = 4  # that the matrices have at least
DEFAULT_KEYS = {"previous": "←", "next": "→", "follow": "Enter", "return": "Backspace"}


def page(
    navigator: Navigator, width: int, height: int, remarks: Sequence[str] = (), keys: Mapping[str, str] = DEFAULT_KEYS
) -> Sheet:
    """The page in `width` characters and `height` lines. `remarks` are shown if there is room.

    `keys` has the names of the keys that the page mentions.
    """
    operation = navigator.operation
    lines: list[StyledLine] = [
        strip(navigator, width),
        *_formula(operation, width),
        [(operation.shapes[:width], "shapes")],
    ]
    most, least = (5, 2) if navigator.hidden else (3, MATRIX_LINES)  # for a guess the numbers matter more
    room = max(1, min(most, height - len(lines) - least))
    lines += [[(text, "numbers")] for text in _numbers(navigator, width, room)]
    lines += [[(part, "marked")] for text in _hint(navigator, keys) for part in textwrap.wrap(text, width)]
    left = height - len(lines)
    wanted = 2 + max(matrix.shape[0] for matrix in (operation.out, *operation.operands))
    for text in (operation.note, *remarks):
        wrapped = textwrap.wrap(text, width)
        if wrapped and left - len(wrapped) >= min(wanted, MATRIX_LINES + 2):
            lines += [[(part, "note")] for part in wrapped]
            left -= len(wrapped)
    if left > min(wanted, MATRIX_LINES + 2):
        lines.append([])
        left -= 1
    if left < 3:
        return Sheet(lines[:height], [])
    position = navigator.position
    sheet = matrices(
        operation, position.row, position.column, width, left, followed=navigator.followed, hides=navigator.hides
    )
    hits = [replace(hit, y=hit.y + len(lines)) for hit in sheet.hits]
    return Sheet([*lines, *sheet.lines], hits)


def strip(navigator: Navigator, width: int) -> StyledLine:
    """The names of the operations in one line, as many as fit around the one in focus, which is highlighted."""
    operations = navigator.trace.operations if navigator.trace else ()
    here = navigator.position.index
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
    line: StyledLine = [(head, "index"), ("‹ " if first > 0 else "", "index")]
    for index in range(first, last + 1):
        line += [(names[index], "pointed" if index == here else "index"), (" ", "plain")]
    return [*line, ("›" if last < len(names) - 1 else "", "index")]


def _formula(operation: Operation, width: int) -> list[StyledLine]:
    """The formula in symbols, and on the right the function of the tutorial that does it."""
    function = f"tutorial: {operation.tutorial}" if operation.tutorial else "not in the tutorial"
    wrapped = textwrap.wrap(operation.symbols, width, subsequent_indent="   ")
    lines: list[StyledLine] = [[(text, "formula")] for text in wrapped]
    gap = width - len(wrapped[-1]) - len(function)
    if gap >= 2:
        lines[-1] += [(" " * gap, "plain"), (function, "tutorial")]
    else:
        lines.append([(function.rjust(width), "tutorial")])
    return lines


def _numbers(navigator: Navigator, width: int, room: int) -> list[str]:
    """The arithmetic, its sum shortened until it fits."""
    position, operation = navigator.position, navigator.operation
    result = "?" if navigator.hidden else operation.result(position.row, position.column)
    for most in TERM_COUNTS:
        wrapped = textwrap.wrap(f"{operation.question(position.row, position.column, most)} = {result}", width)
        if len(wrapped) <= room:
            break
    return wrapped


def _hint(navigator: Navigator, keys: Mapping[str, str]) -> list[str]:
    """What can be done now: choose an origin, guess, go back; or how good the guess was."""
    operation, position, followed = navigator.operation, navigator.position, navigator.followed
    if followed is not None:
        where = f"{followed.name}[{followed.row}, {followed.column}] = {format_number(followed.value)}"
        return [
            f"Follow {where}? {navigator.chosen + 1} of {len(navigator.choices)}: "
            f"{keys['previous']} {keys['next']} choose, {keys['follow']} goes, {keys['return']} stays"
        ]
    if navigator.hidden:
        entry = operation.entry(position.row, position.column)
        return [f"What is {entry}? {keys['follow']} takes your guess and shows the result."]
    if navigator.verdict:
        return [navigator.verdict]
    if navigator.trail and navigator.trace:
        trail = [navigator.trace[step.index].entry(step.row, step.column) for step in navigator.trail[-3:]]
        return [f"{'… → ' if len(navigator.trail) > 3 else ''}{' → '.join(trail)} → here.  {keys['return']} goes back"]
    return []
