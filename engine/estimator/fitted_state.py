"""What an estimator keeps from one call to the next: parameters, the record of its epochs, the optimizer's memory."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from engine.arrays import Array
from engine.estimator.epoch_loop import EpochLog
from engine.parameters import initialize
from engine.spec import NetworkSpec
from engine.training.trainer import Trainer

OUTPUT_NAMES = {"binary": "logistic", "multiclass": "softmax", "regression": "identity"}


class FittedState(BaseEstimator):  # type: ignore[misc]
    """The fitted attributes of an estimator; its settings are those of `DeepNet`."""

    coefs_: list[Array]  # W (n_in, n_out) of each layer
    intercepts_: list[Array]  # b (n_out,) of each layer
    loss_curve_: list[float]
    best_loss_: float | None
    best_validation_score_: float | None
    network_: NetworkSpec  # the one that was fitted; the settings may have changed
    validation_scores_: list[float] | None
    _memory: dict[str, Any] | None  # of the optimizer, for the next partial_fit

    def _start(self, network: NetworkSpec, generator: np.random.RandomState, dtype: np.dtype[Any]) -> None:
        """Set the first parameters and an empty record.

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
            self._set_parameters(initialize(network, int(generator.randint(2**31 - 1))), dtype)
        self.n_layers_ = len(network.dims)
        self.out_activation_ = OUTPUT_NAMES[self._task]
        self.t_, self.n_iter_ = 0, 0
        self.loss_curve_ = []
        self.best_loss_, self.validation_scores_, self.best_validation_score_ = None, None, None
        self._memory, self._no_improvement_count = None, 0

    def _epoch_log(self, *, incremental: bool) -> EpochLog:
        """The record of earlier calls, to be continued."""
        log = EpochLog(self.loss_curve_, examples=self.t_)
        if self.best_loss_ is not None:
            log.best_loss = self.best_loss_
        if self.early_stopping:
            log.scores = self.validation_scores_ or []
            log.best = self._parameters()
            if self.best_validation_score_ is not None:
                log.best_score = self.best_validation_score_
        if incremental:
            log.waited = self._no_improvement_count
        return log

    def _with_memory(self, trainer: Trainer, X: Array, Y: Array, weight: Array | None) -> Trainer:
        """The trainer, with the optimizer's memory at the end of the last call put in."""
        memory: dict[str, Any] | None = getattr(self, "_memory", None)
        if memory is None or memory["optimizer"] != trainer.training.optimizer:
            return trainer
        state = trainer.state()
        state["arrays"].update(memory["slots"])
        position = state["meta"]["numbers"]["stands"]
        position["iteration"] = position["updates"] = memory["iteration"]
        trainer = Trainer.from_state(state, X.T, Y.T, sample_weight=weight, engine="numpy")
        trainer.change(learning_rate=memory["rate"])
        return trainer

    def _store(self, trainer: Trainer, log: EpochLog, network: NetworkSpec) -> None:
        """Set the attributes from the record, and keep the optimizer's memory for the next partial_fit."""
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

    def _parameters(self) -> dict[str, Array]:
        """coefs_ and intercepts_ as W1, b1, ..."""
        named = {f"W{layer}": np.asarray(W).T for layer, W in enumerate(self.coefs_, start=1)}
        return {**named, **{f"b{layer}": np.asarray(b)[:, None] for layer, b in enumerate(self.intercepts_, start=1)}}

    def _set_parameters(self, named: dict[str, Array], dtype: np.dtype[Any]) -> None:
        """Set coefs_ and intercepts_ to copies of W1, b1, ... in `dtype`."""
        layers = range(1, len(named) // 2 + 1)
        self.coefs_ = [np.ascontiguousarray(named[f"W{layer}"].T, dtype) for layer in layers]
        self.intercepts_ = [named[f"b{layer}"].ravel().astype(dtype) for layer in layers]
