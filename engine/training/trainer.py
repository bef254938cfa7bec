"""The trainer: advances a network's parameters iteration by iteration, reports the costs, and decides when to stop.

It joins three parts: the loop (engine.compiled.loop) runs the iterations, the reports (engine.training.reports) measure
the costs and end the run, and engine.training.saved_state packs and restores the state.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from engine import checks, network
from engine.arrays import Array
from engine.compiled.loop import Loop
from engine.compiled.native.choice import PathChoice
from engine.compiled.next_update import NextUpdate
from engine.label_smoothing import hard_labels, smoothed
from engine.ops.lbfgs import Lbfgs
from engine.parameters import initialize, member, stack
from engine.predictor import Predictor, layers_of
from engine.scores import score, weigh_classes
from engine.spec import NetworkSpec, TrainingSpec
from engine.spec.bounds import SpecError, choice, number, whole
from engine.spec.training import MOST_ITERATIONS
from engine.storage import state
from engine.training import saved_state
from engine.training.changes import changed_network, changed_training
from engine.training.events import Event, Finished, Progress
from engine.training.feasibility import check_feasible
from engine.training.internal_part import kept_aside
from engine.training.member_losses import member_losses
from engine.training.reports import Reports

Data = tuple[npt.ArrayLike, npt.ArrayLike]


class Trainer:
    """Trains `network` on X (n0, m) and Y (nL, m) with the settings of `training`.

    In an iteration the batching chooses the examples, the gradient program computes the gradient of their cost, and
    the update applies the optimizer's rule to the parameters. `advance` runs iterations and `report` measures the
    costs; `run` does both to the end. A network with `ensemble` K > 1 stands for K networks, its members, trained as
    one computation. Member k does what a single trainer with the seed `engine.parameters.member_seed(seed, k)` does.
    Parameters and gradients then have a leading axis for the members, predictions are the mean of theirs, and so is the
    cost.

    `validation` is a pair (X, Y) that is measured but not trained on; `parameters` W1, b1, ... start the run instead of
    the initializer; `sample_weight` (m,) weighs the examples. The caller's arrays are never written to, and must not be
    changed while the trainer is in use, because they may be read again at any time.

    `engine` is how iterations are computed: "numpy", "compiled" (one loop of machine code, by numba), or "auto", which
    takes the faster one if the run is long enough; None is what DEEPNET_ENGINE says, or auto. All give the same up to
    rounding; the first two repeat a run bit for bit. Raises SpecError for settings and DataError for data that can't
    be trained with, both before training begins.
    """

    def __init__(
        self,
        network: NetworkSpec,
        training: TrainingSpec,
        X: npt.ArrayLike,
        Y: npt.ArrayLike,
        validation: Data | None = None,
        parameters: Mapping[str, npt.ArrayLike] | None = None,
        sample_weight: npt.ArrayLike | None = None,
        engine: str | None = None,
    ) -> None:
        self._set_up(network, training, X, Y, validation, parameters, sample_weight, None, engine)

    def _set_up(
        self,
        network: NetworkSpec,
        training: TrainingSpec,
        X: npt.ArrayLike,
        Y: npt.ArrayLike,
        validation: Data | None,
        parameters: Mapping[str, npt.ArrayLike] | None,
        sample_weight: npt.ArrayLike | None,
        use_gram_layer: bool | None,
        engine: str | None,
    ) -> None:
        checks.check_specs(network, training)
        X, Y = checks.examples(network, X, Y)
        measured = checks.check_validation(network, validation)
        check_feasible(network, training, X.shape[1])
        named = zip(("validation X", "validation Y"), measured or (), strict=False)
        checks.check_range(training.dtype, {"X": X, "Y": Y, **dict(named)})
        weight = weigh_classes(network, training, Y, checks.check_weights(sample_weight, X.shape[1]))
        checks.check_weight_sum(training.dtype, weight)
        if parameters is None:
            start = initialize(network, training.seed)
        else:
            start = checks.starting_parameters(network, training.dtype, parameters)
        internal = kept_aside(network, training, Y, weight) if training.internal else None
        Y = smoothed(Y, training.label_smoothing, network.labels, training.dtype)
        self._loop = Loop(network, training, X, Y, weight, start, use_gram_layer, internal, engine)
        self._validation = measured
        self._reports = Reports(self._loop, measured, self.score)
        self._predictor: Predictor | None = None  # not that of the loop: another thread may ask for predictions
        self._fingerprints: saved_state.Fingerprints | None = None

    # Parameters, progress and measurements

    @property
    def parameters(self) -> dict[str, Array]:
        """W1, b1, ..., WL, bL as they are now: copies, (n1, n0), ...; of an ensemble (K, n1, n0), ..."""
        return self._loop.flat.copies()

    @property
    def network(self) -> NetworkSpec:
        """The network, with its current dropout."""
        return self._loop.network

    @property
    def training(self) -> TrainingSpec:
        """The training settings, as they are now."""
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
        """What the next update uses besides the gradient: rate, number, and copies of the optimizer's memory."""
        return self._loop.next_update()

    @property
    def examples_per_iteration(self) -> int:
        """How many examples one iteration uses."""
        return self._loop.batching.examples

    @property
    def kept_aside(self) -> Array | None:
        """The training examples (K, size) that each network keeps aside as its internal part, in order; None without.

        It stays the same from beginning to end.
        """
        return self._loop.kept_aside

    @property
    def search(self) -> Lbfgs | None:
        """The search of L-BFGS, with its last cost and gradient; None for other optimizers."""
        return self._loop.search

    @property
    def epoch(self) -> float:
        """How often all examples have been used."""
        return self.iteration / self._loop.per_epoch

    def describe(self) -> str:
        """The formulas of one iteration, one a line: the gradient program, then the update."""
        return self._loop.describe()

    @property
    def path(self) -> PathChoice:
        """How iterations are computed now: NumPy calls or one compiled loop, and why, in words by `str`."""
        return self._loop.path

    def predict(self, X: npt.ArrayLike) -> Array:
        """A[L] (nL, m) of X (n0, m): probabilities, or values for a regression. Raises DataError for a wrong shape.

        Of an ensemble it is the mean of its members' predictions.
        """
        flat = self._loop.flat
        if self._predictor is None:
            self._predictor = Predictor(self.network, flat.layers())
        flat.update_first_layer()
        return self._predictor(checks.inputs(self.network, X, finite=False))

    def internal_predictions(self) -> Array:
        """Predictions A[L] (nL, m) of the training examples, each by the networks that keep it aside: their mean.

        Columns are nan where no network does, and so are all of them without an internal part.
        """
        loop, parameters = self._loop, self.parameters
        sums, counts = np.zeros((self.network.outputs, loop.X.shape[1])), np.zeros(loop.X.shape[1])
        for k, examples in enumerate(() if loop.kept_aside is None else loop.kept_aside):
            predictor = Predictor(self.network.member, layers_of(member(parameters, k)))
            for start in range(0, examples.size, predictor.block):
                indices = examples[start : start + predictor.block]
                sums[:, indices] += predictor(loop.X[:, indices])
                counts[indices] += 1
        return np.divide(sums, counts, out=np.full_like(sums, math.nan), where=counts > 0)

    def member_losses(self, parameters: Mapping[str, Array] | None = None) -> Array:
        """The loss (K,) to compare the networks of an ensemble by, at the current or the given `parameters`.

        It is that of each one's internal part; without internal parts that on the validation data; and without these
        that on the training data. Penalties and smoothing do not count.
        """
        loop, parameters = self._loop, parameters or self.parameters
        with loop.arithmetic():
            if loop.kept_aside is None and self._validation is not None:
                return member_losses(self.network, parameters, *self._validation)
            Y = hard_labels(loop.Y) if self.training.label_smoothing else loop.Y
            return member_losses(self.network, parameters, loop.X, Y, loop.weight, loop.kept_aside)

    def best_member(self, parameters: Mapping[str, Array] | None = None) -> int | None:
        """The number, from 0, of the network of an ensemble with the lowest of its `member_losses`.

        None of a single network, and where no loss is a finite number.
        """
        if self.network.ensemble == 1:
            return None
        losses = self.member_losses(parameters)
        return int(np.where(np.isfinite(losses), losses, math.inf).argmin()) if np.isfinite(losses).any() else None

    def is_finite(self) -> bool:
        """Whether every parameter is a finite number."""
        return self._loop.flat.is_finite()

    def cost(self) -> float:
        """The mean loss on the training data (with mini-batches, on at most 10,000 of them) plus the penalties.

        Without the examples that a network keeps aside; of an ensemble the mean of its members' costs.
        """
        return self._loop.cost()

    def costs(self) -> Array:
        """The cost of each network (K,); `cost` is their mean."""
        return self._loop.costs()

    def measure(self) -> Progress:
        """The costs as they are now, as a report has them, without any of its consequences."""
        return self._reports.measure()

    def validation_cost(self) -> float | None:
        """The mean loss on the validation data, without penalties; None if there are none."""
        return self._reports.validation_cost()

    def score(self, part: str = "train") -> float:
        """Accuracy, or R2 for a regression, on "train" or "validation" data; nan if there are none.

        Raises SpecError for another part.
        """
        choice("part", part, ("train", "validation"))
        pair = (self._loop.X, self._loop.Y) if part == "train" else self._validation
        return math.nan if pair is None else score(self.network.task, self.predict(pair[0]), pair[1])

    def gradients(self, parameters: Mapping[str, Array] | None = None) -> dict[str, Array]:
        """dW1, db1, ... of the cost on all training data, at the current or the given `parameters` W1, b1, ...

        Of an ensemble dW1 (K, n1, n0), ..., each member's of its own cost.
        """
        loop, training = self._loop, self.training
        parameters, weight = parameters or self.parameters, loop.shared.training_weight
        weights = weight if weight is not None and weight.ndim == 2 else [weight] * self.network.ensemble
        with loop.arithmetic():
            return stack(
                [
                    network.gradients(
                        self.network.member, member(parameters, k), loop.X, loop.Y, training.l2, training.l1, own
                    )
                    for k, own in enumerate(weights)
                ]
            )

    # Training

    def run(self) -> Iterator[Event]:
        """Train to the end: Progress at iteration 0, every `report_every` iterations and at the end, then Finished.

        A run that is resumed between two reports continues to the next one, as if it had never been interrupted.
        """
        while True:
            while self.finished() is None and self.until_report:
                self.advance(self._reports.next_piece())
            before = self._reports.reported
            progress = self.report()
            if progress.iteration != before:
                yield progress
            if (finished := self.finished()) is not None:
                yield finished
                return

    def advance(self, n: int) -> None:
        """Run exactly `n` more iterations without events, as fast as possible; fewer if the search of L-BFGS finishes.

        Raises SpecError unless `n` is a whole number from 0.
        """
        whole("n", n, 0, MOST_ITERATIONS)
        self._loop.advance(int(n))

    @property
    def until_report(self) -> int:
        """Iterations until the next report; 0 if one is due."""
        return self._reports.until_next

    def report(self) -> Progress:
        """Measure the costs before the next update, and decide whether the run has ended: see `finished`."""
        return self._reports.make()

    def finished(self) -> Finished | None:
        """How the run ended, as of the last report; None while it continues."""
        return self._reports.end

    def stop(self) -> Progress:
        """Report here, and end the run with the reason interrupted: with the best parameters, as any end would.

        A `state()` from before goes on as if the run had never been stopped.
        """
        return self._reports.stop()

    def change(
        self,
        *,
        learning_rate: float | None = None,
        l2: float | None = None,
        dropout: float | Sequence[float] | None = None,
        iterations: int | None = None,
    ) -> None:
        """Change settings between two iterations; `dropout` is one rate for all hidden layers, or one for each.

        A run that has ended can continue after that: one that has diverged with another learning rate, others with more
        iterations. Raises SpecError, also if the network no longer fits into memory.
        """
        before = self.training
        training = changed_training(before, learning_rate, l2, iterations)
        network = changed_network(self.network, dropout)
        check_feasible(network, training, self._loop.X.shape[1])
        self._reports.settle()
        if learning_rate is not None:
            self._reports.restart_rate()
        self._loop.change(network, training)
        self._reports.settings_changed(
            before, new_rate=learning_rate is not None, new_iterations=iterations is not None
        )

    def assign(self, parameters: Mapping[str, npt.ArrayLike]) -> None:
        """Replace the parameters W1, b1, ...; the optimizer's memory is cleared. Raises DataError."""
        start = checks.starting_parameters(self.network, self.training.dtype, parameters)
        self._reports.restart_rate()
        self._loop.assign(start)
        self._loop.set_rate()
        self._reports.begin_again()

    def scale_output(self, factor: float, shift: npt.ArrayLike = 0.0, message: str = "") -> None:
        """Multiply W and b of the output layer by `factor`, then add `shift`, (nL,) or one number, to b.

        This calibrates a run that has ended: of an ensemble every member is scaled alike, the run stays ended, and its
        end says that it was scaled, `message` included. If it goes on later, it goes on from there. Raises SpecError
        for a run that has not ended, a factor that is not positive, and a shift of another shape.
        """
        if self._reports.end is None:
            raise SpecError("factor", "the output can be scaled once the run has ended")
        number("factor", factor, 0.0, open_low=True)
        added = np.asarray(shift, dtype=np.float64)
        if added.shape not in ((), (self.network.outputs,)) or not np.isfinite(added).all():
            raise SpecError("shift", f"shift must be one finite number, or {self.network.outputs:,} of them")
        self._reports.scale_output(float(factor), added, message)

    # State

    def state(self) -> dict[str, Any]:
        """What `from_state` needs to continue bit for bit; engine.storage.state writes it to a file.

        Of a run that has diverged it is the state at its last good iteration.
        """
        self._reports.settle()
        return saved_state.packed(self._loop, self._reports, self._data())

    @classmethod
    def from_state(
        cls,
        state_: Mapping[str, Any],
        X: npt.ArrayLike,
        Y: npt.ArrayLike,
        validation: Data | None = None,
        sample_weight: npt.ArrayLike | None = None,
        engine: str | None = None,
    ) -> Self:
        """A trainer that continues from `state()`, on the same data. Raises StateError and DataError."""
        stored = state.unpack(state_)
        start = {name: np.zeros(shape) for name, shape in stored.network.shapes.items()}
        # as before: the choice depends on iterations, which may have changed
        use_gram_layer = "start" in stored.arrays and stored.network.ensemble == 1
        trainer = cls.__new__(cls)
        trainer._set_up(stored.network, stored.training, X, Y, validation, start, sample_weight, use_gram_layer, engine)
        saved_state.restore(trainer._loop, trainer._reports, trainer._data(), stored.numbers, stored.arrays)
        return trainer

    def _data(self) -> saved_state.Fingerprints:
        if self._fingerprints is None:
            self._fingerprints = saved_state.fingerprints(self._loop, self._validation)
        return self._fingerprints
