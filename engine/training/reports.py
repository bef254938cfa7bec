"""The reports of a run: its costs, and what follows from them for its learning rate and its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from engine.arrays import Array
from engine.compiled.layout import Layout
from engine.compiled.loop import Loop
from engine.compiled.rollback import Rollback
from engine.ops.schedules import SCHEDULES
from engine.spec import TrainingSpec
from engine.training.best_members import BestMembers
from engine.training.events import Finished, Progress
from engine.training.stopping import EarlyStopping


class Reports:
    """Reports the costs of one run, and applies patience, plateaus, limits, and the rollback after divergence.

    `validation` is the pair (X, Y) that is only measured, or None; `score` gives accuracy or R2 on "train" or
    "validation". `reported` is the iteration of the last report, -1 before the first; `seconds` the time spent in
    reports; `rate_iteration` the iteration at which a plateau or a change last set the learning rate; `end` how the run
    ended, None while it continues. `best` keeps the best parameters of each network where they have internal parts,
    and is None where not.
    """

    def __init__(self, loop: Loop, validation: tuple[Array, Array] | None, score: Callable[[str], float]) -> None:
        self.loop, self.validation, self.score = loop, validation, score
        self.rollback, self.stopping = Rollback(loop), EarlyStopping()
        self.reported, self.rate_iteration, self.seconds = -1, 0, 0.0
        self.end: Finished | None = None
        self.best = None if loop.kept_aside is None else BestMembers(loop.flat)

    @property
    def training(self) -> TrainingSpec:
        """The settings as they are now."""
        return self.loop.training

    @property
    def limit(self) -> int:
        """The iteration at which the run ends at the latest."""
        iterations, epochs = self.training.iterations, self.training.epochs
        return min(iterations, epochs * self.loop.per_epoch) if epochs else iterations

    @property
    def until_next(self) -> int:
        """Iterations until the next report; 0 if one is due."""
        loop = self.loop
        if loop.search_finished or (loop.iteration != self.reported and self._time_is_up()):
            return 0
        target = (self.reported // self.training.report_every + 1) * self.training.report_every
        return max(0, min(target, max(self.limit, self.reported)) - loop.iteration)

    def next_piece(self) -> int:
        """Iterations to advance at once: to the next report, or a quarter of what the remaining time allows."""
        if self.training.seconds is None:
            return self.until_next
        left = self.training.seconds - self.loop.seconds - self.seconds
        speed = self.loop.iteration / self.loop.seconds if self.loop.seconds else 0.0
        return max(1, min(self.until_next, int(speed * left / 4)))

    def make(self) -> Progress:
        """Measure the costs before the next update; a run that has diverged is rolled back first."""
        started = time.perf_counter()
        try:
            return self._make()
        finally:
            self.seconds += time.perf_counter() - started

    def _make(self) -> Progress:
        loop = self.loop
        costs = loop.costs()
        cost = float(costs.mean())
        if not self.rollback.is_good(cost):
            cost = self._roll_back(cost)
            costs = loop.costs()
        internal = loop.internal_losses()
        progress = self._progress(cost, costs, internal)
        if self.reported == loop.iteration:
            if self.end is None and (reason := self._reason(progress)):
                self._finish(reason, cost)
            return progress
        self.reported = loop.iteration
        if self.end is None:
            self.rollback.keep()
            if self.best is not None and internal is not None:
                self.best.update(internal, loop.iteration)
            self._follow(progress)
        return progress

    def stop(self) -> Progress:
        """Report here, and end the run as interrupted, with its best parameters, unless it has diverged."""
        progress = self.make()
        if self.end is None:
            self._finish("interrupted", progress.cost)
        elif self.end.reason != "diverged":
            self.end = replace(self.end, reason="interrupted")
        return progress

    def measure(self) -> Progress:
        """The costs as a report has them, without making one."""
        costs = self.loop.costs()
        return self._progress(float(costs.mean()), costs, self.loop.internal_losses())

    def _progress(self, cost: float, costs: Array, internal: Array | None) -> Progress:
        loop, several = self.loop, costs.size > 1
        return Progress(
            loop.iteration,
            cost,
            self.validation_cost(),
            loop.learning_rate,
            epoch=loop.iteration / loop.per_epoch,
            seconds=loop.seconds,
            lowest=float(costs.min()) if several else None,
            highest=float(costs.max()) if several else None,
            internal_cost=None if internal is None else float(internal.mean()),
        )

    def validation_cost(self) -> float | None:
        """The mean loss on the validation data, without penalties; None if there are none."""
        return None if self.validation is None else self.loop.mean_loss(*self.validation)

    def settle(self) -> None:
        """Make this iteration the one to roll back to; if the run has diverged since the last report, roll back."""
        if self.loop.iteration == self.reported:
            return
        cost = self.loop.cost()
        if self.rollback.is_good(cost):
            self.rollback.keep()
        else:
            self._roll_back(cost)

    def restart_rate(self) -> None:
        """Undo the factors by which plateaus have lowered the learning rate."""
        self.loop.rate_factor, self.rate_iteration = 1.0, self.loop.iteration

    def begin_again(self) -> None:
        """Other parameters have been assigned: earlier reports say nothing about them."""
        self.stopping = EarlyStopping()
        if self.best is not None:
            self.best.clear()
        self.reported, self.end = -1 if self.loop.iteration == 0 else self.reported, None
        self.rollback.keep()

    def settings_changed(self, before: TrainingSpec, *, new_rate: bool, new_iterations: bool) -> None:
        """Settings have been changed from `before`; a run that has ended continues if they allow it.

        After a divergence that takes a new rate, otherwise more iterations.
        """
        penalized = self.validation is None and self.best is None and before.monitor == "cost"
        if before.l2 != self.training.l2 and penalized:
            self.stopping = EarlyStopping()  # costs with another penalty can't be compared with earlier ones
        if self.end is None:
            return
        diverged = self.end.reason == "diverged"
        if new_rate if diverged else new_iterations and self.loop.iteration < self.limit:
            self.end, self.stopping.waited = None, 0

    def scale_output(self, factor: float, shift: Array, message: str) -> None:
        """Scale the output layer of a run that has ended, which stays ended; `message` joins that of its end."""
        assert self.end is not None  # noqa: S101
        self.loop.scale_output(factor, shift)
        self.rollback.keep()
        sentence = "; ".join(filter(None, (self.end.message, message)))
        self.end = replace(self.end, cost=self.loop.cost(), message=sentence, output_scaled=True)

    def _time_is_up(self) -> bool:
        return self.training.seconds is not None and self.loop.seconds + self.seconds >= self.training.seconds

    def _follow(self, progress: Progress) -> None:
        """Apply patience, plateau, tolerance and the limits, after a report with a finite cost."""
        training, stopping, loop = self.training, self.stopping, self.loop
        measured = (progress.internal_cost, progress.validation_cost, progress.cost)
        value = next(cost for cost in measured if cost is not None)
        if training.monitor == "score":
            value = -self.score("train" if self.validation is None else "validation")
        if stopping.update(value, loop.iteration) and training.patience and self.best is None:
            stopping.parameters = loop.flat.flat_copy(stopping.parameters)
        if SCHEDULES[training.schedule].by_cost:
            last = max(stopping.best_iteration, self.rate_iteration)
            if loop.iteration - last >= training.decay_every:
                loop.rate_factor *= training.decay
                self.rate_iteration = loop.iteration
                loop.set_rate()
        if reason := self._reason(progress):
            self._finish(reason, progress.cost)

    def _reason(self, progress: Progress) -> str:
        """The reason why the run ends here; "" if it continues."""
        training, stopping = self.training, self.stopping
        if self.loop.search_finished:
            return "tolerance"
        if training.patience and stopping.waited >= training.patience:
            return "early_stopping"
        if training.tolerance is not None and stopping.improved_by < training.tolerance and progress.iteration:
            return "tolerance"
        if self.loop.iteration >= self.limit:
            return "completed" if self.loop.iteration >= training.iterations else "epochs"
        return "time" if self._time_is_up() else ""

    def _finish(self, reason: str, cost: float) -> None:
        """End the run; with patience the best parameters are restored, with an internal part each network's own."""
        stopping, loop = self.stopping, self.loop
        best: int | None = None
        message = ""
        if loop.search_finished and reason == "tolerance":
            message = "no direction leads further down"
        if self.best is not None:
            if not self.best.are_present(loop.iteration):
                best, message = self.best.latest, self.best.sentence()
                cost = self._bring_back(self.best.named())
        elif self.training.patience and stopping.best_iteration != loop.iteration and stopping.parameters.size:
            best = stopping.best_iteration
            message = f"the parameters of iteration {best:,} were the best and have been brought back"
            shape = (loop.network.size,) if loop.network.ensemble == 1 else (loop.network.ensemble, -1)
            cost = self._bring_back(Layout(loop.network.dims).views(stopping.parameters.reshape(shape)))
        self.end = Finished(reason, loop.iteration, cost, message, best_iteration=best)

    def _bring_back(self, parameters: Mapping[str, Array]) -> float:
        """Replace the parameters by better ones, and return their cost."""
        self.loop.assign(parameters)
        cost = self.loop.cost()
        self.rollback.keep()
        return cost

    def _roll_back(self, found: float) -> float:
        """The run has diverged, with the cost `found`: roll back to the last finite cost, and return that."""
        if self.loop.iteration == 0:
            self.end = Finished("diverged", 0, found, "the cost is infinite or not a number from the start")
            return found
        cost, noticed = self.rollback.restore_last_good()
        where = f"the cost became infinite or not a number at iteration {noticed:,}"
        kept = f"the parameters of iteration {self.loop.iteration:,} are kept"
        self.end = Finished("diverged", self.loop.iteration, cost, f"{where}; {kept}")
        return cost
