"""What the classifier and the regressor share: the settings, the checks of X and y, and predictions."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from engine.arrays import Array
from engine.estimator import settings
from engine.estimator.fitting import Fitting
from engine.predictor import Predictor, layers_of
from engine.spec import NetworkSpec, SpecError

DENSE_BYTES = 2**31  # the largest dense array that sparse training data are turned into


def has_partial_fit(estimator: Any) -> bool:
    """Whether the estimator has a partial_fit. Raises AttributeError, as `available_if` expects, if not."""
    if settings.has_line_search(estimator.solver):
        raise AttributeError("lbfgs needs all examples in every iteration, so that it has no partial_fit")
    return True


class DeepNet(Fitting):
    """What the classifier and the regressor share: everything except the meaning of y."""

    _y_checks: dict[str, bool]

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        dropout: Any = 0.0,
        initializer: str = "auto",
        clip_norm: float | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.dropout = dropout
        self.initializer = initializer
        self.clip_norm = clip_norm

    @property
    def _task(self) -> str:
        return "regression"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on X (m, n0) and y (m,) or (m, outputs), from the start unless `warm_start` is set.

        `sample_weight` is (m,). Returns the estimator. Raises ValueError for data or settings that can't be trained
        with, and warns with ConvergenceWarning if training has not converged.
        """
        return self._fit(X, y, sample_weight, incremental=False)

    @available_if(has_partial_fit)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train one more epoch on X (m, n0) and y, with the optimizer's memory of the last call. Not with lbfgs."""
        return self._fit(X, y, sample_weight, incremental=True)

    def _fit(self, X: Any, y: Any, sample_weight: Any, *, incremental: bool) -> Self:
        settings.check(self, incremental=incremental)
        first = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            dtype=(np.float64, np.float32),
            reset=first,
            **self._y_checks,
        )
        X = _dense(X)
        Y = self._targets(y, incremental=incremental).astype(X.dtype)
        weight = None if sample_weight is None else _check_sample_weight(sample_weight, X, dtype=np.float64)
        generator = check_random_state(self.random_state)
        network = settings.network_of(self, X.shape[1], Y.shape[1], self._task)
        if first:
            self._start(network, generator, X.dtype)
        elif network.dims != (dims := self._fitted().dims):
            sizes = dims[1:-1]
            raise SpecError("hidden_layer_sizes", f"hidden_layer_sizes must stay {sizes} while training goes on")
        self.network_, self.n_outputs_ = network, Y.shape[1]
        if settings.has_line_search(self.solver):
            self._fit_by_line_search(network, X, Y, weight)
        else:
            self._fit_by_epochs(network, X, Y, weight, generator, incremental=incremental)
        return self

    def _fitted(self) -> NetworkSpec:
        """The network that was fitted; where `coefs_` were put in from outside, the one that the settings describe."""
        described = self.n_features_in_, self.n_outputs_, self._task
        return getattr(self, "network_", None) or settings.network_of(self, *described)

    def _forward(self, X: Any) -> Array:
        """A[L] (m, nL) of X (m, n0); sparse rows are made dense block by block."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse=["csr", "csc"], dtype=(np.float64, np.float32), reset=False)
        predictor = Predictor(self._fitted(), layers_of(self._parameters()))
        if not hasattr(X, "toarray"):
            return np.ascontiguousarray(predictor(X.T).T)
        X = X.tocsr()
        step = max(1, min(predictor.block, 2**22 // X.shape[1]))
        parts = [predictor(X[start : start + step].toarray().T).T for start in range(0, X.shape[0], step)]
        return np.concatenate(parts)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _dense(X: Any) -> Array:
    """X (m, n0) as the dense array that training needs. Raises ValueError if sparse X would be too large."""
    if not hasattr(X, "toarray"):
        return np.asanyarray(X)
    size = X.shape[0] * X.shape[1] * X.dtype.itemsize
    if size > DENSE_BYTES:
        raise ValueError(
            f"X is sparse, and training needs it dense, which would take {size / 2**30:,.1f} GiB (at most "
            f"{DENSE_BYTES / 2**30:g} are taken); lower the number of features first"
        )
    return np.asarray(X.toarray())
