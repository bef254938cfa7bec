"""The columns that the peers learn from: numbers and words, told apart on the training rows."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MOST_WORDS = 1000
RARE = 5  # rows; words that fewer training rows have share a column


def features(train: pd.DataFrame, test: pd.DataFrame, target: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both parts as numbers (float64) and words (category, those of the training rows), named c0, c1, ...

    Left out: empty columns, and words of which there are more than 1,000 or more than half as many as rows, such as
    names, ids and texts; the networks leave such columns out, too.
    """
    import pandas as pd

    train, test = (_with_gaps(part) for part in (train, test))
    kept: list[tuple[Any, Any]] = []
    for name in train.columns.drop(target):
        column = train[name].dropna()
        if column.empty:
            continue
        if pd.to_numeric(column, errors="coerce").notna().all():
            kept.append((pd.to_numeric(train[name]), pd.to_numeric(test[name], errors="coerce")))
        elif column.nunique() <= min(MOST_WORDS, len(train) / 2):
            kind = pd.CategoricalDtype(sorted(column.unique()))
            kept.append((train[name].astype(kind), test[name].where(test[name].isin(kind.categories)).astype(kind)))
    sides = (pd.DataFrame({f"c{number}": pair[side] for number, pair in enumerate(kept)}) for side in (0, 1))
    first, second = (side.astype(dict.fromkeys(numbers(side), float)) for side in sides)
    return first, second


def numbers(X: pd.DataFrame) -> list[str]:
    """The names of the columns that are not words."""
    return [name for name in X.columns if X[name].dtype != "category"]


def _with_gaps(text: pd.DataFrame) -> pd.DataFrame:
    """The cells as pandas reads them: an empty one, NA and their like are missing."""
    import pandas as pd

    return pd.read_csv(io.StringIO(text.to_csv(index=False)), dtype=str)


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
