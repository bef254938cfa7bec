"""What the two scikit-learn estimators share: everything but the meaning of y."""

from __future__ import annotations

import math
import warnings
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from engine.arrays import Array
from engine.estimator import settings as settings
from engine.estimator.epoch_loop import EpochLog, Rules, search, train_epochs
from engine.parameters import initialize
from engine.predictor import Predictor, layers_of
from engine.spec import NetworkSpec, SpecError
from engine.training.trainer import Trainer

OUTPUT_NAMES = {"binary": "logistic", "multiclass": "softmax", "regression": "identity"}
DENSE_BYTES = 2**31  # the largest dense array that sparse training data are turned into
NOT_FINITE = "the cost is infinite or not a number from the start: scale X and y, or start from smaller parameters"


def stochastic(estimator: Any) -> bool:
    """Whether it has a partial_fit; raises AttributeError where not."""
    if settings.has_line_search(estimator.solver):
        raise AttributeError("lbfgs looks at all examples at once, so that it has no partial_fit")
    return True


class DeepNet(BaseEstimator):  # type: ignore[misc]
    """What the classifier and the regressor share: everything but the meaning of y."""

    _y_checks: dict[str, bool]
    _memory: dict[str, Any] | None
    best_loss_: float | None
    best_validation_score_: float | None
    network_: NetworkSpec  # the one that was fitted, whatever the settings are now
    validation_scores_: list[float] | None

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

    # -- fitting

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on X (m, n0) and y (m,) or (m, outputs), from the start unless `warm_start` is set.

        `sample_weight` is (m,). Raises ValueError for data or settings that can't be trained with, and warns
        with ConvergenceWarning where training ended before it had settled.
        """
        return self._fit(X, y, sample_weight, incremental=False)

    @available_if(stochastic)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One more epoch on X (m, n0) and y, going on with what the optimizer remembers. Not with lbfgs."""
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
            self._search(network, X, Y, weight)
        else:
            self._descend(network, X, Y, weight, generator, incremental=incremental)
        return self

    def _start(self, network: NetworkSpec, generator: np.random.RandomState, dtype: np.dtype[Any]) -> None:
        """The first parameters and an empty record.

        `auto` draws weights and biases from U(-a, a), a = sqrt(6 / (n_in + n_out)), or sqrt(2 / ...) for the
        sigmoid (Glorot and Bengio, 2010), layer by layer: what scikit-learn starts from.
        """
        if self.initializer == "auto":
            spread = 2.0 if self.activation in ("logistic", "sigmoid") else 6.0
            self.coefs_, self.intercepts_ = [], []
            for inputs, units in zip(network.dims, network.dims[1:], strict=False):
                bound = math.sqrt(spread / (inputs + units))
                self.coefs_.append(generator.uniform(-bound, bound, (inputs, units)).astype(dtype))
                self.intercepts_.append(generator.uniform(-bound, bound, units).astype(dtype))
        else:
            self._take(initialize(network, int(generator.randint(2**31 - 1))), dtype)
        self.n_layers_ = len(network.dims)
        self.out_activation_ = OUTPUT_NAMES[self._task]
        self.t_, self.n_iter_ = 0, 0
        self.loss_curve_: list[float] = []
        self.best_loss_, self.validation_scores_, self.best_validation_score_ = None, None, None
        self._memory, self._no_improvement_count = None, 0

    def _search(self, network: NetworkSpec, X: Array, Y: Array, weight: Array | None) -> None:
        training = settings.training_of(self, len(X), X.dtype, 0, whole_batch=True)
        trainer = Trainer(network, training, X.T, Y.T, parameters=self._named(), sample_weight=weight)
        if not math.isfinite(trainer.cost()):
            raise ValueError(NOT_FINITE)
        limit, evaluations = int(self.max_iter), int(self.max_fun)
        losses, reason = search(trainer, limit, evaluations, float(self.tol), self._say)
        self.n_iter_ = len(losses)
        self.loss_curve_ += losses
        self._take(trainer.parameters, X.dtype)
        self.loss_ = self.best_loss_ = trainer.cost()
        if reason != "arrived":
            bound = f"max_fun={evaluations} evaluations" if reason == "evaluations" else f"max_iter={limit} iterations"
            self._warn(f"lbfgs has not converged within {bound}; raise them or scale the data")

    def _descend(
        self,
        network: NetworkSpec,
        X: Array,
        Y: Array,
        weight: Array | None,
        generator: np.random.RandomState,
        *,
        incremental: bool,
    ) -> None:
        held_out = None
        if self.early_stopping:
            X, Y, weight, held_out = self._hold_out(X, Y, weight, generator)
        seed = (int(generator.randint(2**31 - 1)) + self.t_) % 2**32
        training = settings.training_of(self, len(X), X.dtype, seed, whole_batch=not incremental)
        trainer = Trainer(network, training, X.T, Y.T, parameters=self._named(), sample_weight=weight)
        if incremental:
            trainer = self._remind(trainer, X, Y, weight)
        log = self._record(incremental=incremental)
        rules = Rules(
            1 if incremental else int(self.max_iter),
            float(self.tol),
            float(self.n_iter_no_change),
            self.learning_rate,
            float(self.learning_rate_init),
            float(self.power_t),
        )
        score = None if held_out is None else lambda: self._held_out_score(trainer, *held_out)
        try:
            reason = train_epochs(trainer, len(X), rules, log, score, self._say)
        except KeyboardInterrupt:
            warnings.warn("interrupted: what was trained so far is kept", stacklevel=3)
            reason = "interrupted"
        self._note(trainer, log, network)
        self._take(trainer.parameters if log.best is None else log.best, X.dtype)
        if reason == "diverged":
            if not math.isfinite(trainer.cost()):
                raise ValueError(NOT_FINITE)
            end = trainer.finished()
            self._warn(f"{end.message if end else 'diverged'}; lower learning_rate_init or scale the data")
        elif reason == "limit" and not incremental:
            self._warn(f"training has not converged within max_iter={self.max_iter} epochs")

    def _hold_out(
        self, X: Array, Y: Array, weight: Array | None, generator: np.random.RandomState
    ) -> tuple[Array, Array, Array | None, tuple[Array, Array, Array | None]]:
        """Training part and held-out part; one column of classes is split in proportion."""
        stratify = Y.astype(bool) if self._task != "regression" and Y.shape[1] == 1 else None
        rows = np.arange(len(X))
        train, held = train_test_split(
            rows, random_state=generator, test_size=self.validation_fraction, stratify=stratify
        )
        if len(held) < 2:
            raise ValueError("The validation set is too small. Raise validation_fraction, or give more examples.")
        part = None if weight is None else weight[train]
        return X[train], Y[train], part, (X[held], Y[held], None if weight is None else weight[held])

    def _record(self, *, incremental: bool) -> EpochLog:
        """The record of earlier calls, to be continued."""
        log = EpochLog(self.loss_curve_, examples=self.t_)
        if self.best_loss_ is not None:
            log.best_loss = self.best_loss_
        if self.early_stopping:
            log.scores = self.validation_scores_ or []
            log.best = self._named()
            if self.best_validation_score_ is not None:
                log.best_score = self.best_validation_score_
        if incremental:
            log.waited = self._no_improvement_count
        return log

    def _remind(self, trainer: Trainer, X: Array, Y: Array, weight: Array | None) -> Trainer:
        """The same trainer with what the optimizer remembered when the last call ended."""
        memory: dict[str, Any] | None = getattr(self, "_memory", None)
        if memory is None or memory["optimizer"] != trainer.training.optimizer:
            return trainer
        state = trainer.state()
        state["arrays"].update(memory["slots"])
        position = state["meta"]["numbers"]["stands"]
        position["iteration"] = position["updates"] = memory["iteration"]
        trainer = Trainer.from_state(state, X.T, Y.T, sample_weight=weight)
        trainer.change(learning_rate=memory["rate"])
        return trainer

    def _note(self, trainer: Trainer, log: EpochLog, network: NetworkSpec) -> None:
        """Attributes from the record, and the optimizer's memory for the next partial_fit."""
        self.n_iter_ = log.epochs
        self.t_ = log.examples
        self._no_improvement_count = log.waited
        self._memory = None
        if log.losses:
            self.loss_ = log.losses[-1]
        self.validation_scores_ = log.scores
        if self.early_stopping:
            self.best_loss_, self.best_validation_score_ = None, log.best_score
            return
        self.best_loss_, self.best_validation_score_ = log.best_loss, None
        slots = {name: slot for name, slot in trainer.state()["arrays"].items() if name.startswith("slot ")}
        if any(slot.size != network.size for slot in slots.values()):
            return
        self._memory = {
            "optimizer": trainer.training.optimizer,
            "iteration": trainer.iteration,
            "rate": trainer.training.learning_rate,
            "slots": slots,
        }

    def _held_out_score(self, trainer: Trainer, X: Array, Y: Array, weight: Array | None) -> float:
        """Accuracy, or R2; nan where the network no longer gives numbers."""
        A = trainer.predict(X.T).T
        if not np.isfinite(A).all():
            return math.nan
        if self._task == "regression":
            return float(r2_score(Y, A, sample_weight=weight))
        right = A.argmax(1) == Y.argmax(1) if self._task == "multiclass" else ((A > 0.5) == (Y > 0.5)).all(1)
        return float(np.average(right, weights=weight))

    def _say(self, line: str) -> None:
        if self.verbose:
            print(line)  # noqa: T201 - this is what verbose asks for

    def _warn(self, message: str) -> None:
        warnings.warn(message, ConvergenceWarning, stacklevel=5)

    # -- parameters and predictions

    def _named(self) -> dict[str, Array]:
        """coefs_ and intercepts_ as W1, b1, ..."""
        named = {f"W{layer}": np.asarray(W).T for layer, W in enumerate(self.coefs_, start=1)}
        return {**named, **{f"b{layer}": np.asarray(b)[:, None] for layer, b in enumerate(self.intercepts_, start=1)}}

    def _take(self, named: dict[str, Array], dtype: np.dtype[Any]) -> None:
        layers = range(1, len(named) // 2 + 1)
        self.coefs_ = [np.ascontiguousarray(named[f"W{layer}"].T, dtype) for layer in layers]
        self.intercepts_ = [named[f"b{layer}"].ravel().astype(dtype) for layer in layers]

    def _fitted(self) -> NetworkSpec:
        """The network that was fitted; where `coefs_` were put in from outside, the one that the settings describe."""
        described = self.n_features_in_, self.n_outputs_, self._task
        return getattr(self, "network_", None) or settings.network_of(self, *described)

    def _forward(self, X: Any) -> Array:
        """A[L] (m, nL) of X (m, n0), sparse rows made dense block by block."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse=["csr", "csc"], dtype=(np.float64, np.float32), reset=False)
        predictor = Predictor(self._fitted(), layers_of(self._named()))
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
    """Sparse X (m, n0) as the dense array that training needs, if it is not too large."""
    if not hasattr(X, "toarray"):
        return np.asanyarray(X)
    size = X.shape[0] * X.shape[1] * X.dtype.itemsize
    if size > DENSE_BYTES:
        raise ValueError(
            f"X is sparse, and training needs it dense, which would take {size / 2**30:,.1f} GiB (at most "
            f"{DENSE_BYTES / 2**30:g} are taken); lower the number of features first"
        )
    return np.asarray(X.toarray())
