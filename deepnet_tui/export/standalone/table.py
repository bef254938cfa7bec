from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from typing import Any

from deepnet_tui.data.values.number_format import is_numeral, likely_mark, shown_mark

MISSING = {"", "?", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "<NA>", "n/a", "#N/A", "NaT"}
NO_NUMBERS = ("nan", "inf", "infinity")
SEPARATORS = (",", ";", "\t", "|", " ")
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE = 256 * 1024


def read(path: str, needed: Any, given: Any, kept: Any, remarks: Any) -> Any:
    """The rows of a table with a line of names at its top, each a dictionary, and the decimal mark of its numbers.

    `given` says its separator, encoding and decimal mark; what it does not is as `kept` from the training file where
    that fits, or found out: the encoding from a byte order mark, else UTF-8, else Windows-1252; the separator as the
    one that finds most of the names in `needed`; the decimal mark from the cells. What was found is added to
    `remarks`. Raises ValueError in one sentence.
    """
    with open(path, "rb") as file:  # noqa: PTH123
        data = file.read()
    said = {name: value for name, value in kept.items() if name in ("separator", "encoding")}
    form = fitting(data, needed, {**said, **given}) if said else None
    text, encoding, separator = form or found_form(data, needed, given)
    if encoding == "cp1252" and "cp1252" not in (given.get("encoding"), said.get("encoding")):
        remarks.append("The file is not UTF-8; it was read as Windows-1252.")
    blank: list[int] = []
    rows = list(cells(text, separator, blank))
    beginning = [cell for row in first_rows(data, encoding, separator)[1:] for cell in row]
    decimal = given.get("decimal") or shown_mark(beginning, separator) or kept.get("decimal")
    decimal = decimal or likely_mark(beginning, separator)
    if decimal == "," and not given.get("decimal"):
        remarks.append("Numbers are read with a decimal comma.")
    names = rows.pop(0) if rows else []
    if names and all(name.lower() not in NO_NUMBERS and is_numeral(name, decimal) for name in names):
        names, rows = ["" for _ in names], [names, *rows]
        remarks.append("The first row holds numbers, so the columns are called column1, column2, ...")
    names = [name or f"column{place}" for place, name in enumerate(names, 1)]
    if len(set(names)) < len(names):
        raise ValueError("two columns have the same name")
    for place, row in enumerate(rows, 1):
        if len(row) != len(names):
            raise ValueError(f"row {place:,}: {len(row):,} values where the header has {len(names):,} names")
    if sum(blank):
        remarks.append(f"{sum(blank):,} blank line{' was' if sum(blank) == 1 else 's were'} skipped.")
    return [dict(zip(names, row)) for row in rows], decimal  # noqa: B905


def found_form(data: bytes, needed: Any, reading: Any) -> Any:
    """The text of a file, its encoding and its separator."""
    text, encoding = decoded(data, reading.get("encoding"))
    separator = reading.get("separator")
    if separator is None:
        separator = max(SEPARATORS, key=lambda one: len(set(needed) & set(next(cells(text, one), []))))
    if len(separator) != 1:
        raise ValueError(f"the separator must be one character, not {separator!r}")
    return text, encoding, separator


def fitting(data: bytes, needed: Any, reading: Any) -> Any:
    """The same, or None if some of the names in `needed` are not found so."""
    try:
        form = found_form(data, needed, reading)
    except ValueError:
        return None
    return form if set(needed) <= set(next(cells(form[0], form[2]), [])) else None


def first_rows(data: bytes, encoding: str, separator: str) -> Any:
    """The rows in which the app looks for the decimal mark."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(data[:SAMPLE])
    lines = list(io.StringIO(text, newline=""))
    if len(data) >= SAMPLE and len(lines) > 1:
        lines.pop()
    return list(cells("".join(lines), separator))


def decoded(data: bytes, encoding: Any) -> Any:
    """The text of a file and its encoding."""
    found = encoding or next((name for bom, name in BOMS if data.startswith(bom)), "utf-8")
    try:
        return data.decode(found), found
    except LookupError:
        raise ValueError(f"the encoding {found!r} is unknown; try utf-8, cp1252 or utf-16") from None
    except UnicodeDecodeError:
        if encoding or found != "utf-8":
            raise ValueError(f"it is not written in {found}; give its --encoding") from None
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        raise ValueError("it is neither UTF-8 nor Windows-1252; give its --encoding") from None


def cells(text: str, separator: str, blank: Any = None) -> Any:
    """The cells of every line that is not blank, without the spaces around them.

    The numbers of blank lines before each are added to `blank` if it is a list.
    """
    lines = iter(io.StringIO(text, newline=""))
    skipped = 0
    for line in lines:
        if not line.strip(" \r\n" if separator == "\t" else " \t\r\n"):
            skipped += 1
            continue
        if blank is not None:
            blank.append(skipped)
        skipped = 0
        first = re.sub(r"[ \t]+", " ", line.strip(" \t\r\n")) + "\n" if separator == " " else line
        reader = csv.reader(itertools.chain([first], lines), delimiter=separator, skipinitialspace=True)
        yield [cell.strip() for cell in next(reader)]
