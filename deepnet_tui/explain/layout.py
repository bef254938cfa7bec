"""The matrices of an operation side by side, as lines of styled text; large ones through a window.

Columns that take part are preferred when there is not room for all. Nothing here knows a terminal: a segment is a text
and a role, and the widget gives every role its colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deepnet_tui.explain.operation import Matrix, Operation, Part

Segment = tuple[str, str]  # text, and name | index | plain | used | pointed | followed | sign
Line = list[Segment]
CELL = 9
GAP = 3
OUT = -1


@dataclass(frozen=True)
class Hit:
    """Where an entry stands: line `y`, characters from `start` to `stop`. `operand` is OUT for the result."""

    y: int
    start: int
    stop: int
    operand: int
    row: int
    column: int


@dataclass(frozen=True)
class Sheet:
    """The lines, and the places of the entries in them."""

    lines: list[Line]
    hits: list[Hit]

    @property
    def text(self) -> list[str]:
        """The lines without their roles."""
        return ["".join(text for text, _ in line).rstrip() for line in self.lines]


@dataclass(frozen=True)
class _Tile:
    """One matrix through its window."""

    matrix: Matrix
    operand: int
    sign: str
    rows: range
    columns: range

    @property
    def label(self) -> int:
        return len(str(self.rows.stop - 1)) + 2

    @property
    def head(self) -> str:
        rows, columns = self.matrix.shape
        return f"{self.matrix.name} ({rows}, {columns})"

    @property
    def width(self) -> int:
        return max(self.label + CELL * len(self.columns), len(self.head))


def cell(value: float) -> str:
    """A number in at most eight characters: three digits, or fewer where its power of ten needs the room."""
    if value == 0:
        return "0"
    for digits in (3, 2, 1):
        text = format(value, f".{digits}g" if 1e-3 <= abs(value) < 1e5 else f".{digits - 1}e")
        mantissa, e, power = text.partition("e")
        text = f"{mantissa}e{int(power)}" if e else text
        if len(text) < CELL:
            break
    return text


def matrices(
    operation: Operation,
    row: int,
    column: int,
    width: int,
    height: int,
    *,
    followed: Part | None = None,
    hide: bool = False,
) -> Sheet:
    """The result and the operands in `width` characters and `height` lines, entry [row, column] pointed at."""
    places: list[list[tuple[int, int]]] = [[] for _ in operation.operands]
    for operand, at_row, at_column in operation.places(row, column):
        places[operand].append((at_row, at_column))
    used = [set(found) for found in places]
    tiles = _tiles(operation, (row, column), places, followed, width, max(1, height - 2))
    lines: list[Line] = [[] for _ in range(min(height, 2 + max(len(tile.rows) for tile in tiles)))]
    hits: list[Hit] = []
    left = 0
    for at, tile in enumerate(tiles):
        if at:
            for y, line in enumerate(lines):
                line.append((f" {tile.sign if y == 2 else '':1} ", "sign"))
            left += GAP
        for y, line in enumerate(lines):
            line.extend(_row_of(tile, y, used, (row, column), followed, hide))
        for y, at_row in enumerate(tile.rows, start=2):
            for x, at_column in enumerate(tile.columns):
                start = left + tile.label + x * CELL
                hits.append(Hit(y, start, start + CELL, tile.operand, at_row, at_column))
        left += tile.width
    return Sheet(lines, hits)


def _tiles(
    operation: Operation,
    pointed: tuple[int, int],
    places: list[list[tuple[int, int]]],
    followed: Part | None,
    width: int,
    height: int,
) -> list[_Tile]:
    wanted: list[tuple[Matrix, int, str, tuple[int, int], int]] = [(operation.out, OUT, "", pointed, 1)]
    for operand, matrix in enumerate(operation.operands):
        found = places[operand]
        focus = (followed.row, followed.column) if followed and followed.operand == operand else found[0]
        sign = "=" if operand == 0 else operation.signs[operand]
        wanted.append((matrix, operand, sign, focus, len({place[1] for place in found})))
    shown = _fitting(wanted, width, height, [1] * len(wanted), followed)
    given = [1] * len(shown)
    eager = sorted(range(len(shown)), key=lambda at: -shown[at][4])
    grown = True
    while grown:
        grown = False
        for at in eager:
            enough = shown[at][4] if any(given[k] < shown[k][4] for k in eager) else shown[at][0].shape[1]
            trial = [count + (k == at) for k, count in enumerate(given)]
            if (
                given[at] < enough
                and _width([_tile(one, n, height) for one, n in zip(shown, trial, strict=True)]) <= width
            ):
                given, grown = trial, True
    return [_tile(one, count, height) for one, count in zip(shown, given, strict=True)]


def _fitting(
    wanted: list[tuple[Matrix, int, str, tuple[int, int], int]],
    width: int,
    height: int,
    given: list[int],
    followed: Part | None,
) -> list[tuple[Matrix, int, str, tuple[int, int], int]]:
    """As many of the matrices as have room for one column each; the result and what is followed come first."""
    order = sorted(range(len(wanted)), key=lambda at: (at > 0, not (followed and wanted[at][1] == followed.operand)))
    kept: list[int] = []
    for at in order:
        trial = sorted([*kept, at])
        if not kept or _width([_tile(wanted[k], given[k], height) for k in trial]) <= width:
            kept = trial
    return [wanted[at] for at in kept]


def _tile(one: tuple[Matrix, int, str, tuple[int, int], int], count: int, height: int) -> _Tile:
    matrix, operand, sign, focus, _ = one
    rows, columns = matrix.shape
    return _Tile(matrix, operand, sign, _window(focus[0], rows, height), _window(focus[1], columns, count))


def _width(tiles: Sequence[_Tile]) -> int:
    return sum(tile.width for tile in tiles) + GAP * (len(tiles) - 1)


def _window(focus: int, size: int, room: int) -> range:
    start = max(0, min(focus - room // 2, size - room))
    return range(start, min(size, start + room))


def _row_of(
    tile: _Tile, y: int, used: list[set[tuple[int, int]]], pointed: tuple[int, int], followed: Part | None, hide: bool
) -> Line:
    """Line `y` of a tile: its name, its column numbers, then its rows."""
    if y == 0:
        return [(tile.head.ljust(tile.width), "name")]
    line: Line
    if y == 1:
        line = [(" " * tile.label, "index")]
        for column in tile.columns:
            first, last = column == tile.columns.start > 0, column == tile.columns.stop - 1 < tile.matrix.shape[1] - 1
            line.append((f"{'‹' * first}{column}{'›' * last}".rjust(CELL), "index"))
    elif y - 2 < len(tile.rows):
        row = tile.rows[y - 2]
        first, last = row == tile.rows.start > 0, row == tile.rows.stop - 1 < tile.matrix.shape[0] - 1
        line = [(f"{row}{'↑' if first else '↓' if last else ' '}".rjust(tile.label), "index")]
        for column in tile.columns:
            role = _role(tile.operand, (row, column), used, pointed, followed)
            text = "?" if hide and role == "pointed" else cell(float(tile.matrix.values[row, column]))
            line += [(" ", "plain"), (text.rjust(CELL - 1), role)]
    else:
        line = []
    rest = tile.width - sum(len(text) for text, _ in line)
    return [*line, (" " * rest, "plain")]


def _role(
    operand: int,
    place: tuple[int, int],
    used: list[set[tuple[int, int]]],
    pointed: tuple[int, int],
    followed: Part | None,
) -> str:
    if operand == OUT:
        return "pointed" if place == pointed else "plain"
    if followed and (followed.operand, followed.row, followed.column) == (operand, *place):
        return "followed"
    return "used" if place in used[operand] else "plain"
