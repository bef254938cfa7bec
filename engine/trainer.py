"""The trainer: advances a network's parameters iteration by iteration, reports, and knows when to stop."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from engine import checks, network, state
from engine.ahead import Ahead
from engine.events import Event, Finished, Progress
from engine.initializers import initialize
from engine.layout import Layout
from engine.lbfgs import Lbfgs
from engine.loop import Loop
from engine.rescue import Rescue
from engine.scores import score, weigh_classes
from engine.spec import NetworkSpec, TrainingSpec
from engine.stopping import Watch
from engine.tape import Array

Pair = tuple[npt.ArrayLike, npt.ArrayLike]


class Trainer:
    """Trains `network` on X (n0, m) and Y (nL, m) as `training` says.

    `validation` is a held-out pair (X, Y); `parameters` start the run in place of the initializer;
    `sample_weight` (m,) weighs the examples. The caller's arrays are never written to, and must not be changed as long
    as the trainer is in use: they may be read again at any time.
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
        X, Y = checks.examples(network, X, Y)
        self._validation = checks.pair(network, validation)
        checks.fits(network, training, X)
        weight = weigh_classes(network, training, Y, checks.weights(sample_weight, X.shape[1]))
        start = initialize(network, training.seed) if parameters is None else parameters
        self._loop = Loop(network, training, X, Y, weight, checks.parameters_for(network, dict(start)))
        self._rescue = Rescue(self._loop)
        self._watch = Watch()
        self._end: Finished | None = None
        self._reported, self._rate_iteration = -1, 0

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

    def ahead(self) -> Ahead:
        """What the next update takes beside the gradient: rate, number, and the optimizer's memory."""
        return self._loop.ahead()

    @property
    def examples_per_iteration(self) -> int:
        """How many examples one iteration looks at."""
        return self._loop.feed.examples

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
        return network.predict(self.network, self.parameters, X)

    def cost(self) -> float:
        """The mean loss on the training data (with mini-batches on a large sample of them) plus the penalties."""
        return self._loop.cost()

    def validation_cost(self) -> float | None:
        """The mean loss on the held-out data, if there are any."""
        return None if self._validation is None else self._loop.mean_loss(*self._validation)

    def score(self, part: str = "train") -> float:
        """Accuracy, or R2 for a regression, on "train" or "validation" data; nan where there are none."""
        pair = (self._loop.X, self._loop.Y) if part == "train" else self._validation
        return math.nan if pair is None else score(self.network.task, self.predict(pair[0]), pair[1])

    def gradients(self, parameters: Mapping[str, Array] | None = None) -> dict[str, Array]:
        """dW1, db1, ... of `cost()` on all training data, at other `parameters` if they are given."""
        loop, dtype = self._loop, self.training.dtype
        X, Y = loop.X.astype(dtype, copy=False), loop.Y.astype(dtype, copy=False)
        with loop.quietly():
            grads = network.backward(
                self.network, parameters or self.parameters, X, Y, self.training.l2, self.training.l1, loop.weight
            )
        return {f"d{name}": grads[f"d{name}"] for name in self.network.shapes}

    # -- training

    def run(self) -> Iterator[Event]:
        """Train to the end: Progress at iteration 0, every `report_every` iterations and the end, then Finished."""
        while True:
            before = self._reported
            progress = self.report()
            if progress.iteration != before:
                yield progress
            if self._end:
                yield self._end
                return
            while self.until_report:
                self.advance(self._piece())

    def advance(self, n: int) -> None:
        """Exactly `n` more iterations, without events, as fast as it goes."""
        if n > 0:
            self._loop.advance(operator.index(n))

    @property
    def until_report(self) -> int:
        """Iterations from here to the next report; 0 where one is due."""
        if self.iteration != self._reported and (self._time_is_up() or self._loop.at_rest):
            return 0
        target = (self._reported // self.training.report_every + 1) * self.training.report_every
        return max(0, min(target, max(self._limit, self._reported)) - self.iteration)

    def report(self) -> Progress:
        """The costs before the next update. Also where a run is found to have ended: see `finished`."""
        cost = self.cost()
        if not self._rescue.is_good(cost):
            cost = self._fall_back(cost)
        progress = Progress(self.iteration, cost, self.validation_cost(), self.learning_rate, self.epoch, self.seconds)
        if self._reported == self.iteration:
            if self._end is None and (reason := self._reason(progress)):
                self._finish(reason, cost)
            return progress
        self._reported = self.iteration
        if self._end is None:
            self._rescue.keep()
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
        dropout: float | None = None,
        iterations: int | None = None,
    ) -> None:
        """Change settings between two iterations; `dropout` is for every hidden layer. Raises SpecError."""
        given: dict[str, Any] = {"learning_rate": learning_rate, "l2": l2, "iterations": iterations}
        training = replace(self.training, **{name: value for name, value in given.items() if value is not None})
        network = self.network
        if dropout is not None:
            network = replace(network, hidden=tuple(replace(layer, dropout=dropout) for layer in network.hidden))
        checks.fits(network, training, self._loop.X)
        self._settle()
        self._loop.change(network, training)
        if self._end and self._goes_on(learning_rate, iterations):
            self._end, self._watch.waited = None, 0

    def _goes_on(self, learning_rate: float | None, iterations: int | None) -> bool:
        """Whether a change lets an ended run go on: another rate after a divergence, else more iterations."""
        if self._end and self._end.reason == "diverged":
            return learning_rate is not None
        return iterations is not None and self.iteration < self._limit

    def assign(self, parameters: Mapping[str, npt.ArrayLike]) -> None:
        """Put these in the place of the parameters; what the optimizer remembers is cleared. Raises DataError."""
        self._loop.assign(checks.parameters_for(self.network, dict(parameters)))
        self._watch = Watch()
        self._reported, self._end = -1 if self.iteration == 0 else self._reported, None
        self._rescue.keep()

    def _settle(self) -> None:
        """Keep the present moment, or, where the run has diverged since the last report, the last good one."""
        if self.iteration == self._reported:
            return
        cost = self.cost()
        if self._rescue.is_good(cost):
            self._rescue.keep()
        else:
            self._fall_back(cost)

    # -- state

    def state(self) -> dict[str, Any]:
        """Everything that a later `from_state` needs to continue bit for bit; see engine.state for files.

        Of a run that has diverged it is the state of its last good iteration.
        """
        self._settle()
        return state.pack(
            network=self.network,
            training=self.training,
            numbers={
                "stands": self._loop.stands(),
                "seconds": self.seconds,
                "rate_factor": self._loop.rate_factor,
                "reported": self._reported,
                "rate_iteration": self._rate_iteration,
                "watch": self._watch.state(),
                "end": None if self._end is None else vars(self._end),
            },
            arrays={**self._loop.arrays(), "best": self._watch.parameters},
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
        trainer = cls(stored.network, stored.training, X, Y, validation, start, sample_weight)
        trainer._restore(stored.numbers, stored.arrays)
        return trainer

    def _restore(self, numbers: dict[str, Any], arrays: dict[str, Array]) -> None:
        loop = self._loop
        try:
            loop.seconds, loop.rate_factor = float(numbers["seconds"]), float(numbers["rate_factor"])
            loop.restore(arrays, numbers["stands"])
            self._watch.restore(numbers["watch"], arrays["best"])
            self._reported, self._rate_iteration = numbers["reported"], numbers["rate_iteration"]
            self._end = numbers["end"] and Finished(**numbers["end"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise state.StateError(f"the state is incomplete: {error}") from None
        self._rescue.keep()

    # -- reports

    @property
    def _limit(self) -> int:
        epochs = self.training.epochs
        return min(self.training.iterations, epochs * self._loop.per_epoch if epochs else self.training.iterations)

    def _time_is_up(self) -> bool:
        return self.training.seconds is not None and self.seconds >= self.training.seconds

    def _piece(self) -> int:
        """How far to advance in one go: to the report, or a part of what the time that is left allows."""
        if self.training.seconds is None:
            return self.until_report
        left = self.training.seconds - self.seconds
        speed = self.iteration / self.seconds if self.seconds else 0.0
        return max(1, min(self.until_report, int(speed * left / 4)))

    def _follow(self, progress: Progress) -> None:
        """Patience, plateau, tolerance and the limits, after a finite report."""
        training, watch = self.training, self._watch
        value = progress.cost if progress.validation_cost is None else progress.validation_cost
        if training.monitor == "score":
            value = -self.score("train" if self._validation is None else "validation")
        if watch.see(value, self.iteration) and training.patience:
            watch.parameters = self._loop.flat.copy(watch.parameters)
        if training.schedule == "plateau":
            last = max(watch.best_iteration, self._rate_iteration)
            if self.iteration - last >= training.decay_every:
                self._loop.rate_factor *= training.decay
                self._rate_iteration = self.iteration
                self._loop.set_rate()
        reason = self._reason(progress)
        if reason:
            self._finish(reason, progress.cost)

    def _reason(self, progress: Progress) -> str:
        training, watch = self.training, self._watch
        if self._loop.at_rest:
            return "tolerance"
        if training.patience and watch.waited >= training.patience:
            return "early_stopping"
        if training.tolerance is not None and watch.improved_by < training.tolerance and progress.iteration:
            return "tolerance"
        if self.iteration >= self._limit:
            return "completed" if self.iteration >= training.iterations else "epochs"
        return "time" if self._time_is_up() else ""

    def _finish(self, reason: str, cost: float) -> None:
        watch, iteration, message = self._watch, self.iteration, ""
        if self._loop.at_rest and reason == "tolerance":
            message = "no direction leads further down"
        if self.training.patience and watch.best_iteration != iteration and watch.parameters.size:
            iteration = watch.best_iteration
            message = f"the parameters of iteration {iteration:,} were the best and have been brought back"
            self._loop.assign(Layout(self.network.dims).read(watch.parameters))
            cost = self.cost()
            self._rescue.keep()
        self._end = Finished(reason, iteration, cost, message)

    def _fall_back(self, found: float) -> float:
        """The run has diverged, with the cost `found`: stay at the last iteration with a finite one, and say so."""
        if self.iteration == 0:
            self._end = Finished("diverged", 0, found, "the cost is infinite or not a number from the start")
            return found
        cost, noticed = self._rescue.bring_back()
        where = f"the cost became infinite or not a number at iteration {noticed:,}"
        kept = f"the parameters of iteration {self.iteration:,} are kept"
        self._end = Finished("diverged", self.iteration, cost, f"{where}; {kept}")
        return cost
