"""Two or three networks trained in step: at every rest all of them are at the same iteration.

So that the same keys give the same pictures, a pause lets those that are behind catch up.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.race.racers import Racer, racers_of
from deepnet_tui.race.session import RaceSession
from deepnet_tui.race.values import Varied, shown, variable

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.runs.store import Store
    from engine.training.trainer import Trainer

FEWEST, MOST = 2, 3
FIRST = "initializer"  # what differs where nobody has said it
PROPOSED: dict[str, tuple[Any, ...]] = {
    FIRST: ("zeros", "small", "he"),
    "optimizer": ("gd", "momentum", "adam"),
    "activation": ("sigmoid", "tanh", "relu"),
    "hidden": ((4,), (16,), (16, 8)),
    "dropout": (0.0, 0.2, 0.5),
    "batch_size": (None, 64, 8),
    "l2": (0.0, 0.1, 1.0),
    "seed": (1, 2, 3),
}
LIVE_SHARE = 0.05  # of the time may go into pictures of networks that are being trained
HUGE = 5e10  # multiplications that one iteration of all networks may take; more is not trained here


def proposed(name: str, experiment: Experiment) -> tuple[Any, ...]:
    """Values of a setting that are worth seeing beside each other."""
    if name in PROPOSED:
        return PROPOSED[name]
    setting = variable()[name].setting
    now: Any = getattr(getattr(experiment, variable()[name].section), name, None)
    if setting.kind == "number" and isinstance(now, float) and now > 0:
        values = [float(f"{now * factor:.4g}") for factor in (0.1, 1, 10)]
        return tuple(value for value in values if setting.low <= value <= setting.high)
    if setting.kind == "flag":
        return (False, True)
    return () if setting.choices is None else tuple(setting.choices())[:MOST]


def side_by_side(experiment: Experiment, varied: Varied) -> tuple[Racer, ...]:
    """The networks to show, two or three. Raises InputError for any other number of combinations."""
    count = math.prod(len(values) for values in varied.values())
    if not FEWEST <= count <= MOST:
        words = {name: ", ".join(shown(name, each) for each in values) for name, values in varied.items()}
        lists = "; ".join(f"{name} {text}" for name, text in words.items())
        raise InputError(f"side by side are two or three networks; {lists} would be {count}", "vary")
    return racers_of(experiment, varied)


def too_large(racers: Sequence[Racer], dataset: Dataset) -> str:
    """Why these are not trained side by side, "" where they can be: an iteration of all would take many seconds."""
    work = 0.0
    for racer in racers:
        network, training = racer.experiment.network_spec(dataset), racer.experiment.training
        work += 6.0 * network.size * min(dataset.train.m, training.batch_size or dataset.train.m)
    if work <= HUGE:
        return ""
    return (
        f"{dataset.train.m:,} examples are too many to train {len(racers)} networks in step: this is their start; "
        "a race trains them, or a smaller batch_size"
    )


class InStepSession(RaceSession):
    """The networks on `dataset`. All methods belong to the thread of the screen. `store` is for the one that is taken
    over and trained on; before that nothing is kept.

    `train` goes on until `pause`, `step` for some iterations, `step_report` to the next report. `follow` asks for
    snapshots of networks that are being trained; `runs[k].latest` is the newest of each.
    """

    def __init__(self, racers: Sequence[Racer], dataset: Dataset, store: Store | None = None) -> None:
        super().__init__(racers, dataset, store, tags=())
        self._until: int | None = 0
        self._follow = threading.Event()

    @property
    def iteration(self) -> int:
        """How far they are; while they are trained the one that is farthest."""
        return max(run.pulse[0] for run in self.runs)

    def prepare(self) -> None:
        """Make the networks, and show their start."""
        self._go(0)

    def train(self) -> None:
        """Train until a pause, or to the end."""
        self._go(None)

    def step(self, iterations: int = 1) -> None:
        """Train for so many iterations."""
        if not self.training:
            self._go(self.iteration + iterations)

    def step_report(self) -> None:
        """Train to the next report; of several intervals between reports the shortest counts."""
        every = min(racer.experiment.training.report_every for racer in self.racers)
        if not self.training:
            self._go((self.iteration // every + 1) * every)

    def follow(self) -> None:
        """Ask for new snapshots as soon as they are affordable."""
        self._follow.set()

    def _go(self, until: int | None) -> None:
        self.wait()
        self._until = until
        self.start()

    def _train(self) -> None:
        race, trainers = self._prepare()
        until, next_live = self._until, 0.0
        while race.running:
            for number in race.due:
                self.runs[number].report(trainers[number])
            if until is None and self._pause.is_set():
                until = max(trainer.iteration for trainer in trainers)
            if all(trainers[number].iteration >= (math.inf if until is None else until) for number in race.running):
                break
            race.advance(until=until)
            self._publish(trainers)
            if self._follow.is_set() and time.perf_counter() >= next_live:
                next_live = self._publish_live(trainers)
        for run, trainer in zip(self.runs, trainers, strict=True):
            run.finish_segment(trainer)
        self._publish(trainers)

    def _publish(self, trainers: Sequence[Trainer]) -> None:
        for run, trainer in zip(self.runs, trainers, strict=True):
            run.pulse = (trainer.iteration, trainer.seconds)

    def _publish_live(self, trainers: Sequence[Trainer]) -> float:
        """Snapshots of all; gives when the next ones are affordable."""
        began = time.perf_counter()
        self._follow.clear()
        for run, trainer in zip(self.runs, trainers, strict=True):
            if run.finished is None:
                run.live_snapshot(trainer)
        now = time.perf_counter()
        return now + (now - began) / LIVE_SHARE
