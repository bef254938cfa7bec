"""CSV: the parameters alone, as one long table or as a folder with one file a parameter."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from deepnet_tui.export.format import Format, Verification, disagreement
from deepnet_tui.model import Model
from engine.arrays import Array

HEADER = ["parameter", "row", "column", "value"]


def save_table(model: Model, path: Path) -> None:
    """Write one line a number: parameter, row, column (both from 0), value with all its digits."""
    with path.open("w", newline="", encoding="ascii") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for name, value in model.parameters.items():
            for row, numbers in enumerate(value.tolist()):
                writer.writerows((name, row, column, repr(number)) for column, number in enumerate(numbers))


def verify_table(model: Model, path: Path) -> Verification:
    """Read the table and compare every number."""
    found: dict[str, Array] = {name: np.full(value.shape, np.nan) for name, value in model.parameters.items()}
    with path.open(newline="", encoding="ascii") as file:
        reader = csv.reader(file)
        if next(reader) != HEADER:
            raise disagreement("the header")
        for name, row, column, value in reader:
            found[name][int(row), int(column)] = float(value)
    return _compared(model, found)


def save_folder(model: Model, path: Path) -> None:
    """Write one file a parameter into the folder: W1.csv holds the rows of W1, without a header."""
    for name, value in model.parameters.items():
        with (path / f"{name}.csv").open("w", newline="", encoding="ascii") as file:
            csv.writer(file, lineterminator="\n").writerows([repr(x) for x in row] for row in value.tolist())


def verify_folder(model: Model, path: Path) -> Verification:
    """Read all files and compare every number."""
    found = {}
    for name in model.parameters:
        with (path / f"{name}.csv").open(newline="", encoding="ascii") as file:
            found[name] = np.array([[float(x) for x in row] for row in csv.reader(file)])
    return _compared(model, found)


def _compared(model: Model, found: Mapping[str, Array]) -> Verification:
    for name, value in model.parameters.items():
        if not np.array_equal(found[name], value):
            raise disagreement(name)
    return Verification(True, 0.0, "read back")


CSV = Format("csv", ".csv", "CSV, the parameters as one long table", False, save_table, verify_table)
CSV_FOLDER = Format(
    "csv folder", "/", "a folder of CSV files, one a parameter", False, save_folder, verify_folder, folder=True
)
