"""What the page Importance shows, worked out in threads beside everything else."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from deepnet_tui.common.background import Job, LatestJob

if TYPE_CHECKING:
    from deepnet_tui.evaluate.report import EvaluationInput
    from deepnet_tui.understand.dependence import Dependence
    from deepnet_tui.understand.importance import ColumnImportance, Importance

REPEATS = 10
MOST_ROWS = 2_000


class ImportanceJob:
    """The importance of the columns on one part of the data, and how the answer depends on one of them.

    `result` has the columns measured so far, None before the first; `curve` is the dependence on the chosen column,
    where it is open. `error` says why something could not be done. All methods belong to the thread of the owner, whose
    `changed` is called there when there is something new.
    """

    def __init__(self, hand_over: Callable[[Callable[[], None]], object], changed: Callable[[], object]) -> None:
        self.result: Importance | None = None
        self.curve: Dependence | None = None
        self.error = ""
        self.is_open = False  # the curve is shown, or on its way
        self.chosen = ""
        self._answer = 0  # of a curve: the number of the class or the target
        self._case: EvaluationInput | None = None
        self._part = ""
        self._begun = False
        self._jobs: LatestJob[Importance] = LatestJob("importance", hand_over)
        self._curves: LatestJob[Dependence] = LatestJob("dependence", hand_over)
        self._changed = changed

    @property
    def running(self) -> bool:
        """Whether columns are still to come."""
        return self._jobs.running

    def follow(self, case: EvaluationInput, part: str) -> None:
        """Drop what belongs to another network or another part; the curve that is open is drawn anew."""
        if self._case is not None and self._case.key == case.key and self._part == part:
            return
        self.stop()
        self._case, self._part, self._begun = case, part, False
        self.result, self.curve, self.error = None, None, ""
        if self.is_open:
            self._draw()

    def want(self) -> None:
        """Measure, unless that is done or under way."""
        if self._case is not None and not self._begun:
            self._begun = True
            self._jobs.start(partial(_measure, self._case, self._part), self._take_in)

    @property
    def stopped(self) -> bool:
        """Whether it was given up before all columns were measured."""
        return self._begun and not self.running and (self.result is None or len(self.result.columns) < self.result.of)

    def again(self) -> None:
        """Where it was given up, `want` begins anew."""
        self._begun = self._begun and not self.stopped

    def stop(self) -> None:
        """Nobody waits for an answer any more."""
        self._jobs.cancel()
        self._curves.cancel()

    def columns(self) -> list[ColumnImportance]:
        """The columns measured so far, the most important one first."""
        return [] if self.result is None else self.result.ranked

    def move(self, step: int) -> None:
        """Choose another column."""
        names = [column.name for column in self.columns()]
        if names:
            place = names.index(self.chosen) if self.chosen in names else 0
            self.chosen = names[max(0, min(place + step, len(names) - 1))]
            if self.is_open:
                self._draw()
            self._changed()

    def open(self) -> None:
        """Show the curve of the chosen column; where it is open already, that of the next class or target."""
        names = [column.name for column in self.columns()]
        if not names:
            return
        self.chosen = self.chosen if self.chosen in names else names[0]
        self._answer = self._answer + 1 if self.is_open else 0
        self.is_open = True
        self._draw()
        self._changed()

    def close(self) -> None:
        """Back to the columns."""
        self.is_open = False
        self.curve = None
        self._curves.cancel()
        self._changed()

    def _draw(self) -> None:
        if self._case is not None:
            self._curves.start(partial(_depend, self._case, self._part, self.chosen, self._answer), self._take_curve)

    def _take_in(self, answer: Importance | Exception) -> None:
        if isinstance(answer, Exception):
            self.error = str(answer) or type(answer).__name__
        else:
            self.result, self.error = answer, ""
        self._changed()

    def _take_curve(self, answer: Dependence | Exception) -> None:
        if isinstance(answer, Exception):
            self.error = str(answer) or type(answer).__name__
        else:
            self.curve, self.error = answer, ""
        self._changed()


def _measure(case: EvaluationInput, name: str, job: Job[Importance]) -> Importance:
    """In the job's thread."""
    import numpy as np

    from deepnet_tui.model import Model
    from deepnet_tui.understand.from_dataset import truth_of
    from deepnet_tui.understand.importance import drawn_rows, importance

    dataset = case.dataset.for_loss(case.network.loss_function)
    part = getattr(dataset, name)
    model = Model.on(dataset, case.network, case.snapshot.parameters)
    some = drawn_rows(model, part.m, MOST_ROWS)
    truth = truth_of(dataset, part)[some]
    return importance(model, np.asarray(part.X[:, some]), truth, REPEATS, report=job.report)


def _depend(case: EvaluationInput, name: str, column: str, answer: int, job: Job[Dependence]) -> Dependence:
    """In the job's thread."""
    from deepnet_tui.model import Model
    from deepnet_tui.understand.answer import Answer, names_of_answers, usual_answer
    from deepnet_tui.understand.columns import column_named, input_columns
    from deepnet_tui.understand.dependence import dependence

    part = getattr(case.dataset, name)
    model = Model.on(case.dataset, case.network, case.snapshot.parameters)
    place = (usual_answer(model).place + answer) % len(names_of_answers(model))
    found = column_named(input_columns(model.preparation), column)
    return dependence(Answer(model, place), found, part.X, check=job.check)
