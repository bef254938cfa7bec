"""The trainer: advances a network's parameters iteration by iteration, reports, and knows when to stop."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from engine import checks, network
from engine.arrays import Array
from engine.compiled.layout import Layout
from engine.compiled.loop import Loop
from engine.compiled.next_update import NextUpdate
from engine.compiled.rollback import Rollback
from engine.network import Predictor
from engine.ops.lbfgs import Lbfgs
from engine.ops.schedules import SCHEDULES
from engine.parameters import initialize
from engine.scores import score, weigh_classes
from engine.spec import NetworkSpec, SpecError, TrainingSpec
from engine.spec.bounds import choice, number, whole
from engine.spec.network import MOST_DROPOUT
from engine.spec.training import MOST_ITERATIONS
from engine.storage import state
from engine.training.events import Event, Finished, Progress
from engine.training.feasibility import fits
from engine.training.stopping import EarlyStopping

Pair = tuple[npt.ArrayLike, npt.ArrayLike]


class Trainer:
    """Trains `network` on X (n0, m) and Y (nL, m) as `training` says.

    `validation` is a held-out pair (X, Y); `parameters` start the run in place of the initializer;
    `sample_weight` (m,) weighs the examples. The caller's arrays are never written to, and must not be changed as long
    as the trainer is in use: they may be read again at any time. A feature of one value is trained on like any
    other: it is a second bias.
    Raises SpecError and DataError, both before anything is trained.
    """

    def __init__(
        self,
        network: NetworkSpec,
        training: TrainingSpec,
        X: npt.ArrayLike,
        Y: npt.ArrayLike,
        validation: Pair | None = None,
        parameters: Mapping[str, npt.ArrayLike] | None = None,
        sample_weight: npt.ArrayLike | None = None,
    ) -> None:
        self._set_up(network, training, X, Y, validation, parameters, sample_weight, None)

    def _set_up(
        self,
        network: NetworkSpec,
        training: TrainingSpec,
        X: npt.ArrayLike,
        Y: npt.ArrayLike,
        validation: Pair | None,
        parameters: Mapping[str, npt.ArrayLike] | None,
        sample_weight: npt.ArrayLike | None,
        use_gram_layer: bool | None,
    ) -> None:
        checks.described(network, training)
        X, Y = checks.examples(network, X, Y)
        self._validation = checks.pair(network, validation)
        fits(network, training, X.shape[1])
        held_out = zip(("validation X", "validation Y"), self._validation or (), strict=False)
        checks.representable(training.dtype, {"X": X, "Y": Y, **dict(held_out)})
        weight = weigh_classes(network, training, Y, checks.weights(sample_weight, X.shape[1]))
        checks.summable(training.dtype, weight)
        start = initialize(network, training.seed) if parameters is None else self._own(network, training, parameters)
        self._loop = Loop(network, training, X, Y, weight, start, use_gram_layer)
        self._rollback = Rollback(self._loop)
        self._stopping = EarlyStopping()
        self._end: Finished | None = None
        self._predictor: Predictor | None = None  # not the loop's own: another thread may ask
        self._reported, self._rate_iteration = -1, 0
        self._looked = 0.0  # seconds spent in reports
        self._data: list[str | None] | None = None

    # -- what is there to see

    @property
    def parameters(self) -> dict[str, Array]:
        """W1, b1, ..., WL, bL as they are now: copies."""
        return self._loop.flat.read()

    @property
    def network(self) -> NetworkSpec:
        """The network, with the dropout that it has now."""
        return self._loop.network

    @property
    def training(self) -> TrainingSpec:
        """The training, with the settings that it has now."""
        return self._loop.training

    @property
    def iteration(self) -> int:
        """How many updates have been made."""
        return self._loop.iteration

    @property
    def seconds(self) -> float:
        """The time spent in iterations."""
        return self._loop.seconds

    @property
    def learning_rate(self) -> float:
        """The rate of the next update, schedule included."""
        return self._loop.learning_rate

    def next_update(self) -> NextUpdate:
        """What the next update takes beside the gradient: rate, number, and the optimizer's memory."""
        return self._loop.next_update()

    @property
    def examples_per_iteration(self) -> int:
        """How many examples one iteration looks at."""
        return self._loop.batching.examples

    @property
    def search(self) -> Lbfgs | None:
        """The line searches of L-BFGS, with its last cost and gradient; None for the other optimizers."""
        return self._loop.search

    @property
    def epoch(self) -> float:
        """How often all examples have been looked at."""
        return self.iteration / self._loop.per_epoch

    def describe(self) -> str:
        """What one iteration does, formula by formula: the plan of the gradient, then the update."""
        return self._loop.describe()

    def predict(self, X: npt.ArrayLike) -> Array:
        """A[L] (nL, m): probabilities, or values for a regression. Raises DataError for a wrong shape."""
        flat = self._loop.flat
        if self._predictor is None:
            self._predictor = Predictor(self.network, flat.layers())
        flat.look()
        return self._predictor(checks.inputs(self.network, X, finite=False))

    def cost(self) -> float:
        """The mean loss on the training data (with mini-batches on a large sample of them) plus the penalties."""
        return self._loop.cost()

    def validation_cost(self) -> float | None:
        """The mean loss on the held-out data, if there are any."""
        return None if self._validation is None else self._loop.mean_loss(*self._validation)

    def score(self, part: str = "train") -> float:
        """Accuracy, or R2 for a regression, on "train" or "validation" data; nan where there are none.

        Raises SpecError for another part.
        """
        choice("part", part, ("train", "validation"))
        pair = (self._loop.X, self._loop.Y) if part == "train" else self._validation
        return math.nan if pair is None else score(self.network.task, self.predict(pair[0]), pair[1])

    def gradients(self, parameters: Mapping[str, Array] | None = None) -> dict[str, Array]:
        """dW1, db1, ... of `cost()` on all training data, at other `parameters` if they are given."""
        loop, training = self._loop, self.training
        with loop.arithmetic():
            return network.gradients(
                self.network, parameters or self.parameters, loop.X, loop.Y, training.l2, training.l1, loop.weight
            )

    # -- training

    def run(self) -> Iterator[Event]:
        """Train to the end: Progress at iteration 0, every `report_every` iterations and the end, then Finished.

        A run that is taken up between two reports goes on to the next one, as if it had never been left.
        """
        while True:
            while self._end is None and self.until_report:
                self.advance(self._piece())
            before = self._reported
            progress = self.report()
            if progress.iteration != before:
                yield progress
            if self._end:
                yield self._end
                return

    def advance(self, n: int) -> None:
        """Exactly `n` more iterations, without events, as fast as it goes; fewer where L-BFGS comes to rest.

        Raises SpecError where `n` is not a whole number from 0.
        """
        whole("n", n, 0, MOST_ITERATIONS)
        self._loop.advance(int(n))

    @property
    def until_report(self) -> int:
        """Iterations from here to the next report; 0 where one is due."""
        if self._loop.at_rest or (self.iteration != self._reported and self._time_is_up()):
            return 0
        target = (self._reported // self.training.report_every + 1) * self.training.report_every
        return max(0, min(target, max(self._limit, self._reported)) - self.iteration)

    def report(self) -> Progress:
        """The costs before the next update. Also where a run is found to have ended: see `finished`."""
        started = time.perf_counter()
        try:
            return self._report()
        finally:
            self._looked += time.perf_counter() - started

    def _report(self) -> Progress:
        cost = self.cost()
        if not self._rollback.is_good(cost):
            cost = self._fall_back(cost)
        progress = Progress(self.iteration, cost, self.validation_cost(), self.learning_rate, self.epoch, self.seconds)
        if self._reported == self.iteration:
            if self._end is None and (reason := self._reason(progress)):
                self._finish(reason, cost)
            return progress
        self._reported = self.iteration
        if self._end is None:
            self._rollback.keep()
            self._follow(progress)
        return progress

    def finished(self) -> Finished | None:
        """How the run ended, as of the last report; None while it goes on."""
        return self._end

    def change(
        self,
        *,
        learning_rate: float | None = None,
        l2: float | None = None,
        dropout: float | Sequence[float] | None = None,
        iterations: int | None = None,
    ) -> None:
        """Change settings between two iterations; `dropout` is one rate for all hidden layers, or one for each.

        Raises SpecError, also where the network no longer fits into memory.
        """
        given: dict[str, Any] = {"learning_rate": learning_rate, "l2": l2, "iterations": iterations}
        training = replace(self.training, **{name: value for name, value in given.items() if value is not None})
        network = self.network
        if dropout is not None:
            rates = self._dropout_rates(dropout)
            layers = zip(network.hidden, rates, strict=True)
            network = replace(network, hidden=tuple(replace(layer, dropout=rate) for layer, rate in layers))
        fits(network, training, self._loop.X.shape[1])
        self._settle()
        if training.l2 != self.training.l2 and self._validation is None and training.monitor == "cost":
            self._stopping = EarlyStopping()  # costs with another penalty say nothing about those before
        if learning_rate is not None:
            self._restart_rate()
        self._loop.change(network, training)
        if self._end and self._goes_on(learning_rate, iterations):
            self._end, self._stopping.waited = None, 0

    def _dropout_rates(self, dropout: float | Sequence[float]) -> tuple[float, ...]:
        hidden = len(self.network.hidden)
        if isinstance(dropout, Sequence) and not isinstance(dropout, str):
            if len(dropout) != hidden:
                raise SpecError("dropout", f"dropout has {len(dropout)} rates, the network {hidden} hidden layers")
            return tuple(dropout)
        number("dropout", dropout, 0.0, MOST_DROPOUT)
        if dropout and not hidden:
            raise SpecError("dropout", "dropout leaves out units of hidden layers, of which this network has none")
        return (dropout,) * hidden

    def _goes_on(self, learning_rate: float | None, iterations: int | None) -> bool:
        """Whether a change lets an ended run go on: another rate after a divergence, else more iterations."""
        if self._end and self._end.reason == "diverged":
            return learning_rate is not None
        return iterations is not None and self.iteration < self._limit

    def assign(self, parameters: Mapping[str, npt.ArrayLike]) -> None:
        """Put these in the place of the parameters; what the optimizer remembers is cleared. Raises DataError."""
        start = self._own(self.network, self.training, parameters)
        self._restart_rate()
        self._loop.assign(start)
        self._loop.set_rate()
        self._stopping = EarlyStopping()
        self._reported, self._end = -1 if self.iteration == 0 else self._reported, None
        self._rollback.keep()

    @staticmethod
    def _own(network: NetworkSpec, training: TrainingSpec, parameters: Mapping[str, npt.ArrayLike]) -> dict[str, Array]:
        """Given parameters after all checks."""
        checked = checks.parameters_for(network, parameters)
        checks.representable(training.dtype, {f"parameter {name}": value for name, value in checked.items()})
        return checked

    def _restart_rate(self) -> None:
        """Forget what a plateau has taken from the rate."""
        self._loop.rate_factor, self._rate_iteration = 1.0, self.iteration

    def _settle(self) -> None:
        """Keep the present moment, or, where the run has diverged since the last report, the last good one."""
        if self.iteration == self._reported:
            return
        cost = self.cost()
        if self._rollback.is_good(cost):
            self._rollback.keep()
        else:
            self._fall_back(cost)

    # -- state

    def state(self) -> dict[str, Any]:
        """Everything that a later `from_state` needs to continue bit for bit; see engine.storage.state for files.

        Of a run that has diverged it is the state of its last good iteration.
        """
        self._settle()
        return state.pack(
            network=self.network,
            training=self.training,
            numbers={
                "stands": self._loop.position(),
                "seconds": self.seconds,
                "looked": self._looked,
                "data": self._fingerprints(),
                "rate_factor": self._loop.rate_factor,
                "reported": self._reported,
                "rate_iteration": self._rate_iteration,
                "watch": self._stopping.state(),
                "end": None if self._end is None else vars(self._end),
            },
            arrays={**self._loop.arrays(), "best": self._stopping.parameters},
        )

    @classmethod
    def from_state(
        cls,
        state_: Mapping[str, Any],
        X: npt.ArrayLike,
        Y: npt.ArrayLike,
        validation: Pair | None = None,
        sample_weight: npt.ArrayLike | None = None,
    ) -> Self:
        """A trainer that continues where `state()` was taken, on the same data. Raises StateError, DataError."""
        stored = state.unpack(state_)
        start = {name: np.zeros(shape) for name, shape in stored.network.shapes.items()}
        trainer = cls.__new__(cls)
        use_gram_layer = (
            "start" in stored.arrays
        )  # what paid then may not pay for the iterations that are asked for now
        trainer._set_up(stored.network, stored.training, X, Y, validation, start, sample_weight, use_gram_layer)
        trainer._restore(stored.numbers, stored.arrays)
        return trainer

    def _fingerprints(self) -> list[str | None]:
        """By which the data of a state are known again: those trained on, and those held out."""
        if self._data is None:
            loop, held_out = self._loop, self._validation
            self._data = [state.fingerprint(loop.X, loop.Y, loop.weight), held_out and state.fingerprint(*held_out)]
        return list(self._data)

    def _restore(self, numbers: dict[str, Any], arrays: dict[str, Array]) -> None:
        loop = self._loop
        with state.reading():
            before = numbers.get("data", self._fingerprints())  # states of version 0.1.0 don't have it
            for kind, then, now in zip(("training", "held-out"), before, self._fingerprints(), strict=True):
                if then != now:
                    raise state.StateError(f"the state belongs to other {kind} data")
            state.expect_numbers(numbers, "seconds", "rate_factor", "reported", "rate_iteration")
            loop.seconds, loop.rate_factor = float(numbers["seconds"]), float(numbers["rate_factor"])
            loop.restore(arrays, numbers["stands"])
            state.expect(arrays, "best", (self.network.size,) if np.size(arrays["best"]) else (0,))
            self._stopping.restore(numbers["watch"], arrays["best"])
            self._reported, self._rate_iteration = int(numbers["reported"]), int(numbers["rate_iteration"])
            self._looked = float(numbers.get("looked", 0.0))
            self._end = None if numbers["end"] is None else Finished(**numbers["end"])
        self._rollback.keep()

    # -- reports

    @property
    def _limit(self) -> int:
        epochs = self.training.epochs
        return min(self.training.iterations, epochs * self._loop.per_epoch if epochs else self.training.iterations)

    def _time_is_up(self) -> bool:
        return self.training.seconds is not None and self.seconds + self._looked >= self.training.seconds

    def _piece(self) -> int:
        """How far to advance in one go: to the report, or a part of what the time that is left allows."""
        if self.training.seconds is None:
            return self.until_report
        left = self.training.seconds - self.seconds - self._looked
        speed = self.iteration / self.seconds if self.seconds else 0.0
        return max(1, min(self.until_report, int(speed * left / 4)))

    def _follow(self, progress: Progress) -> None:
        """Patience, plateau, tolerance and the limits, after a finite report."""
        training, stopping = self.training, self._stopping
        value = progress.cost if progress.validation_cost is None else progress.validation_cost
        if training.monitor == "score":
            value = -self.score("train" if self._validation is None else "validation")
        if stopping.see(value, self.iteration) and training.patience:
            stopping.parameters = self._loop.flat.copy(stopping.parameters)
        if SCHEDULES[training.schedule].by_cost:
            last = max(stopping.best_iteration, self._rate_iteration)
            if self.iteration - last >= training.decay_every:
                self._loop.rate_factor *= training.decay
                self._rate_iteration = self.iteration
                self._loop.set_rate()
        reason = self._reason(progress)
        if reason:
            self._finish(reason, progress.cost)

    def _reason(self, progress: Progress) -> str:
        training, stopping = self.training, self._stopping
        if self._loop.at_rest:
            return "tolerance"
        if training.patience and stopping.waited >= training.patience:
            return "early_stopping"
        if training.tolerance is not None and stopping.improved_by < training.tolerance and progress.iteration:
            return "tolerance"
        if self.iteration >= self._limit:
            return "completed" if self.iteration >= training.iterations else "epochs"
        return "time" if self._time_is_up() else ""

    def _finish(self, reason: str, cost: float) -> None:
        stopping, iteration, message = self._stopping, self.iteration, ""
        if self._loop.at_rest and reason == "tolerance":
            message = "no direction leads further down"
        if self.training.patience and stopping.best_iteration != iteration and stopping.parameters.size:
            iteration = stopping.best_iteration
            message = f"the parameters of iteration {iteration:,} were the best and have been brought back"
            self._loop.assign(Layout(self.network.dims).views(stopping.parameters))
            cost = self.cost()
            self._rollback.keep()
        self._end = Finished(reason, iteration, cost, message)

    def _fall_back(self, found: float) -> float:
        """The run has diverged, with the cost `found`: stay at the last iteration with a finite one, and say so."""
        if self.iteration == 0:
            self._end = Finished("diverged", 0, found, "the cost is infinite or not a number from the start")
            return found
        cost, noticed = self._rollback.restore_last_good()
        where = f"the cost became infinite or not a number at iteration {noticed:,}"
        kept = f"the parameters of iteration {self.iteration:,} are kept"
        self._end = Finished("diverged", self.iteration, cost, f"{where}; {kept}")
        return cost
