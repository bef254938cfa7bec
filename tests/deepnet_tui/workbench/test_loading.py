"""Loading data in a thread: the newest request wins, and what goes wrong is an answer too."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deepnet_tui.data import load as data_load
from deepnet_tui.experiment import Experiment
from deepnet_tui.workbench.loading import Loaded, Loader, LoadEvent, LoadFailed, LoadRequest

PATIENCE = 30.0


class Desk:
    """A loader whose answers are delivered in the thread of the test."""

    def __init__(self) -> None:
        self.calls: queue.Queue[Callable[[], None]] = queue.Queue()
        self.events: list[LoadEvent] = []
        self.loader = Loader(self.events.append, self.calls.put)

    def wait(self) -> LoadEvent:
        """Deliver until the request has its end."""
        while self.loader.running:
            self.calls.get(timeout=PATIENCE)()
        return self.events[-1]


def test_a_built_in_set_is_loaded() -> None:
    desk = Desk()
    desk.loader.start(LoadRequest("moons"))
    assert desk.loader.running
    end = desk.wait()
    assert isinstance(end, Loaded)
    assert (end.dataset.name, end.experiment.data.source, end.parameters) == ("moons", "moons", None)


def test_the_newest_request_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    entered, go = threading.Event(), threading.Event()
    load = data_load.load

    def slow(settings: Any, *args: Any, **more: Any) -> Any:
        if settings.source == "moons":
            entered.set()
            assert go.wait(PATIENCE)
        return load(settings, *args, **more)

    monkeypatch.setattr(data_load, "load", slow)
    desk = Desk()
    desk.loader.start(LoadRequest("moons"))
    assert entered.wait(PATIENCE)
    desk.loader.start(LoadRequest("xor"))
    end = desk.wait()
    go.set()
    desk.calls.get(timeout=PATIENCE)()
    assert isinstance(end, Loaded)
    assert end.dataset.name == "xor"
    assert desk.events[-1] is end


def test_what_goes_wrong_is_a_sentence_and_names_the_field(tmp_path: Path) -> None:
    desk = Desk()
    desk.loader.start(LoadRequest("mons"))
    end = desk.wait()
    assert isinstance(end, LoadFailed)
    assert "mons" in end.message
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(f"{n},{n % 2}\n" for n in range(30)))
    asked = Experiment.default(str(tmp_path / "t.csv"), "c")
    desk.loader.start(LoadRequest(asked))
    end = desk.wait()
    assert isinstance(end, LoadFailed)
    assert (end.field, end.experiment) == ("target", asked)


def test_a_fault_in_what_restores_is_a_sentence() -> None:
    desk = Desk()

    def restore() -> Any:
        raise RuntimeError("lost")

    desk.loader.start(LoadRequest("moons", restore=restore))
    end = desk.wait()
    assert isinstance(end, LoadFailed)
    assert end.message == "The data can't be used: lost"


def test_what_is_cancelled_delivers_nothing() -> None:
    desk = Desk()
    desk.loader.start(LoadRequest("moons"))
    desk.loader.cancel()
    assert not desk.loader.running
    desk.calls.get(timeout=PATIENCE)()
    assert desk.events == []
