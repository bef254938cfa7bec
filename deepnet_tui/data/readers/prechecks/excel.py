"""A check of the XML in an Excel file before openpyxl loads whole rows and parts of it into memory."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from deepnet_tui.common.errors import InputError

LARGEST_PART = 200_000  # elements in one row, one text, or one part beside the rows
LARGEST_TEXTS = 5_000_000  # texts or rows in one part
LARGEST_TOKEN = 2**20  # bytes
LARGEST_TEXT = 2**24  # characters in one row, text or part
PIECE = 2**16
SHEET = "sheetData"


class SheetFacts(NamedTuple):
    """What a sheet has that its cells don't show: `formulas` without a stored value, rows that are `hidden`, and for
    each merged range the row that it begins in."""

    formulas: int = 0
    hidden: int = 0
    merged: tuple[int, ...] = ()


def check_workbook(path: Path, archive: zipfile.ZipFile) -> Mapping[str, SheetFacts]:
    """What is to know of each sheet, by the name of its part.

    Raises InputError for XML that no workbook has: rows, texts or tags without end, or entities of its own.
    """
    found = {}
    for member in archive.infolist():
        part = _Part(path, member.filename)
        try:
            with archive.open(member) as raw:
                while piece := raw.read(PIECE):
                    part.feed(piece)
        except expat.ExpatError:
            continue  # a picture, or damaged: openpyxl gets no further in it either
        found[member.filename] = SheetFacts(part.formulas, part.hidden, tuple(part.merged))
    return found


class _Part:
    """One XML file, counted while it is parsed."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self.depth = self.elements = self.characters = self.texts = self.fed = self.formulas = self.hidden = 0
        self.merged: list[int] = []
        self.inside_rows = self.formula = self.value = self.in_value = False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse

    def feed(self, piece: bytes) -> None:
        self.parser.Parse(piece)
        self.fed += len(piece)
        if self.fed - self.parser.CurrentByteIndex > LARGEST_TOKEN:
            self._refuse()

    def _refuse(self, *_: object) -> None:
        raise InputError(f"{self.path}: {self.name!r} in it is not what a workbook holds: far too much in one place")

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.depth += 1
        tag = tag.rpartition(":")[2]
        if self.depth == 2:
            self.inside_rows = tag == SHEET
        if self.depth == (3 if self.inside_rows else 2):
            self.elements = self.characters = 0
            self.texts += 1
        self.elements += 1
        if self.elements > LARGEST_PART or self.texts > LARGEST_TEXTS:
            self._refuse()
        if tag == "row":
            self.hidden += attributes.get("hidden") in ("1", "true")
        elif tag == "mergeCell" and (row := re.match(r"\$?[A-Z]+\$?(\d{1,7})", attributes.get("ref", ""))):
            self.merged.append(int(row[1]))
        if tag == "c":
            self.formula = self.value = False
        elif tag == "f":
            self.formula = True
        self.in_value = tag in ("v", "is", "t")

    def _text(self, text: str) -> None:
        self.characters += len(text)
        if self.characters > LARGEST_TEXT:
            self._refuse()
        self.value = self.value or self.in_value

    def _end(self, tag: str) -> None:
        self.depth -= 1
        self.in_value = False
        if self.formula and tag.rpartition(":")[2] == "c":
            self.formulas += not self.value
            self.formula = False
