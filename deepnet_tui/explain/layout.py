"""The matrices of an operation side by side, as lines of styled text; large ones are cut to a window.

If not all columns fit, those with operands of the entry come first. Nothing here depends on the terminal: a segment is
a text and a role, and the widget has a colour for each role.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from deepnet_tui.explain.operation import Operation, Part
from engine.arrays import Array

Segment = tuple[str, str]  # text, and name | index | plain | used | pointed | followed | sign
StyledLine = list[Segment]
DIGITS = 3
FEWER = 2  # if every operand of the entry fits in this way only
GAP = 3
OUT = -1


@dataclass(frozen=True)
class Hit:
    """The place of an entry: line `y`, characters from `start` to `stop`. `operand` is OUT for the result."""

    y: int
    start: int
    stop: int
    operand: int
    row: int
    column: int


@dataclass(frozen=True)
class Sheet:
    """The lines, and the place of each entry in them."""

    lines: list[StyledLine]
    hits: list[Hit]

    @property
    def text(self) -> list[str]:
        """The lines without their roles."""
        return ["".join(text for text, _ in line).rstrip() for line in self.lines]


@dataclass(frozen=True)
class _MatrixView:
    """One matrix as it is shown, transposed if the formula says so. `used` are the entries the result is made of."""

    name: str
    values: Array
    operand: int
    sign: str
    focus: tuple[int, int]
    used: frozenset[tuple[int, int]]
    transposed: bool = False
    followed: bool = False

    @property
    def used_columns(self) -> int:
        """How many columns have entries that are used."""
        return len({column for _, column in self.used})

    def index(self, row: int, column: int) -> tuple[int, int]:
        """The index of the entry in the matrix before it was transposed."""
        return (column, row) if self.transposed else (row, column)


@dataclass(frozen=True)
class _Tile:
    """The part of a matrix that is shown, in numbers of `digits` digits."""

    seen: _MatrixView
    rows: range
    columns: range
    digits: int

    @property
    def cell(self) -> int:
        return self.digits + 6

    @property
    def label(self) -> int:
        return len(str(self.rows.stop - 1)) + 1

    @property
    def head(self) -> str:
        rows, columns = self.seen.values.shape
        return f"{self.seen.name} ({rows}, {columns})"

    @property
    def width(self) -> int:
        return max(self.label + self.cell * len(self.columns), len(self.head))

    @property
    def shows_all_used(self) -> bool:
        return all(column in self.columns for _, column in self.seen.used)


def cell(value: float, most: int = DIGITS) -> str:
    """A number in at most `most` + 5 characters: `most` digits, or fewer if its power of ten needs the room."""
    if value == 0:
        return "0"
    for digits in range(most, 0, -1):
        text = format(value, f".{digits}g" if 1e-3 <= abs(value) < 1e5 else f".{digits - 1}e")
        mantissa, e, power = text.partition("e")
        text = f"{mantissa}e{int(power)}" if e else text
        if len(text) <= most + 5:
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
    hides: Callable[[int, int], bool] = lambda _row, _column: False,
) -> Sheet:
    """The result and the operands in `width` characters and `height` lines, with the entry [row, column] in focus.

    `hides` says which entries of the result are shown as "?".
    """
    tiles = _tiles(_views(operation, row, column, followed), width, max(1, height - 2))
    lines: list[StyledLine] = [[] for _ in range(min(height, 2 + max(len(tile.rows) for tile in tiles)))]
    hits: list[Hit] = []
    left = 0
    for at, tile in enumerate(tiles):
        if at:
            for y, line in enumerate(lines):
                line.append((f" {tile.seen.sign if y == 2 else '':1} ", "sign"))
            left += GAP
        for y, line in enumerate(lines):
            line.extend(_row_of(tile, y, hides))
        for y, at_row in enumerate(tile.rows, start=2):
            for x, at_column in enumerate(tile.columns):
                start = left + tile.label + x * tile.cell
                hits.append(Hit(y, start, start + tile.cell, tile.seen.operand, *tile.seen.index(at_row, at_column)))
        left += tile.width
    return Sheet(lines, hits)


def _views(operation: Operation, row: int, column: int, followed: Part | None) -> list[_MatrixView]:
    """The result and the operands. In focus is the entry that is pointed at or followed, else the first one used."""
    places: list[list[tuple[int, int]]] = [[] for _ in operation.operands]
    for operand, at_row, at_column in operation.origins(row, column):
        transposed = operand in operation.transposed
        places[operand].append((at_column, at_row) if transposed else (at_row, at_column))
    here = (row, column)
    seen = [_MatrixView(operation.out.name, operation.out.values, OUT, "", here, frozenset([here]))]
    for operand, matrix in enumerate(operation.operands):
        transposed = operand in operation.transposed
        follows = followed is not None and followed.operand == operand
        focus = places[operand][0]
        if followed is not None and follows:
            focus = (followed.column, followed.row) if transposed else (followed.row, followed.column)
        seen.append(
            _MatrixView(
                f"{matrix.name}ᵀ" if transposed else matrix.name,
                matrix.values.T if transposed else matrix.values,
                operand,
                "=" if operand == 0 else operation.signs[operand],
                focus,
                frozenset(places[operand]),
                transposed,
                follows,
            )
        )
    return seen


def _tiles(seen: Sequence[_MatrixView], width: int, height: int) -> list[_Tile]:
    """As much of the matrices as fits, with fewer digits if all operands of the entry fit in this way only."""
    full = _share_width(seen, width, height, DIGITS)
    if len(full) == len(seen) and all(tile.shows_all_used for tile in full):
        return full
    shorter = _share_width(seen, width, height, FEWER)
    return shorter if len(shorter) == len(seen) and all(tile.shows_all_used for tile in shorter) else full


def _share_width(seen: Sequence[_MatrixView], width: int, height: int, digits: int) -> list[_Tile]:
    """The width divided among the matrices: a column for each, then the columns that are used, then the others."""
    fitting = _fitting(seen, width, height, digits)
    given = [1] * len(fitting)
    by_use = sorted(range(len(fitting)), key=lambda at: -fitting[at].used_columns)
    for wanted in ([one.used_columns for one in fitting], [one.values.shape[1] for one in fitting]):
        grown = True
        while grown:
            grown = False
            for at in by_use:
                trial = [count + (k == at) for k, count in enumerate(given)]
                if given[at] < wanted[at] and _width(_windows(fitting, trial, height, digits)) <= width:
                    given, grown = trial, True
    return _windows(fitting, given, height, digits)


def _fitting(seen: Sequence[_MatrixView], width: int, height: int, digits: int) -> list[_MatrixView]:
    """As many of the matrices as fit with one column each; the result and the one that is followed come first."""
    kept: list[int] = []
    for at in sorted(range(len(seen)), key=lambda at: (at > 0, not seen[at].followed)):
        trial = sorted([*kept, at])
        if not kept or _width(_windows([seen[k] for k in trial], [1] * len(trial), height, digits)) <= width:
            kept = trial
    return [seen[at] for at in kept]


def _windows(seen: Sequence[_MatrixView], counts: Sequence[int], height: int, digits: int) -> list[_Tile]:
    tiles = []
    for one, count in zip(seen, counts, strict=True):
        rows, columns = one.values.shape
        tiles.append(_Tile(one, _window(one.focus[0], rows, height), _window(one.focus[1], columns, count), digits))
    return tiles


def _width(tiles: Sequence[_Tile]) -> int:
    return sum(tile.width for tile in tiles) + GAP * (len(tiles) - 1)


def _window(focus: int, size: int, room: int) -> range:
    start = max(0, min(focus - room // 2, size - room))
    return range(start, min(size, start + room))


def _row_of(tile: _Tile, y: int, hides: Callable[[int, int], bool]) -> StyledLine:
    """StyledLine `y` of a tile: its name, its column numbers with the count of hidden columns, then its rows."""
    if y == 0:
        return [(tile.head.ljust(tile.width), "name")]
    rows, columns = tile.seen.values.shape
    line: StyledLine
    if y == 1:
        line = [(" " * tile.label, "index")]
        for column in tile.columns:
            before = column if column == tile.columns.start else 0
            after = columns - column - 1 if column == tile.columns.stop - 1 else 0
            line.append((_number(column, before, after, tile.cell), "index"))
    elif y - 2 < len(tile.rows):
        row = tile.rows[y - 2]
        up, down = row == tile.rows.start > 0, row == tile.rows.stop - 1 < rows - 1
        line = [(f"{row}{'↑' if up else '↓' if down else ' '}".rjust(tile.label), "index")]
        for column in tile.columns:
            role = _role(tile.seen, (row, column))
            value = cell(float(tile.seen.values[row, column]), tile.digits)
            text = "?" if tile.seen.operand == OUT and hides(row, column) else value
            line += [(" ", "plain"), (text.rjust(tile.cell - 1), role)]
    else:
        line = []
    rest = tile.width - sum(len(text) for text, _ in line)
    return [*line, (" " * rest, "plain")]


def _number(column: int, before: int, after: int, width: int) -> str:
    """The number of a column, and how many columns there are before and after the window."""
    left, right = "‹" if before else "", "›" if after else ""
    counted = f"{f'‹{before}+ ' if before else ''}{column}{f' +{after}›' if after else ''}"
    for text in (counted, f"{left}{column}{f' +{after}›' if after else ''}", f"{left}{column}{right}"):
        if len(text) < width:
            return text.rjust(width)
    return str(column).rjust(width)


def _role(seen: _MatrixView, place: tuple[int, int]) -> str:
    if seen.operand == OUT:
        return "pointed" if place == seen.focus else "plain"
    if seen.followed and place == seen.focus:
        return "followed"
    return "used" if place in seen.used else "plain"
