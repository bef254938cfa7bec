"""The columns that the peers learn from: those of the product, as numbers and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.tables.split import held_out, used_columns
from deepnet_tui.data.columns import ColumnInfo
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.preparation.entries import Numeric
from deepnet_tui.data.preparation.fitting import boolean_words
from deepnet_tui.data.preparation.numbers import to_numbers
from deepnet_tui.data.schema.inference import date_order, holds_numbers, words_of
from deepnet_tui.data.schema.number_names import AS_NAMES

if TYPE_CHECKING:
    import pandas as pd

RARE = 5  # rows; words that fewer training rows have share a column


def features(dataset: Dataset) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Training and validation part as numbers (float64) and words (category, those of the training part).

    The columns are named c0, c1, ... Numbers are numbers, also where the product takes them for names; booleans are 0
    and 1, dates the days since 1970-01-01, gaps NaN; a word that the training part does not have is a gap. Raises
    ValueError for a column of another kind.
    """
    import pandas as pd

    train, test = dataset.train.rows, held_out(dataset).rows
    parts: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for number, column in enumerate(used_columns(dataset)):
        values = _values(dataset, column)
        known = None if values.dtype == float else sorted({*values[train]} - {None})
        for part, rows in zip(parts, (train, test), strict=True):
            part[f"c{number}"] = values[rows] if known is None else _category(values[rows], known)
    return pd.DataFrame(parts[0]), pd.DataFrame(parts[1])


def _category(words: Any, known: list[str]) -> pd.Categorical:
    import pandas as pd

    return pd.Categorical([word if word in known else None for word in words], categories=known)


def _values(dataset: Dataset, column: ColumnInfo) -> Any:
    """Numbers (m,) or words (m,) of all rows of the file; NaN or None for gaps."""
    values = dataset.table[column.name]
    if column.kind == "block":
        raise ValueError(f"{column.name!r} has many numbers a row")
    if column.kind == "categorical" and column.reason.startswith(AS_NAMES):
        return values.to_numpy(float) if hasattr(values, "to_numpy") else np.asarray(values, float)
    if column.kind not in ("numeric", "boolean", "date"):
        found = words_of(values)
        return np.array([word or None for word in found.words], object)[found.codes]
    as_words = column.kind == "boolean" and not holds_numbers(values)
    entry = Numeric(
        column.name,
        column.kind,
        words=boolean_words(words_of(values)) if as_words else Numeric.words,
        order=date_order(values) if column.kind == "date" else Numeric.order,
    )
    return to_numbers(values, entry, decimal=dataset.reading.get("decimal", "."))


def numbers(X: pd.DataFrame) -> list[str]:
    """The names of the columns that are not words."""
    return [name for name in X.columns if X[name].dtype != "category"]


def one_hot(X: pd.DataFrame) -> Any:
    """The usual preparation: medians for gaps, standardised numbers, one-hot words."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    names = numbers(X)
    words = make_pipeline(
        SimpleImputer(strategy="constant", fill_value=""),
        OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE),
    )
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), names),
            ("words", words, [name for name in X.columns if name not in names]),
        ]
    )
