"""The rows that are trained on and those that are tested: the parts that the product makes itself."""

from __future__ import annotations

import hashlib

from benchmarks.tables.listing import Table
from deepnet_tui.cli.source import experiment_from
from deepnet_tui.common.errors import InputError
from deepnet_tui.data.columns import ColumnInfo
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.data.parts import DatasetPart
from deepnet_tui.data.settings import DataSettings


def data_settings(table: Table, seed: int) -> DataSettings:
    """Those of `deepnet-tui train FILE --target T --seed S`: the seed draws the validation part, too."""
    return experiment_from(str(table.path.absolute()), {"target": table.target, "seed": seed}).data


def split(table: Table, seed: int) -> Dataset:
    """The data as `train` splits them: peers learn from the training part and are tested on the validation part.

    Raises ValueError for a table that the product can't use, or one whose target it takes for another task.
    """
    try:
        dataset = load(data_settings(table, seed))
    except InputError as error:
        raise ValueError(str(error)) from None
    found = "regression" if dataset.labels == "numbers" else "classification"
    if found != table.task:
        raise ValueError(f"deepnet-tui takes it for {found}, not {table.task}")
    return dataset


def held_out(dataset: Dataset) -> DatasetPart:
    """The validation part. Raises ValueError where there is none."""
    if dataset.validation is None:
        raise ValueError("there is no validation part")
    return dataset.validation


def used_columns(dataset: Dataset) -> list[ColumnInfo]:
    """The columns that the product learns from."""
    return [column for column in dataset.columns if column.role == "feature"]


def fingerprint(dataset: Dataset) -> str:
    """The same for two splits only if they have the same rows and the same columns of the same kinds."""
    columns = repr([(column.name, column.kind) for column in used_columns(dataset)])
    parts = [part.rows.astype("<i8").tobytes() for part in (dataset.train, held_out(dataset))]
    return hashlib.sha256(b"|".join([*parts, columns.encode()])).hexdigest()[:16]
