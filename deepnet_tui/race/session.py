"""A race in the app: a training run for each racer, and the thread that trains them side by side.

The screen reads the histories and states while the thread writes them, as with a single run (`training/run.py`).
"""

from __future__ import annotations

import math
import secrets
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from deepnet_tui.common.errors import InputError
from deepnet_tui.race.racers import Racer
from deepnet_tui.race.ranking import Standing
from deepnet_tui.training.run import TrainingRun

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.runs.store import Store
    from engine.race.race import Race
    from engine.training.trainer import Trainer

TAG = "race"


def race_tags() -> tuple[str, str]:
    """The tags of the runs of one race: that they are of a race, and of which."""
    return TAG, f"{TAG}-{secrets.token_hex(2)}"


class RaceSession:
    """The racers on `dataset`, and their training. All methods belong to the thread of the screen.

    `runs[k]` is the training run of racer k. Runs are kept in `store`, if there is one, with `tags`; None stands for
    those of a new race.
    """

    def __init__(
        self,
        racers: Sequence[Racer],
        dataset: Dataset,
        store: Store | None = None,
        tags: tuple[str, ...] | None = None,
    ) -> None:
        tags = race_tags() if tags is None else tags
        self.racers = tuple(racers)
        self.runs = [
            TrainingRun(racer.experiment, racer.experiment.fitted(dataset), store=store, tags=tags) for racer in racers
        ]
        for run in self.runs:
            run.norms_grace = 0.0
        self.failure = ""
        self._pause = threading.Event()
        self._race: Race | None = None
        self._thread: threading.Thread | None = None

    @property
    def training(self) -> bool:
        """Whether it is on its way, or only pausing."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def pausing(self) -> bool:
        """Whether it has been asked to pause and has not done so yet."""
        return self.training and self._pause.is_set()

    @property
    def over(self) -> bool:
        """Whether every racer has ended."""
        return all(run.finished is not None for run in self.runs)

    @property
    def version(self) -> tuple[object, ...]:
        """Differs from an earlier one whenever there is something new to draw."""
        return (self.training, self.pausing, self.failure, *(run.pulse[0] for run in self.runs), self.over)

    @property
    def warning(self) -> str:
        """Why a run is not kept, "" while all are."""
        return next((run.warning for run in self.runs if run.warning), "")

    def standings(self) -> list[Standing]:
        """How every racer stands, in the order of the race."""
        return [_standing(number, run) for number, run in enumerate(self.runs)]

    def start(self) -> None:
        """Train, or go on."""
        if not self.training and not self.over:
            self._pause.clear()
            self._thread = threading.Thread(target=self._run, name="race", daemon=True)
            self._thread.start()

    def pause(self) -> None:
        """Stop after the present slice."""
        self._pause.set()

    def toggle(self) -> None:
        """Train, pause, go on."""
        if self.training and not self.pausing:
            self.pause()
        else:
            self.wait()
            self.start()

    def wait(self, seconds: float = 5.0) -> None:
        """Until the thread has ended, so many seconds at most."""
        if self._thread is not None:
            self._thread.join(seconds)

    def close(self, taken: int | None = None) -> None:
        """Stop, and end the runs that are not at their end, except the one that is `taken` over."""
        self.pause()
        self.wait()
        for number, run in enumerate(self.runs):
            if number != taken:
                run.close_if_idle()

    def _run(self) -> None:
        """In the thread. It holds the runs, so that nobody else trains them meanwhile."""
        try:
            with ExitStack() as held:
                for run in self.runs:
                    held.enter_context(run.lock)
                self._train()
        except MemoryError:
            self.failure = "There is not enough memory for all racers"
        except Exception as error:  # the app goes on after any failure, and shows it
            self.failure = str(error) or type(error).__name__

    def _prepare(self) -> tuple[Race, list[Trainer]]:
        from engine.race.race import Race

        trainers = [self._prepared(number) for number in range(len(self.runs))]
        if self._race is None:
            self._race = Race(trainers)
        return self._race, trainers

    def _train(self) -> None:
        race, trainers = self._prepare()
        for run, trainer in zip(self.runs, trainers, strict=True):
            if run.finished is None:
                run.start_recording(trainer)
        while race.running:
            for number in race.due:
                self.runs[number].report(trainers[number])
            if self._pause.is_set():
                break
            race.advance()
            for run, trainer in zip(self.runs, trainers, strict=True):
                run.pulse = (trainer.iteration, trainer.seconds)
        for run, trainer in zip(self.runs, trainers, strict=True):
            run.finish_segment(trainer)
            run.pulse = (trainer.iteration, trainer.seconds)

    def _prepared(self, number: int) -> Trainer:
        try:
            return self.runs[number].prepare()
        except InputError as error:
            raise InputError(f"{self.racers[number].sentence}: {error}", error.field) from None


def _standing(number: int, run: TrainingRun) -> Standing:
    """By the newest costs, which after the end are those of the parameters that it ended with."""
    latest, finished = run.latest, run.finished
    if finished is not None and latest is not None:
        return Standing(number, latest.iteration, latest.cost, latest.validation_cost, None, finished)
    curves = run.history.curves()
    if not len(curves.iteration):
        return Standing(number, finished=finished)
    validation, internal = (float(curve[-1]) for curve in (curves.validation_cost, curves.internal_cost))
    return Standing(
        number,
        int(curves.iteration[-1]),
        float(curves.cost[-1]),
        None if math.isnan(validation) else validation,
        None if math.isnan(internal) else internal,
        finished,
    )
