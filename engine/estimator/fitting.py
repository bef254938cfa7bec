"""Fitting: by epochs with the rules of scikit-learn's networks, or by the line searches of L-BFGS."""

from __future__ import annotations

import math
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

from engine.arrays import Array
from engine.estimator import settings
from engine.estimator.epoch_loop import Rules, search, train_epochs
from engine.estimator.fitted_state import FittedState
from engine.spec import NetworkSpec
from engine.training.trainer import Trainer

NOT_FINITE = "the cost is infinite or not a number from the start: scale X and y, or start from smaller parameters"


class Fitting(FittedState):
    """Trains on X (m, n0) and Y (m, outputs), checked already, from the current parameters."""

    def _fit_by_line_search(self, network: NetworkSpec, X: Array, Y: Array, weight: Array | None) -> None:
        """Train with L-BFGS.

        Warns with ConvergenceWarning if training has not converged; raises ValueError if the cost is not finite.
        """
        training = settings.training_of(self, len(X), X.dtype, 0, whole_batch=True)
        trainer = Trainer(
            network, training, X.T, Y.T, parameters=self._parameters(), sample_weight=weight, engine="numpy"
        )
        if not math.isfinite(trainer.cost()):
            raise ValueError(NOT_FINITE)
        limit, evaluations = int(self.max_iter), int(self.max_fun)
        losses, reason = search(trainer, limit, evaluations, float(self.tol), self._say)
        self.n_iter_ = len(losses)
        self.loss_curve_ += losses
        self._set_parameters(trainer.parameters, X.dtype)
        self.loss_ = self.best_loss_ = trainer.cost()
        if reason != "converged":
            bound = f"max_fun={evaluations} evaluations" if reason == "evaluations" else f"max_iter={limit} iterations"
            self._warn(f"lbfgs has not converged within {bound}; raise them or scale the data")

    def _fit_by_epochs(
        self,
        network: NetworkSpec,
        X: Array,
        Y: Array,
        weight: Array | None,
        generator: np.random.RandomState,
        *,
        incremental: bool,
    ) -> None:
        """Train epoch by epoch; a single epoch, with the optimizer's memory of the last call, if `incremental`.

        Warns with ConvergenceWarning if training has not converged; raises ValueError if the cost is not finite.
        """
        validation = None
        if self.early_stopping:
            X, Y, weight, validation = self._split_validation(X, Y, weight, generator)
        seed = (int(generator.randint(2**31 - 1)) + self.t_) % 2**32
        training = settings.training_of(self, len(X), X.dtype, seed, whole_batch=not incremental)
        trainer = Trainer(
            network, training, X.T, Y.T, parameters=self._parameters(), sample_weight=weight, engine="numpy"
        )
        if incremental:
            trainer = self._with_memory(trainer, X, Y, weight)
        log = self._epoch_log(incremental=incremental)
        rules = Rules(
            1 if incremental else int(self.max_iter),
            float(self.tol),
            float(self.n_iter_no_change),
            self.learning_rate,
            float(self.learning_rate_init),
            float(self.power_t),
        )
        score = None if validation is None else lambda: self._validation_score(trainer, *validation)
        try:
            reason = train_epochs(trainer, len(X), rules, log, score, self._say)
        except KeyboardInterrupt:
            warnings.warn("interrupted: what was trained so far is kept", stacklevel=3)
            reason = "interrupted"
        self._store(trainer, log, network)
        self._set_parameters(trainer.parameters if log.best is None else log.best, X.dtype)
        if reason == "diverged":
            if not math.isfinite(trainer.cost()):
                raise ValueError(NOT_FINITE)
            end = trainer.finished()
            self._warn(f"{end.message if end else 'diverged'}; lower learning_rate_init or scale the data")
        elif reason == "limit" and not incremental:
            self._warn(f"training has not converged within max_iter={self.max_iter} epochs")

    def _split_validation(
        self, X: Array, Y: Array, weight: Array | None, generator: np.random.RandomState
    ) -> tuple[Array, Array, Array | None, tuple[Array, Array, Array | None]]:
        """X, Y and weight of the training part, and all three of the validation part; two classes are stratified."""
        stratify = Y.astype(bool) if self._task != "regression" and Y.shape[1] == 1 else None
        rows = np.arange(len(X))
        train, validation = train_test_split(
            rows, random_state=generator, test_size=self.validation_fraction, stratify=stratify
        )
        if len(validation) < 2:
            raise ValueError("The validation set is too small. Raise validation_fraction, or give more examples.")
        part, rest = (None, None) if weight is None else (weight[train], weight[validation])
        return X[train], Y[train], part, (X[validation], Y[validation], rest)

    def _validation_score(self, trainer: Trainer, X: Array, Y: Array, weight: Array | None) -> float:
        """Accuracy, or R2 for a regression; nan if the predictions are not finite."""
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
