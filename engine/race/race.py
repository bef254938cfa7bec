"""A race: several trainers on the same data side by side, those of one shape as one computation."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np

from engine.arrays import Array
from engine.compiled.loop import Loop
from engine.race.batched_loop import BatchedLoop, batch_key
from engine.spec import SpecError
from engine.spec.network import MOST_MEMBERS
from engine.training.events import Event
from engine.training.trainer import Trainer

SLICE = 0.02  # seconds of training between two looks at what is due


class Race:
    """Trains `trainers`, which have the same data, side by side: racer k is `trainers[k]`, an ordinary trainer.

        trainers = [Trainer(network, replace(training, learning_rate=rate), X, Y) for rate in (0.001, 0.01, 0.1)]
        for k, event in Race(trainers).run():
            print(k, event)

    Each racer does what it would do alone, up to rounding: it has its own seed, order of batches, schedule and end, and
    one that diverges stops alone. Racers that differ only in initial weights, seeds and the numbers of their settings
    are computed together; the others take turns, in slices of time, so that all are equally far on their way.

    `seconds` of a racer is its share of the time. Raises SpecError for no trainer, for one twice, and for more than 64.
    """

    def __init__(self, trainers: Sequence[Trainer]) -> None:
        if not 1 <= len(trainers) <= MOST_MEMBERS:
            raise SpecError("race", f"a race is between 1 and {MOST_MEMBERS} networks, not {len(trainers):,}")
        if len({id(trainer) for trainer in trainers}) < len(trainers):
            raise SpecError("race", "a trainer can take part in a race only once")
        self.trainers = tuple(trainers)
        self._heats: list[_Heat] = []

    @property
    def running(self) -> list[int]:
        """The racers that have not ended."""
        return [k for k, trainer in enumerate(self.trainers) if trainer.finished() is None]

    @property
    def due(self) -> list[int]:
        """The racers whose next report is due; none of them is advanced before it has been made."""
        return [k for k in self.running if self.trainers[k].until_report == 0]

    def run(self) -> Iterator[tuple[int, Event]]:
        """Train all to the end: the number of a racer, and what its `Trainer.run` would give."""
        reported = [-1] * len(self.trainers)
        while self.running:
            for k in self.due:
                progress = self.trainers[k].report()
                if progress.iteration != reported[k]:
                    yield k, progress
                reported[k] = progress.iteration
                if (finished := self.trainers[k].finished()) is not None:
                    yield k, finished
            self.advance()

    def advance(self, seconds: float = SLICE, until: int | None = None) -> None:
        """Advance those that are least far on their way for about so many seconds, at most to their next report.

        With `until` nobody is advanced beyond this iteration.
        """
        heats = [heat for heat in self._grouped() if heat.until_report and heat.left(until) > 0]
        if heats:
            min(heats, key=lambda heat: heat.share_done).advance(seconds, until)

    def _grouped(self) -> list[_Heat]:
        """The racers by what is computed together, anew whenever one has ended or was changed from outside."""
        running = [self.trainers[k] for k in self.running]
        grouped = {id(trainer) for heat in self._heats for trainer in heat.trainers}
        if {id(trainer) for trainer in running} != grouped or not all(heat.in_step for heat in self._heats):
            groups: list[list[Trainer]] = []
            for trainer in running:
                group = next((group for group in groups if _together(group[0]._loop, trainer._loop)), None)
                if group is None:
                    groups.append([trainer])
                else:
                    group.append(trainer)
            self._heats = [_Heat(group) for group in groups]
        return self._heats


class _Heat:
    """Trainers that are advanced together."""

    def __init__(self, trainers: Sequence[Trainer]) -> None:
        self.trainers = trainers
        self.loop = BatchedLoop([trainer._loop for trainer in trainers]) if len(trainers) > 1 else trainers[0]._loop
        self._settings = [(trainer.network, trainer.training) for trainer in trainers]
        self._size = 1

    @property
    def in_step(self) -> bool:
        """Whether their settings are those that they had, and all are at the same iteration."""
        same = all(
            trainer.network is network and trainer.training is training
            for trainer, (network, training) in zip(self.trainers, self._settings, strict=True)
        )
        return same and len({(trainer._loop.iteration, trainer._loop.updates) for trainer in self.trainers}) == 1

    @property
    def until_report(self) -> int:
        """Iterations until the first of them has to report."""
        return min(trainer.until_report for trainer in self.trainers)

    @property
    def share_done(self) -> float:
        """How far on its way the one is that has the longest way to go."""
        return min(trainer.iteration / max(1, trainer._reports.limit) for trainer in self.trainers)

    def left(self, until: int | None) -> int:
        """How many iterations they may be advanced at once: to the next report, to `until` at most."""
        most = min(trainer._reports.next_piece() for trainer in self.trainers)
        return most if until is None else min(most, until - max(trainer.iteration for trainer in self.trainers))

    def advance(self, seconds: float, until: int | None = None) -> None:
        """Advance for about so many seconds, at most to the next report, and to `until`."""
        most = self.left(until)
        size, began = min(self._size, most), time.perf_counter()
        self.loop.advance(size)
        if isinstance(self.loop, BatchedLoop) and all(trainer.until_report == 0 for trainer in self.trainers):
            self.loop.measure()
        took = max(time.perf_counter() - began, 1e-9)
        self._size = max(1, min(4 * size, int(size * seconds / took)))


def _together(one: Loop, other: Loop) -> bool:
    key = batch_key(one)
    return key is not None and key == batch_key(other) and all(map(_same, _data_of(one), _data_of(other)))


def _data_of(loop: Loop) -> tuple[Array | None, ...]:
    return loop.X, loop.Y, loop.weight


def _same(one: Array | None, other: Array | None) -> bool:
    if one is None or other is None:
        return one is other
    return one is other or np.array_equal(one, other)
