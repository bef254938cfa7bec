from __future__ import annotations

import codecs
import csv
import io
import re
from typing import Any

MISSING = {"", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "<NA>", "n/a", "#N/A", "NaT"}
SEPARATORS = (",", ";", "\t", "|")
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def read(path: str, needed: Any, separator: Any = None, encoding: Any = None, decimal: Any = None) -> Any:
    """The rows of a table with a line of names at its top, each a dictionary. Raises ValueError in one sentence.

    What is not given is found out: the encoding from a byte order mark, else UTF-8, else Windows-1252; the
    separator as the one that finds most of the names in `needed`; a decimal comma where numbers are written so.
    """
    with open(path, "rb") as file:  # noqa: PTH123
        text = decoded(file.read(), encoding)
    if separator is None:
        separator = max(SEPARATORS, key=lambda one: len(set(needed) & set(next(cells(text, one), []))))
    if len(separator) != 1:
        raise ValueError(f"the separator must be one character, not {separator!r}")
    rows = list(cells(text, separator))
    names = rows.pop(0) if rows else []
    if names and all(NUMBER.fullmatch(name.replace(",", ".")) for name in names):
        names, rows = ["" for _ in names], [names, *rows]
    names = [name or f"column{place}" for place, name in enumerate(names, 1)]
    if len(set(names)) < len(names):
        raise ValueError("two columns have the same name")
    for place, row in enumerate(rows, 1):
        if len(row) != len(names):
            raise ValueError(f"row {place:,}: {len(row):,} values where the header has {len(names):,} names")
    columns = [with_points(column, separator, decimal) for column in zip(*rows)]  # noqa: B905
    return [dict(zip(names, row)) for row in zip(*columns)]  # noqa: B905


def decoded(data: bytes, encoding: Any) -> str:
    """The text of a file."""
    found = encoding or next((name for bom, name in BOMS if data.startswith(bom)), "utf-8")
    try:
        return data.decode(found)
    except LookupError:
        raise ValueError(f"the encoding {found!r} is unknown; try utf-8, cp1252 or utf-16") from None
    except UnicodeDecodeError:
        if encoding or found != "utf-8":
            raise ValueError(f"it is not written in {found}; give its --encoding") from None
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        raise ValueError("it is neither UTF-8 nor Windows-1252; give its --encoding") from None


def cells(text: str, separator: str) -> Any:
    """The cells of every line that is not blank, without the spaces around them."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    return ([cell.strip() for cell in row] for row in reader if row and row != [""])


def with_points(column: Any, separator: str, decimal: Any) -> Any:
    """A column with points for decimal commas, if all its cells are numbers then and none of them has a point."""
    if decimal == "." or (decimal is None and separator == ",") or any("." in cell for cell in column):
        return column
    changed = [cell.replace(",", ".", 1) for cell in column]
    return changed if all(cell in MISSING or NUMBER.fullmatch(cell) for cell in changed) else column
