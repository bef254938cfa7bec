"""`TableClassifier` and `TableRegressor`: estimators of scikit-learn that take raw data frames.

Where the estimators of `engine.estimator` want numbers, these do the whole preparation: gaps, words, dates, columns
that are no features. scikit-learn is loaded by this module only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_array, check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_y, _num_samples, check_consistent_length, check_is_fitted, validate_data

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.values.words import to_word
from deepnet_tui.library.errors import raises_value_errors
from deepnet_tui.library.frames import is_frame
from deepnet_tui.library.trained_model import TrainedModel
from deepnet_tui.library.training import train_on
from engine.arrays import Array

LARGEST_SEED = 2**31 - 1
SETTINGS = (
    "hidden",
    "activation",
    "dropout",
    "initializer",
    "ensemble",
    "loss",
    "optimizer",
    "learning_rate",
    "iterations",
    "batch_size",
    "l2",
    "patience",
    "preparation",
)


class TableEstimator(BaseEstimator):  # type: ignore[misc]
    """What the classifier and the regressor share: everything except the meaning of y."""

    def __init__(
        self,
        *,
        hidden: Any = None,
        activation: str | None = None,
        dropout: float | None = None,
        initializer: str | None = None,
        ensemble: int | None = None,
        loss: str | None = None,
        optimizer: str | None = None,
        learning_rate: float | None = None,
        iterations: int | None = None,
        batch_size: Any = None,
        l2: float | None = None,
        patience: int | None = None,
        preparation: str | None = None,
        settings: Mapping[str, Any] | None = None,
        random_state: Any = None,
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.dropout = dropout
        self.initializer = initializer
        self.ensemble = ensemble
        self.loss = loss
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.iterations = iterations
        self.batch_size = batch_size
        self.l2 = l2
        self.patience = patience
        self.preparation = preparation
        self.settings = settings
        self.random_state = random_state

    model_: TrainedModel

    def _train(self, X: Any, y: Array, kind: str) -> None:
        """Train on X and the column y (m,), words or numbers as `kind` says."""
        columns, numeric = self._columns(X, reset=True)
        if len(y) < 2:
            raise InputError(f"there is {len(y)} sample, and at least 2 are needed")
        target = "target"
        while target in columns:
            target += "_"
        chosen = {name: value for name in SETTINGS if (value := getattr(self, name)) is not None}
        chosen |= {"validation": 0.0} | dict(self.settings or {})
        about = dict(chosen.pop("columns", {}))
        about |= {name: {"kind": "numeric", "role": "feature"} | dict(about.get(name, {})) for name in numeric}
        about[target] = {"kind": kind}
        generator = check_random_state(self.random_state)
        seed = int(generator.randint(LARGEST_SEED))
        settings = {"seed": seed, **chosen, "columns": about}
        self.model_ = train_on({**columns, target: y}, target, settings, measured=False)
        self.n_iter_ = self.model_.outcome.iterations if self.model_.outcome else 0

    def _columns(self, X: Any, *, reset: bool) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The columns of X (m, n) by name, and which of them are numbers because X is an array of numbers."""
        if is_frame(X):
            X = X.to_pandas() if hasattr(X, "to_pandas") else X
            if _num_samples(X) == 0 or X.shape[1] == 0:
                missing = "sample(s)" if X.shape[1] else "feature(s)"
                raise InputError(f"Found array with 0 {missing} (shape={X.shape}) while a minimum of 1 is required")
            validate_data(self, X, skip_check_array=True, reset=reset)
            return {str(name): X.iloc[:, place] for place, name in enumerate(X.columns)}, ()
        X = validate_data(self, X, dtype=None, ensure_all_finite="allow-nan", reset=reset)
        if X.dtype.kind == "c":
            raise InputError("complex numbers can't be learned from")
        names = [f"x{place}" for place in range(X.shape[1])]
        columns = {name: X[:, place] for place, name in enumerate(names)}
        return columns, tuple(names) if X.dtype.kind in "biuf" else ()

    def _new(self, X: Any) -> dict[str, Any]:
        """The columns of new rows X (m, n)."""
        check_is_fitted(self, "model_")
        return self._columns(X, reset=False)[0]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags


class TableClassifier(ClassifierMixin, TableEstimator):  # type: ignore[misc]
    """A deep network for classes, out of raw columns.

    X is a data frame as it is: numbers, words, booleans, dates, gaps; or an array (m, n). Columns that name rows or
    are always the same are not used. Parameters are the settings of an experiment's TOML by name, None for the default
    that suits the size of the data; `settings` has further ones, such as {"schedule": "constant"} or
    {"columns": {"id": {"role": "ignored"}}}. No validation part is taken unless `settings` says so.

    After `fit`: `model_` (a TrainedModel, which can be saved), `classes_`, `n_iter_`, `n_features_in_` and
    `feature_names_in_`.
    """

    classes_: Array

    @raises_value_errors
    def fit(self, X: Any, y: Any) -> Self:
        """Train on X (m, n) and the labels y (m,). Raises ValueError for data or settings that can't be used."""
        y = _labels_of(y)
        check_consistent_length(X, y)
        check_classification_targets(y)
        classes, places = np.unique(y, return_inverse=True)
        words = [to_word(label) for label in classes]
        if len(classes) < 2:
            raise InputError(f"y has only one class, {classes[0] if len(classes) else None}; at least 2 are needed")
        if len(set(words)) < len(words) or not all(words):
            words = [f"class {number}" for number in range(len(classes))]
        self._train(X, np.array(words, dtype=object)[places], "categorical")
        self.classes_ = classes
        known = {name: number for number, name in enumerate(self.model_.model.classes)}
        self._order = [known[word] for word in words]
        return self

    def predict(self, X: Any) -> Array:
        """The label (m,) of each row of X (m, n)."""
        columns = self._new(X)
        found = self.model_.prediction(columns).labels
        places = {self.model_.model.classes[place]: number for number, place in enumerate(self._order)}
        return np.asarray(self.classes_[[places[name] for name in np.asarray(found)]])

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class (m, classes), in the order of `classes_`."""
        columns = self._new(X)
        return np.ascontiguousarray(self.model_.predict_proba(columns)[:, self._order])


class TableRegressor(RegressorMixin, TableEstimator):  # type: ignore[misc]
    """A deep network for a number, out of raw columns. Parameters and attributes are those of TableClassifier."""

    @raises_value_errors
    def fit(self, X: Any, y: Any) -> Self:
        """Train on X (m, n) and the numbers y (m,). Raises ValueError for data or settings that can't be used."""
        y = _check_y(y, multi_output=False, y_numeric=True, estimator=self)
        check_consistent_length(X, y)
        self._train(X, np.asarray(y, dtype=np.float64), "numeric")
        return self

    def predict(self, X: Any) -> Array:
        """The value (m,) for each row of X (m, n)."""
        columns = self._new(X)
        return self.model_.predict(columns)


def _labels_of(y: Any) -> Array:
    if y is None:
        raise InputError("requires y to be passed, but the target y is None")
    found = column_or_1d(y, warn=True)
    check_array(found.reshape(-1, 1), dtype=None, ensure_all_finite=found.dtype.kind == "f", ensure_min_samples=0)
    return np.asarray(found)
