"""Numbers as people write them: 1,234.5 or 1.234,5, and how a table shows which of the two it means.

An exported Python file holds a copy of this text, so that it reads a table as the app does.
"""

from __future__ import annotations

import re
from typing import Any

GROUPED = {",": re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+"), ".": re.compile(r"[-+]?[1-9]\d{0,2}(\.\d{3})+")}
WRITTEN = {
    ".": re.compile(r"[-+]?(\d+|[1-9]\d{0,2}(,\d{3})+)?(\.\d*)?([eE][-+]?\d+)?"),
    ",": re.compile(r"[-+]?(\d+|[1-9]\d{0,2}(\.\d{3})+)?(,\d*)?([eE][-+]?\d+)?"),
}


def value_of(word: str, decimal: str = ".") -> float:
    """The number that is written so; the mark that is not the decimal one may stand before every third digit.

    Raises ValueError for everything else.
    """
    if "," not in word and (decimal == "." or "." not in word):
        return float(word)
    if not WRITTEN[decimal].fullmatch(word):
        raise ValueError(word)
    return float(word.replace("," if decimal == "." else ".", "").replace(decimal, "."))


def is_numeral(word: str, decimal: str = ".") -> bool:
    """Whether a word is a written number."""
    try:
        value_of(word, decimal)
    except ValueError:
        return False
    return True


def shown_mark(cells: Any, separator: str) -> str:
    """The decimal mark that the cells of a table show, or "" if they leave it open.

    A mark that may stand for thousands, as in 51.294, shows nothing, unless it stands twice in a number. Where commas
    separate the cells, only one that the model expects is a decimal comma.
    """
    cells = [cell for cell in cells if "," in cell or "." in cell]
    comma, point = (any(_shows(cell, mark) for cell in cells) for mark in (",", "."))
    if separator == ",":
        return "" if comma and not point else "."
    if comma != point:
        return "," if comma else "."
    if comma:
        return ""
    commas, points = (any(cell.count(mark) > 1 and GROUPED[mark].fullmatch(cell) for cell in cells) for mark in ",.")
    return "" if commas == points else "," if points else "."


def likely_mark(cells: Any, separator: str) -> str:
    """The decimal mark of a table that leaves it open: a comma where semicolons take its place between cells."""
    found = [mark for mark in (",", ".") if any(GROUPED[mark].fullmatch(cell) for cell in cells)]
    return "," if separator == ";" and found == [","] else "."


def _shows(cell: str, mark: str) -> bool:
    """Whether a number has the mark where it can only be the decimal one."""
    inside = mark in cell and not cell.endswith(mark)
    return inside and bool(WRITTEN[mark].fullmatch(cell)) and not GROUPED[mark].fullmatch(cell)
