"""Where a text table begins: a line that names the separator, comment lines, lines above the header, the header.

An exported Python file holds a copy of this text, so that it reads a table as the app does.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from deepnet_tui.data.values.number_format import value_of

COMMENT_MARKS = ("#", "%", "~", "!", "//")
MOST_LINES = 100  # above a header that is found
MOST_BELOW = 300  # lines below it that are looked at
MOSTLY_NUMBERS = 0.8  # of the cells below a name

Split = Callable[[str, str], Iterator[list[str]]]
"""From a text and its separator to the cells of each row."""


@dataclass(frozen=True)
class TableStart:
    """What stands above the rows: `skip` lines, and lines that begin with `comment` ("" for none), here and below.

    `header` is a comment line that holds the names, "" where they stand in a line of their own. `separator` is
    what a first line `sep=;` says.
    """

    skip: int = 0
    comment: str = ""
    header: str = ""
    separator: str | None = None
    notes: tuple[str, ...] = ()


def table_lines(lines: Iterable[str], skip: int, comment: str) -> Iterator[str]:
    """The lines without the first ones and without comments; a line break between quotes begins no comment."""
    inside = False
    for number, line in enumerate(lines):
        if number < skip:
            continue
        if comment and not inside and line.startswith(comment):
            continue
        inside ^= bool(line.count('"') % 2)
        yield line


def find_start(
    lines: list[str], split: Split, skip_given: int | None, comment_given: str | None, separator_given: str | None
) -> TableStart:
    """The start of a table from its first lines, as given or, where that is None, as found."""
    if skip_given is not None:
        skip, separator, notes = skip_given, None, []
    elif named := re.fullmatch(r'\ufeff?"?sep=([\t -!#-~])"?\s*', lines[0], re.IGNORECASE):
        skip, separator, notes = 1, named[1], [f"The first line says that {named[1]!r} separates the cells."]
    else:
        skip, separator, notes = 0, None, []
    mark = _first_mark(lines[skip:]) if comment_given is None else comment_given
    start = TableStart(skip, mark, "", separator_given or separator, tuple(notes))
    return _with_comments(lines[skip:], start, comment_given is None, split) if mark else start


def _first_mark(lines: list[str]) -> str:
    first = next((line for line in lines if line.strip()), "")
    return next((mark for mark in COMMENT_MARKS if first.startswith(mark)), "")


def _with_comments(lines: list[str], start: TableStart, guessed: bool, split: Split) -> TableStart:
    """Whether the comment lines at the top are comments, or the last of them is the header."""
    mark, top = start.comment, []
    for line in lines:
        if line.strip() and not line.startswith(mark):
            break
        top.append(line.strip(" \t\r\n"))
    top = [line for line in top if line]
    rest = "".join(table_lines(lines, 0, mark))
    note = f"Lines that begin with {mark!r} are comments and were skipped."
    header = top[-1][len(mark) :] if top else ""
    plain = not header[:1].isspace() and len(top) == 1  # "#id,x" may be a name that begins so
    if top and (width := _header_width(header, rest, start.separator, split)):
        if plain and guessed and width > 1:
            return TableStart(start.skip, "", "", start.separator, start.notes)
        note = f"The names are those of the line {top[-1]!r}."
        return TableStart(start.skip, mark, header.strip(), start.separator, (*start.notes, note))
    if guessed and not rest.strip():
        return TableStart(start.skip, "", "", start.separator, start.notes)
    return TableStart(start.skip, mark, "", start.separator, (*start.notes, note))


def _header_width(header: str, rest: str, separator: str | None, split: Split) -> int:
    """The number of names if a comment line is the header of rows that have none of their own, else 0."""
    for one in (separator,) if separator else (",", ";", "\t", "|", " "):
        try:
            names = [name.strip() for name in next(split(header.strip(), one), [])]
            rows = [row for row, _ in zip(split(rest, one), range(MOST_BELOW), strict=False) if row]
        except csv.Error:
            continue
        if not rows or not all(names) or any(len(row) != len(names) for row in rows):
            continue
        if len(names) == 1 and (one != "," or not is_number(rows[0][0])):
            continue
        named = not any(map(is_number, rows[0])) and any(is_number(cell) for row in rows[1:] for cell in row)
        if not named and not any(map(is_number, names)):
            return len(names)
    return 0


def find_preamble(lines: list[str], separators: tuple[str, ...], split: Split) -> tuple[int, str] | None:
    """How many lines stand above the header, and the separator; None if no line can be told to be the header.

    A header is a line of names from which on all lines have its width, and below it a column of numbers.
    """
    found: tuple[int, int, str] | None = None
    for separator in separators:
        rows = [next(split(line, separator), []) if line.strip() else [] for line in lines[: MOST_LINES + MOST_BELOW]]
        widths = [len(row) for row in rows]
        lower = [width for width in widths[len(widths) // 2 :] if width]
        width = Counter(lower).most_common(1)[0][0] if lower else 0
        top = widths.index(width) if width > 1 and width in widths else 0
        if not 0 < top <= MOST_LINES or any(other not in (0, width) for other in widths[top:]):
            continue
        names, body = rows[top], [row for row in rows[top + 1 :] if row]
        if not body or any(not name.strip() or is_number(name) for name in names):
            continue
        numbers = max(sum(is_number(row[place]) for row in body) for place in range(width))
        if numbers >= MOSTLY_NUMBERS * len(body) and (found is None or width > found[0]):
            found = width, top, separator
    return None if found is None else found[1:]


def is_number(cell: str) -> bool:
    """Whether a cell is a number with either decimal mark, but no word for one."""
    cell = cell.strip()
    for decimal in ".,":
        try:
            return value_of(cell, decimal) is not None and not cell.lstrip("+-")[:1].isalpha()
        except ValueError:
            pass
    return False


def preamble_lines(lines: list[str], start: TableStart, top: int) -> int:
    """How many lines of the file stand above the header, which is line `top` of those that are left by the start."""
    left = sum(1 for _ in table_lines(lines, start.skip, start.comment)) - top
    skip = start.skip
    while sum(1 for _ in table_lines(lines, skip, start.comment)) > left:
        skip += 1
    return skip


def distinct_names(names: list[str]) -> list[str]:
    """The names, those that occur before made different by a number: A, A is A, A.1."""
    taken = set(names)
    seen: set[str] = set()
    numbers: dict[str, int] = {}
    found = []
    for name in names:
        other = name
        while other in seen or (other != name and other in taken):
            numbers[name] = numbers.get(name, 0) + 1
            other = f"{name}.{numbers[name]}"
        seen.add(other)
        found.append(other)
    return found


def wide_encoding(sample: bytes) -> str:
    """UTF-16 without a mark: every other byte of what stands in ASCII is zero; "" if it is something else."""
    even = sample[: len(sample) // 2 * 2]
    for encoding, high in (("utf-16-le", 1), ("utf-16-be", 0)):
        zeros, others = even[high::2].count(0), even[1 - high :: 2].count(0)
        text = even.decode(encoding, "replace")
        if zeros > len(text) / 4 and not others and not any(c < " " and c not in "\t\r\n" for c in text[:10_000]):
            return encoding
    return ""
