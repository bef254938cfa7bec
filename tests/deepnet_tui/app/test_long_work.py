"""What takes long is done beside the screen, says how far it is, and Escape gives it up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from deepnet_tui.app import DeepnetApp
from deepnet_tui.data.load import load
from deepnet_tui.experiment import Experiment
from deepnet_tui.export.registry import FORMATS
from deepnet_tui.screens.dialogs.export import ExportDialog
from deepnet_tui.screens.dialogs.path import AskPath
from deepnet_tui.screens.dialogs.working import Working
from deepnet_tui.widgets.views.evaluate.view import EvaluateView
from deepnet_tui.widgets.views.explain.view import ExplainView
from tests.deepnet_tui.app.conftest import ready, screen_text, state, told, type_text, until


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Until this is set, exports, checks, folds, columns and data get nowhere."""
    opened = threading.Event()

    def held(name: str) -> None:
        owner, _, attribute = name.rpartition(".")
        module = __import__(owner, fromlist=["x"])
        work = getattr(module, attribute)

        def waits(*args: Any, **values: Any) -> Any:
            opened.wait(60)
            return work(*args, **values)

        monkeypatch.setattr(name, waits)

    for name in (
        "deepnet_tui.explain.gradient_check.check_gradients",
        "deepnet_tui.understand.importance.importance",
        "deepnet_tui.folds.cross_validation.cross_validate",
    ):
        held(name)
    entry, save = FORMATS[".npz"], FORMATS[".npz"].save
    held_save = type(entry)(**{**vars(entry), "save": lambda *args: (opened.wait(60), save(*args))})
    monkeypatch.setitem(FORMATS, ".npz", held_save)
    yield opened
    opened.set()


async def given_up(pilot: Pilot[None], keys: str, view: type[Widget], running: str) -> None:
    """Begin something with these keys, which then says that it is `running`, and give it up."""
    app = pilot.app
    assert isinstance(app, DeepnetApp)
    await pilot.press(*keys)
    await until(pilot, lambda: running in screen_text(app), running)
    await pilot.press("escape")
    await until(pilot, lambda: running not in screen_text(app), f"an end of {running}")
    assert app.screen.query_one(view).has_focus_within


async def test_escape_gives_up_what_takes_long(gate: threading.Event, tmp_path: Path) -> None:
    app = DeepnetApp(Experiment.default("xor"))
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(pilot)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, ExportDialog), "the dialog")
        await pilot.press("enter")
        await type_text(pilot, "given-up.npz")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Working), "what is being done")
        assert "Writing" in screen_text(app)
        assert "Escape gives up" in screen_text(app)
        await pilot.press("escape")
        assert isinstance(app.screen, ExportDialog)
        assert "given up" in screen_text(app)
        await pilot.press("escape", "escape")

        await given_up(pilot, "2c", ExplainView, "checked")
        await given_up(pilot, "5i", EvaluateView, "columns are shuffled")
        assert "i measures the columns" in screen_text(app)
        await pilot.press("f")
        await until(pilot, lambda: "f or Escape stops" in screen_text(app), "folds")
        await pilot.press("escape")
        await until(pilot, lambda: "Stopped after 0 of 5 folds" in screen_text(app), "an end of the folds")
        gate.set()
        await pilot.press("i")
        await until(pilot, lambda: "curve" in screen_text(app), "the columns")
        while any(thread.name in ("export", "folds") for thread in threading.enumerate()):
            await pilot.pause(0.01)
    assert list(tmp_path.glob("given-up*")) == []


async def test_loading_can_be_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = threading.Event()

    def slow(settings: Any, progress: Any, **more: Any) -> Any:
        progress(0.3, "reading")
        opened.wait(60)
        progress(0.6, "reading")
        return load(settings, progress, **more)

    app = DeepnetApp("xor")
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(pilot)
        monkeypatch.setattr("deepnet_tui.data.load.load", slow)
        app.data.load(Experiment.default("circles"))
        await until(pilot, lambda: "reading 30%, Escape gives up" in screen_text(app), "how far it is")
        await pilot.press("escape")
        await until(pilot, lambda: "Loading was given up" in told(app), "what was done")
        assert "reading" not in screen_text(app).splitlines()[0]
        opened.set()
        assert app.workbench.dataset.name == "xor"


async def test_a_model_is_opened_beside_the_screen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened, read = threading.Event(), Experiment.read
    Experiment.default("circles").write(tmp_path / "circles.toml")

    def slow(path: Any) -> Experiment:
        opened.wait(60)
        return read(path)

    monkeypatch.setattr(Experiment, "read", slow)
    app = DeepnetApp("xor")
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(pilot)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, AskPath), "the dialog")
        await type_text(pilot, "circles.toml")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Working), "what is being done")
        opened.set()
        await until(pilot, lambda: app.workbench.dataset.name == "circles", "the data")
        await state(pilot, app.workbench.state)
        assert app.screen is app.main
