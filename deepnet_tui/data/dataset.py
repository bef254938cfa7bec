"""Data as a network meets them: numbers in arrays, split, with what is needed to prepare new rows alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from deepnet_tui.data.preparation.encoding import Preparation

Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Part:
    """Some of the examples: `X` (n0, m), `Y` (nL, m), and the rows of the source they came from (m,)."""

    X: Floats
    Y: Floats
    rows: npt.NDArray[np.int64]

    @property
    def m(self) -> int:
        """The number of examples."""
        return int(self.X.shape[1])


@dataclass(frozen=True)
class ColumnInfo:
    """What was understood about one column of the source, and why.

    `kind` is numeric, boolean, categorical, date, identifier, constant, text or block; `role` is feature,
    target or ignored. `missing` counts empty values, `distinct` the different ones, of which there may be `more`
    than were looked at, `examples` shows a few.
    """

    name: str
    kind: str
    role: str
    reason: str = ""
    missing: int = 0
    distinct: int = 0
    examples: tuple[str, ...] = ()
    more: bool = False


@dataclass(frozen=True)
class Dataset:
    """One data set made ready for training.

    `inputs` names the rows of X after the preparation; `classes` the outputs of a classification in the order
    of the labels (binary: the class called 0, then the class called 1), and is empty for a number.
    `Y` is 0/1 for binary (1, m), one-hot for multiclass (nL, m), and the standardised target for regression:
    in the target's own unit it is Y * target_scale + target_mean.

    `columns` tells what was understood about each column of the source, `dropped` what is not used and why,
    `notes` what else was done to the data, `warnings` what to look at before the results are believed.
    `table` and `test_table` hold the columns as read, which `Part.rows` points into.
    `reading` is what was said about how the file is written, such as its separator, and the decimal mark it shows.
    """

    name: str
    task: str
    inputs: tuple[str, ...]
    target: str
    classes: tuple[str, ...]
    train: Part
    validation: Part | None = None
    test: Part | None = None
    preparation: Preparation = field(default_factory=Preparation)
    target_mean: float = 0.0
    target_scale: float = 1.0
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    columns: tuple[ColumnInfo, ...] = ()
    source: str = ""
    reading: Mapping[str, str] = field(default_factory=dict)
    table: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    test_table: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def outputs(self) -> int:
        """The number of output units."""
        return int(self.train.Y.shape[0])
