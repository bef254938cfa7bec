"""Ctrl-S saves a pane as a picture or as text, and a run as a picture that moves."""

from __future__ import annotations

import builtins
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from deepnet_tui.app import DeepnetApp
from deepnet_tui.common.errors import InputError
from deepnet_tui.experiment import Experiment
from deepnet_tui.screens.dialogs.path import AskPath
from deepnet_tui.screens.saving.capture import to_png
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, state, until
from tests.deepnet_tui.widgets.views.helpers import SMALL


async def save(app: DeepnetApp, pilot: Pilot[None], letter: str, path: Path) -> None:
    """Choose the kind that begins with a letter, and type the path."""
    await pilot.press("ctrl+s", letter, "enter")
    await until(pilot, lambda: isinstance(app.screen, AskPath), "the dialog")
    app.screen.query_one(Input).value = str(path)
    await pilot.press("enter")
    await until(pilot, lambda: app.screen is app.main, "the main screen")
    assert path.is_file()


async def test_a_pane_and_a_run_are_saved(tmp_path: Path) -> None:
    app = DeepnetApp(Experiment.default("moons").replace("training", iterations=60, report_every=20))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await save(app, pilot, "s", tmp_path / "pane.svg")
        await save(app, pilot, "t", tmp_path / "pane.txt")
        await save(app, pilot, "c", tmp_path / "cost.svg")
        await save(app, pilot, "b", tmp_path / "boundary.svg")
    svg = (tmp_path / "pane.svg").read_text()
    assert "@font-face" not in svg
    assert "url(http" not in svg
    assert "deepnet:" in svg.replace("&#160;", " ")
    for name in ("pane", "cost", "boundary"):
        ET.parse(tmp_path / f"{name}.svg")  # noqa: S314  our own text
    assert (tmp_path / "pane.txt").read_text().strip()
    assert "<animate" in (tmp_path / "cost.svg").read_text()


def test_a_png_needs_a_converter(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = builtins.__import__

    def without(name: str, *args: Any, **values: Any) -> Any:
        if name == "cairosvg":
            raise ImportError
        return whole(name, *args, **values)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(InputError, match=r"neither is installed: pip install 'deepnet-tui\[pictures\]'"):
        to_png("<svg/>")
