"""CSV: the parameters alone, as one long table or as a folder with one file a parameter."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from deepnet_tui.common.formats.csv_text import CsvWriter
from deepnet_tui.export.format import Format, Verification, disagreement
from deepnet_tui.model import Model
from engine.arrays import Array
from engine.parameters import member

HEADER = ["parameter", "row", "column", "value"]
MEMBER = "member"  # the first column of the table of an ensemble: the number of the network, from 0


def save_table(model: Model, path: Path) -> None:
    """Write one line a number: parameter, row, column (both from 0), value with all its digits.

    Of an ensemble the number of the network (from 0) stands before them, and all of one network before the next.
    """
    with path.open("w", newline="", encoding="ascii") as file:
        writer = CsvWriter(file)
        writer.row(_header(model))
        for own, (name, value) in _matrices(model):
            for row, numbers in enumerate(value.tolist()):
                writer.rows((*own, name, row, column, repr(number)) for column, number in enumerate(numbers))


def verify_table(model: Model, path: Path) -> Verification:
    """Read the table and compare every number."""
    found: dict[str, Array] = {name: np.full(value.shape, np.nan) for name, value in model.parameters.items()}
    with path.open(newline="", encoding="ascii") as file:
        reader = csv.reader(file)
        if next(reader) != _header(model):
            raise disagreement("the header")
        for *own, name, row, column, value in reader:
            found[name][(*map(int, own), int(row), int(column))] = float(value)
    return _compared(model, found)


def save_folder(model: Model, path: Path) -> None:
    """Write one file a parameter into the folder: W1.csv holds the rows of W1, without a header.

    Of an ensemble W1_member0.csv holds those of its first network.
    """
    for own, (name, value) in _matrices(model):
        with _file(path, name, own).open("w", newline="", encoding="ascii") as file:
            CsvWriter(file).rows([repr(x) for x in row] for row in value.tolist())


def verify_folder(model: Model, path: Path) -> Verification:
    """Read all files and compare every number."""
    found: dict[str, Array] = {name: np.full(value.shape, np.nan) for name, value in model.parameters.items()}
    for own, (name, value) in _matrices(model):
        with _file(path, name, own).open(newline="", encoding="ascii") as file:
            read = np.array([[float(x) for x in row] for row in csv.reader(file)])
        if read.shape == value.shape:
            found[name][own] = read
    return _compared(model, found)


def _header(model: Model) -> list[str]:
    return HEADER if model.network.ensemble == 1 else [MEMBER, *HEADER]


def _matrices(model: Model) -> Iterator[tuple[tuple[int, ...], tuple[str, Array]]]:
    """Every matrix with its name, and before it the number of its network, () of a single one."""
    members = model.network.ensemble
    for k in range(members):
        for item in member(model.parameters, k).items():
            yield () if members == 1 else (k,), item


def _file(folder: Path, name: str, own: tuple[int, ...]) -> Path:
    return folder / "".join([name, *(f"_{MEMBER}{k}" for k in own), ".csv"])


def _compared(model: Model, found: Mapping[str, Array]) -> Verification:
    for name, value in model.parameters.items():
        if not np.array_equal(found[name], value):
            raise disagreement(name)
    return Verification(True, 0.0, "read back")


CSV = Format("csv", ".csv", "CSV, the parameters as one long table", False, save_table, verify_table)
CSV_FOLDER = Format(
    "csv folder", "/", "a folder of CSV files, one a parameter", False, save_folder, verify_folder, folder=True
)
