from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from typing import Any

from deepnet_tui.data.readers.text_header import (
    distinct_names,
    find_preamble,
    find_start,
    preamble_lines,
    table_lines,
    wide_encoding,
)
from deepnet_tui.data.values.number_format import is_plain_numeral, likely_mark, shown_mark

MISSING = {"", "?", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "<NA>", "n/a", "#N/A", "NaT"}
PERHAPS_MISSING = {"NA", "None", "null", "NULL"}
SEPARATORS = (",", ";", "\t", "|", " ")
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE = 256 * 1024
FEWEST_LINES = 5
LONGEST_CELL = 16 * 1024**2
OF_THE_FILE = ("separator", "encoding", "skip", "comment")


def read(path: str, needed: Any, given: Any, kept: Any, remarks: Any) -> Any:
    """The rows of a table with a line of names at its top, each a dictionary, and the decimal mark of its numbers.

    `given` says its separator, encoding, decimal mark, lines to skip, comment mark and words for a missing value; what
    it does not is as `kept` from the training file where that fits, or found out: the encoding from a byte order mark,
    else UTF-8, else Windows-1252; the separator as the one that finds most of the names in `needed`; the decimal mark
    from the cells; lines that are none of the table from how they begin. What was found is added to `remarks`. Raises
    ValueError in one sentence.
    """
    csv.field_size_limit(LONGEST_CELL)
    with open(path, "rb") as file:  # noqa: PTH123
        data = file.read()
    said = {name: value for name, value in kept.items() if name in OF_THE_FILE}
    form = fitting(data, needed, {**said, **given}) if said else None
    names, lines, encoding, separator, header, notes = form or found_form(data, needed, given)
    if encoding == "cp1252" and "cp1252" not in (given.get("encoding"), said.get("encoding")):
        remarks.append("The file is not UTF-8; it was read as Windows-1252.")
    remarks += notes
    blank: list[int] = []
    rows = list(cells("".join(lines), separator, blank))
    beginning = [cell for row in first_rows(data, encoding, lines, separator)[header:] for cell in row]
    decimal = given.get("decimal") or shown_mark(beginning, separator) or kept.get("decimal")
    decimal = decimal or likely_mark(beginning, separator)
    if decimal == "," and not given.get("decimal"):
        remarks.append("Numbers are read with a decimal comma.")
    if header and names and all(is_plain_numeral(name, decimal) for name in names):
        names = [f"column{place}" for place in range(1, len(names) + 1)]
        remarks.append("The first row holds numbers, so the columns are called column1, column2, ...")
    else:
        rows = rows[header:]
    for place, row in enumerate(rows, 1):
        if len(row) < len(names) or any(row[len(names) :]):
            raise ValueError(f"row {place:,}: {len(row):,} values where the header has {len(names):,} names")
    if sum(blank):
        remarks.append(f"{sum(blank):,} blank line{' was' if sum(blank) == 1 else 's were'} skipped.")
    gone = {word.strip() for word in (given.get("missing") or kept.get("missing") or "").split(",")}
    return [{name: "" if cell in gone else cell for name, cell in zip(names, row)} for row in rows], decimal  # noqa: B905


def found_form(data: bytes, needed: Any, reading: Any) -> Any:
    """The names of a file, its lines without those that are none of the table, its encoding and separator, whether a
    line of the table is the header, and notes."""
    text, encoding = decoded(data, reading.get("encoding"))
    every = list(io.StringIO(text, newline=""))
    if not text.strip("\ufeff\r\n\t "):
        raise ValueError("which is empty")
    beginning = every[: max(FEWEST_LINES, text.count("\n", 0, SAMPLE))]
    separator, skip = reading.get("separator"), reading.get("skip")
    if separator is not None and len(separator) != 1:
        raise ValueError(f"the separator must be one character, not {separator!r}")
    start = find_start(beginning, cells, None if skip is None else int(skip), reading.get("comment"), separator)
    notes = list(start.notes)
    separator = start.separator or separator_for(beginning, start, needed)
    below = list(table_lines(beginning, start.skip, start.comment))
    skip = start.skip
    names: list[str] = next(cells(start.header or "".join(below), separator), [])
    if reading.get("skip") is None and not start.header and not set(needed) <= set(distinct_names(names)):
        candidates = (start.separator,) if start.separator else SEPARATORS
        found = find_preamble(below, candidates, cells)
        if found is not None:
            skip, separator = preamble_lines(beginning, start, found[0]), found[1]
            names = next(cells("".join(below[found[0] :]), separator), [])
            notes.append(f"Lines above the header that were skipped: {found[0]:,}.")
    lines = list(table_lines(every, skip, start.comment))
    names = distinct_names([name or f"column{place}" for place, name in enumerate(names, 1)])
    return names, lines, encoding, separator, not start.header, notes


def separator_for(lines: Any, start: Any, needed: Any) -> str:
    """The separator that finds most of the names in `needed`."""
    text = start.header or "".join(table_lines(lines, start.skip, start.comment))
    return max(SEPARATORS, key=lambda one: len(set(needed) & set(distinct_names(next(cells(text, one), [])))))


def fitting(data: bytes, needed: Any, reading: Any) -> Any:
    """The same, or None if some of the names in `needed` are not found so."""
    try:
        form = found_form(data, needed, reading)
    except ValueError:
        return None
    return form if set(needed) <= set(form[0]) else None


def first_rows(data: bytes, encoding: str, lines: Any, separator: str) -> Any:
    """The rows in which the app looks for the decimal mark."""
    sample = codecs.getincrementaldecoder(encoding)("replace").decode(data[:SAMPLE])
    count = len(list(io.StringIO(sample, newline=""))) - (len(data) >= SAMPLE)
    return list(cells("".join(lines[: max(count, FEWEST_LINES)]), separator))


def decoded(data: bytes, encoding: Any) -> Any:
    """The text of a file and its encoding."""
    found = encoding or next((name for bom, name in BOMS if data.startswith(bom)), "utf-8")
    if not encoding and found == "utf-8" and b"\0" in data[:SAMPLE]:
        found = wide_encoding(data[:SAMPLE]) or found
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
