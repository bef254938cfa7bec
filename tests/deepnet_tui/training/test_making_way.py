"""While a key is answered the training stands still, for a moment."""

from __future__ import annotations

import threading
from queue import SimpleQueue

import pytest

from deepnet_tui.data.load import load
from deepnet_tui.experiment import Experiment
from deepnet_tui.training import thread as training_thread
from deepnet_tui.training.messages import FromWorker, Paused
from deepnet_tui.training.run import TrainingRun
from deepnet_tui.training.thread import TrainingThread


class Watched(threading.Event):
    """Says when somebody begins to wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_for = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        self.waited_for.set()
        return super().wait(timeout)


def test_it_stands_still_until_it_may_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_thread, "MOST_WAITED", 60.0)
    experiment = Experiment.default("moons").replace("training", iterations=10**9)
    run, posted = TrainingRun(experiment, load(experiment.data)), SimpleQueue[FromWorker]()
    trained = TrainingThread(run, posted.put, 1)
    watched = trained._free = Watched()
    watched.set()
    trained.start()
    for last in (False, True):
        watched.waited_for.clear()
        trained.make_way()
        assert watched.waited_for.wait(30)
        assert run.trainer is not None
        iteration = run.trainer.iteration
        assert iteration == run.pulse[0]
        trained.pause() if last else trained.go_on()
    assert isinstance(posted.get(timeout=30), Paused)
    assert run.pulse[0] == iteration
    trained.make_way()
    assert watched.is_set()
