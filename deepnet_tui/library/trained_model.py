"""A trained network as a program uses it: it predicts raw rows, explains one, is saved, and shows itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted, listed
from deepnet_tui.data.preparation.inverse import UNKNOWN
from deepnet_tui.export import Receipt, export
from deepnet_tui.library.errors import check_path, raises_value_errors
from deepnet_tui.library.frames import columns_for, is_frame
from deepnet_tui.library.history import CostHistory, TrainingOutcome, metrics_table, metrics_text
from deepnet_tui.library.notebook import heading, lines, panel, table
from deepnet_tui.library.summary import HEADER, ModelSummary, summary_of
from deepnet_tui.model import Model, Prediction
from deepnet_tui.predict.finite import TOO_LARGE, first_not_finite
from deepnet_tui.understand.contributions import Contributions, contributions
from engine.arrays import Array

WHOLE = r"0|-?[1-9]\d{0,17}"  # a class that is a whole number, written as such


@dataclass(frozen=True, repr=False, eq=False)
class TrainedModel:
    """A trained network, as `deepnet_tui.train` and `deepnet_tui.load` give it.

    New data are raw rows, prepared as in training: a data frame, a dict of columns, a list of rows (each a dict), an
    array (m, columns) in the order of `columns`, or the path of a data file. Columns are found by name in any order;
    others are ignored. A missing value is filled in or known as missing, and a word that training never saw is
    unknown, as in training.

    `model` has the parameters, the preparation and the test vectors. `outcome` says what came of the training, None
    for a model out of a file. Every error is an InputError of one sentence, which is a ValueError.
    """

    model: Model
    outcome: TrainingOutcome | None = None
    background: Mapping[str, Any] | None = field(default=None)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that new data need."""
        return self.model.preparation.columns

    @property
    def target(self) -> str | tuple[str, ...]:
        """The column that is predicted, or several."""
        return self.model.targets if self.model.further_targets else self.model.target

    @property
    def classes(self) -> tuple[Any, ...]:
        """The labels, in the order of the columns of `predict_proba`; () for numbers.

        They are what `pandas.read_csv` makes of them: whole numbers, or True and False, if all of them are; else words.
        """
        return tuple(self._labels.tolist())

    @property
    def _labels(self) -> Array:
        names = self.model.classes
        if names and all(re.fullmatch(WHOLE, name) for name in names):
            return np.array(names, dtype=np.int64)
        if set(names) == {"False", "True"}:
            return np.array([name == "True" for name in names])
        return np.array(names, dtype=object)

    @property
    def metrics(self) -> Mapping[str, Any]:
        """The metrics of "train", "validation" and "test", None for a part that was not there; {} if none are known."""
        return self.model.metrics or {}

    @property
    def history(self) -> CostHistory | None:
        """The costs of the training; None for a model out of a file."""
        return None if self.outcome is None else self.outcome.history

    @raises_value_errors
    def predict(self, data: Any) -> Array:
        """The labels (m,), or the values (m,) in the unit of the target; of several targets (m, targets).

        Of two classes the second is predicted where its probability is above the model's threshold. Raises InputError
        for a column that is not there and a value that can't be read.
        """
        parts = [found.values if found.labels is None else found.labels for found in self._predictions(data)]
        answers = np.concatenate([part for part in parts if part is not None])
        if not self.classes:
            return answers
        place = {name: number for number, name in enumerate(self.model.classes)}
        return self._labels[[place[name] for name in answers]]

    @raises_value_errors
    def predict_proba(self, data: Any) -> Array:
        """The probability of each class (m, classes), in the order of `classes`. Raises InputError like `predict`, and
        for a model that predicts numbers."""
        if not self.classes:
            said = f"the model predicts the number {listed(self.model.targets)}, so that there are no probabilities"
            raise InputError(said, "predict_proba")
        parts = [found.probabilities for found in self._predictions(data)]
        return np.concatenate([part for part in parts if part is not None])

    @raises_value_errors
    def prediction(self, data: Any) -> Prediction:
        """Everything that `predict` and `predict_proba` say of data that are no file, and by column how many words
        were unknown and how many missing values were filled in. Raises InputError like `predict`."""
        (found,) = self._predictions(columns_for(self.model, data))
        return found

    @raises_value_errors
    def explain(self, row: Any, background: Any = None) -> Contributions:
        """How much each column of one row contributes to its prediction: contributions that, with the mean prediction
        over the background, add up to the prediction: a `Contributions`.

        `row` is a dict, a pandas Series, or a data frame of one row. `background` has rows to compare with, in any of
        the forms that `predict` takes but a path; by default up to 100 rows of the training part or, of a model out of
        a file, the few that the file holds. Raises InputError like `predict`, and where there is nothing to compare
        with.
        """
        compared = self._background() if background is None else columns_for(self.model, background)
        return contributions(self.model, _one_row(row), compared)

    @raises_value_errors
    def save(self, path: str | Path, *, overwrite: bool = False, best: bool = False) -> Receipt:
        """Write the model to `path`, whose ending names the format, and check the file; says what was written.

        `best` writes only the best network of an ensemble. Raises InputError for an ending that belongs to no format, a
        path that can't be written, and, without `overwrite`, a file that is there already.
        """
        check_path(path)
        return export(self.model, path, overwrite, best=best)

    def summary(self) -> ModelSummary:
        """The layers with their output shapes and parameters, and the totals; print it."""
        return summary_of(self.model)

    def _predictions(self, data: Any) -> Iterator[Prediction]:
        if isinstance(data, str | Path):
            from deepnet_tui.predict.pieces import pieces
            from deepnet_tui.predict.summary import PredictionSummary

            rows = 1
            for columns in pieces(self.model, Path(data).expanduser(), PredictionSummary(), {}):
                yield self._checked(columns, rows)
                rows += len(columns[self.columns[0]])
        else:
            yield self._checked(columns_for(self.model, data), 1)

    def _checked(self, columns: Mapping[str, Any], first_row: int) -> Prediction:
        found = self.model.predict(columns, first_row)
        place = first_not_finite(found)
        if place is not None:
            raise InputError(f"row {first_row + place:,}: {TOO_LARGE}", "data")
        return found

    def _background(self) -> Any:
        if self.background is not None:
            return self.background
        vectors = self.model.test_vectors
        rows = [row for row in (vectors.raw if vectors else ()) if _is_of_training(row)]
        if not rows:
            raise InputError("the model has no rows to compare with; give some: explain(row, background=...)", "row")
        return rows

    def __repr__(self) -> str:
        network = self.model.network
        size = " → ".join(map(str, network.dims))
        several = f"{network.ensemble} networks " if network.ensemble > 1 else ""
        found = metrics_text(self.metrics)
        return f"TrainedModel of {listed(self.model.targets)}: {several}{size}" + (f"\n{found}" if found else "")

    def _repr_html_(self) -> str:
        found = self.summary()
        what = f"predicts {listed(self.model.targets)} from {counted(len(self.columns), 'column')}"
        return panel(
            heading(self.model.name, what),
            table(HEADER, found.rows),
            lines([" · ".join(found.totals)]),
            metrics_table(self.metrics),
            self.history.svg() if self.history is not None else "",
        )


def _is_of_training(row: Mapping[str, Any]) -> bool:
    """Whether a raw row of the test vectors is one of the training part, not one of gaps or unknown words."""
    plain = [value for value in row.values() if not isinstance(value, list | np.ndarray)]
    known = not any(isinstance(value, str) and value == UNKNOWN for value in plain)
    return known and (not plain or any(value is not None for value in plain))


def _one_row(row: Any) -> dict[str, Any]:
    if is_frame(row):
        row = row.to_pandas() if hasattr(row, "to_pandas") else row
        if len(row) != 1:
            raise InputError(f"one row is explained at a time; the data frame has {counted(len(row), 'row')}", "row")
        row = row.iloc[0]
    if hasattr(row, "to_dict"):
        row = row.to_dict()
    if not isinstance(row, Mapping):
        wanted = "a row must be a dict, a pandas Series or a data frame of one row"
        raise InputError(f"{wanted}, not {type(row).__name__}", "row")
    import pandas as pd

    gaps = {name for name, value in row.items() if pd.api.types.is_scalar(value) and pd.isna(value)}
    return {str(name): None if name in gaps else value for name, value in row.items()}
