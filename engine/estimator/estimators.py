"""The scikit-learn estimators `DeepNetClassifier` and `DeepNetRegressor`.

Settings have the names, defaults and meanings of those of scikit-learn's MLPClassifier and MLPRegressor, and training
starts from the same numbers for the same `random_state`. docs/estimators.md lists what differs. X is (m, n0) here, as
everywhere in scikit-learn.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels

from engine.arrays import Array
from engine.estimator.base import DeepNet, has_partial_fit


class DeepNetClassifier(ClassifierMixin, DeepNet):  # type: ignore[misc]
    """A deep network for classes: one of two, one of several, or any of several (y (m, labels) of 0 and 1).

    `hidden_layer_sizes` are the units of the hidden layers; `activation` is identity, logistic, tanh, relu,
    leaky_relu, elu, gelu, silu, softplus, sigmoid or linear; `solver` sgd (gd, momentum or nesterov, as `momentum` and
    `nesterovs_momentum` say), adam, lbfgs, gd, momentum, nesterov, rmsprop or adamw. `max_iter` counts epochs, and
    iterations for lbfgs. `dropout` is one rate or one for each hidden layer; `initializer` is auto or one of the
    engine's; `clip_norm` bounds the gradient's norm. The others are those of sklearn.neural_network.MLPClassifier.

    After `fit`: `classes_`, `coefs_` (n_in, n_out) and `intercepts_` (n_out,) of each layer, `loss_`, `best_loss_`,
    `loss_curve_` (the cost before each epoch), `validation_scores_` and `best_validation_score_` (with
    `early_stopping`), `n_iter_`, `t_`, `n_layers_`, `n_outputs_`, `out_activation_`, `n_features_in_`,
    `feature_names_in_`, and `network_`, the NetworkSpec that was fitted.
    """

    _y_checks: dict[str, bool] = {}  # noqa: RUF012 - read only

    @available_if(has_partial_fit)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train one more epoch on X (m, n0) and y; the first call must name all `classes`. Not with lbfgs.

        `sample_weight` is (m,). Returns the estimator. Raises ValueError for data or settings that can't be trained
        with.
        """
        known: Any = getattr(self, "classes_", None)
        if classes is None and known is None:
            raise ValueError("the first partial_fit needs classes: all labels that y will ever hold")
        if classes is not None:
            named = unique_labels(classes)
            if known is not None and not np.array_equal(known, named):
                raise ValueError(f"classes are {named}, but were {known} in the first partial_fit")
            if known is None:
                self.classes_ = named
                multilabel = type_of_target(y).startswith("multilabel")
                self._label_binarizer = LabelBinarizer().fit(y if multilabel else named)
        return self._fit(X, y, sample_weight, incremental=True)

    @property
    def _task(self) -> str:
        return "multiclass" if self._label_binarizer.y_type_ == "multiclass" else "binary"

    def _targets(self, y: Any, *, incremental: bool) -> Array:
        """y as columns of 0 and 1: (m, 1), or (m, classes)."""
        check_classification_targets(y)
        if getattr(y, "ndim", 1) == 2 and y.shape[1] == 1 and not hasattr(y, "toarray"):
            y = column_or_1d(y, warn=True)
        labels = unique_labels(y)
        if incremental:
            multilabel = type_of_target(y).startswith("multilabel")
            unseen: Array = np.zeros(0) if multilabel else np.setdiff1d(labels, self.classes_)
            if len(unseen):
                raise ValueError(f"y holds the labels {unseen}, which are not among the classes {self.classes_}")
        elif self.warm_start and hasattr(self, "classes_"):
            if set(self.classes_) != set(labels):
                raise ValueError(f"warm_start goes on with the classes {self.classes_}, but y holds {labels}")
        else:
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
        Y = self._label_binarizer.transform(y)
        return np.asarray(Y.toarray() if hasattr(Y, "toarray") else Y)

    def predict(self, X: Any) -> Array:
        """The class of each row of X (m, n0): (m,), or (m, labels) of 0 and 1."""
        A = self._forward(X)
        return np.asarray(self._label_binarizer.inverse_transform(A))

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class for each row of X: (m, classes), in the order of `classes_`."""
        A = self._forward(X)
        return np.hstack([1 - A, A]) if A.shape[1] == 1 else A

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithm of `predict_proba`."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.predict_proba(X)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class DeepNetRegressor(RegressorMixin, DeepNet):  # type: ignore[misc]
    """A deep network for numbers: one for each row, or several (y (m, outputs)). The loss is the squared error.

    Settings and attributes are those of DeepNetClassifier; `validation_scores_` are R2.
    """

    _y_checks: dict[str, bool] = {"y_numeric": True}  # noqa: RUF012 - read only

    def _targets(self, y: Any, *, incremental: bool) -> Array:  # noqa: ARG002 - the classifier needs it
        """y as columns (m, outputs)."""
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return np.asarray(y).reshape(len(y), -1)

    def predict(self, X: Any) -> Array:
        """The value for each row of X (m, n0): (m,), or (m, outputs)."""
        A = self._forward(X)
        return A[:, 0] if A.shape[1] == 1 else A

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
