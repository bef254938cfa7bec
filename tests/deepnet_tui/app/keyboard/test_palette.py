"""The palette finds everything that has a name, and the keys that other programs take have a second one."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from textual.command import CommandPalette, Hit
from textual.widgets import Static

from deepnet_tui.app import DeepnetApp
from deepnet_tui.common.background import LatestJob
from deepnet_tui.data.builtin import BUILTIN
from deepnet_tui.lessons.library import LESSONS
from deepnet_tui.runs.store import Store
from deepnet_tui.screens.data.screen import DataScreen
from deepnet_tui.screens.dialogs.help import Help
from deepnet_tui.screens.palette.entries import IN_DATA_SCREEN, PaletteEntry, things
from deepnet_tui.screens.palette.provider import PaletteProvider
from deepnet_tui.screens.palette.runs import MOST, RunNames
from deepnet_tui.screens.runs.run_list import RunList
from deepnet_tui.screens.runs.screen import RunsScreen
from deepnet_tui.widgets.panes.training import SETTINGS, TrainingPane
from tests.deepnet_tui.app.conftest import ready, screen_text, until
from tests.deepnet_tui.app.keyboard.sizes import NARROW, WIDE


async def found(provider: PaletteProvider, query: str) -> dict[str, Hit]:
    return {hit.text or "": hit async for hit in hits(provider, query)}


async def hits(provider: PaletteProvider, query: str) -> AsyncIterator[Hit]:
    async for hit in provider._search(query):
        assert isinstance(hit, Hit)
        yield hit


def best(found: dict[str, Hit]) -> str:
    return max(found, key=lambda title: found[title].score)


async def test_everything_that_has_a_name_is_found_and_run() -> None:
    app = DeepnetApp()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        Store().begin(app.workbench.experiment).release()
        (run,) = Store().list()
        provider = PaletteProvider(app.screen)
        provider._post_init()
        names = [f"Data: {name}" for name in BUILTIN] + [f"Lesson: {name}" for name in LESSONS]
        names += [f"Theme: {name}" for name in app.available_themes] + [f"Run: {run.id}"]
        names += [f"Setting: {entry.setting.label}" for entry in SETTINGS]
        for name in names[::6]:
            assert best(await found(provider, name)) == name
        of_data = [title for title in await found(provider, "setting") if title.endswith("(data)")]
        assert len(of_data) == len(IN_DATA_SCREEN)
        assert best(await found(provider, "lrnrt")) == "Setting: learning rate"
        assert any(title.startswith("Explain: Check") for title in await found(provider, "check gradients"))

        await (await found(provider, "Explain: guess"))["Explain: Guess  (g)"].command()
        assert app.main.view is not None
        assert app.main.view.id == "view-explain"
        (await found(provider, "Setting: seed"))["Setting: seed"].command()
        await until(pilot, lambda: (pane := app.main.query_one(TrainingPane)).chosen and pane.chosen.name == "seed")
        assert app.main.query_one(TrainingPane).has_focus_within
        (await found(provider, "Theme: nord"))["Theme: nord"].command()
        assert app.theme == "nord"
        (await found(provider, run.id))[f"Run: {run.id}"].command()
        await until(pilot, lambda: isinstance(app.screen, RunsScreen) and app.screen.query(RunList))
        await until(pilot, lambda: app.screen.query_one(RunList).chosen is not None)
        await pilot.press("escape")
        await (await found(provider, "noise data"))["Setting: noise (data)"].command()
        await until(pilot, lambda: isinstance(app.screen, DataScreen))
        await pilot.press("escape", "escape")
        (await found(provider, "Data: circles"))["Data: circles"].command()
        await until(pilot, lambda: app.workbench.dataset.name == "circles")
        await (await found(provider, "Lesson: zeros"))["Lesson: zeros"].command()
        await until(pilot, lambda: not app.is_running)
    assert app.next_lesson == "zeros"


async def test_who_types_on_while_files_are_read_still_finds_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    read = Event()

    def slow(*around: Any) -> list[PaletteEntry]:
        read.wait()
        return things(*around)

    monkeypatch.setattr("deepnet_tui.screens.palette.provider.things", slow)
    app = DeepnetApp()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot)
        try:
            await pilot.press("ctrl+p")
            await until(pilot, lambda: isinstance(app.screen, CommandPalette))
            await pilot.press("c", "i")
            await until(pilot, lambda: "Find better settings" in screen_text(app), "the commands, which are known")
            await pilot.press(*"rcles")
        finally:
            read.set()
        await until(pilot, lambda: "Data: circles" in screen_text(app), "what was read meanwhile")


def test_thousands_of_runs_are_found_without_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    def record(number: int) -> Any:
        labels = SimpleNamespace(name="best of all" if number == 7 else "", tags=("paper",) if number % 9 else ())
        name = f"20261127-{number:06d}-moons"
        return SimpleNamespace(id=name, labels=labels, state="completed", iteration=number, cost=0.5)

    monkeypatch.setattr(Store, "list", lambda _: [record(number) for number in range(10_000)])
    names = RunNames(Store())
    assert next(names.find("best of")).id == "20261127-000007-moons"
    assert next(names.find("bsto")).id == "20261127-000007-moons"
    assert len(list(names.find("paper moons"))) == MOST


async def test_keys_that_others_take_have_a_second_one_which_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "TERM_PROGRAM", "vscode")
    app = DeepnetApp()
    async with app.run_test(size=NARROW) as pilot:
        await ready(pilot)
        assert ": ^p palette" in screen_text(app).splitlines()[-1]
        await pilot.press("colon")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"Q")
        assert app.is_running, "a letter that is typed does not quit"
        await pilot.press("escape", "question_mark")
        await until(pilot, lambda: isinstance(app.screen, Help))
        assert str(app.screen.query(".group").last(Static).render()) == "Mouse"
        await pilot.press("escape")
        for number, keys in enumerate((("1", "shift+tab"), ("0",), ("0", "tab"), ("0", "shift+tab"), ("7",), ("4",))):
            await pilot.press("6")
            await pilot.press(*keys)
            wanted = ("cost", "architecture", "training", "data", "view-picture", "view-health")[number]
            assert app.focused is not None
            assert any(node.id == wanted for node in app.focused.ancestors_with_self), (keys, wanted)
        await pilot.press("Q")
        await until(pilot, lambda: not app.is_running)


async def test_what_is_copied_is_told_as_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = home / "copied.txt"
    command = f'["sh", "-c", "cat > \'{target}\'"]'
    (home / "config.toml").write_text(f"clipboard = {command}\n")
    app = DeepnetApp()
    started: list[str] = []
    start = LatestJob.start

    def begin(job: LatestJob[Any], *arguments: Any) -> None:
        started.append(job._name)
        start(job, *arguments)

    monkeypatch.setattr(LatestJob, "start", begin)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("y")
        await until(pilot, lambda: any("with sh" in note.message for note in app._notifications), "what was copied")
        assert target.read_text() == app.clipboard
    assert "copy" in started, "commands take time, so they run in a thread"
