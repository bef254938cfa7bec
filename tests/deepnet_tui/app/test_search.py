"""The search screen."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.screens.search.screen import SearchScreen
from deepnet_tui.search.background import BackgroundSearch, Stage
from deepnet_tui.search.scoring import TrainingRows
from deepnet_tui.search.workers import ThisProcess
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, told, until

START = Experiment.default("moons").replace("training", iterations=40, report_every=4)
NAMED = START.model_copy(update={"search": {"learning_rate": "0.001..0.3:log", "hidden": "16,8;4;none"}})


@pytest.fixture(autouse=True)
def one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials in this process: as the same seed always gives them, and without waiting for processes to start."""

    def here(rows: TrainingRows, _count: int) -> ThisProcess:
        return ThisProcess(rows, lambda: False)

    monkeypatch.setattr("deepnet_tui.search.background.Processes", here)
    monkeypatch.setattr("deepnet_tui.search.background.TRIALS", 8)


async def opened(pilot: Pilot[None]) -> tuple[DeepnetApp, SearchScreen]:
    app = await ready(pilot)
    await pilot.press("F")
    await until(pilot, lambda: isinstance(app.screen, SearchScreen), "the search screen")
    assert isinstance(app.screen, SearchScreen)
    return app, app.screen


async def finished(pilot: Pilot[None], search: BackgroundSearch) -> None:
    await until(pilot, lambda: search.stage is Stage.FINISHED, f"the search, which is {search.stage} {search.error}")


async def test_a_search_from_its_start_to_the_settings_on_the_workbench() -> None:
    app = DeepnetApp(NAMED)
    async with app.run_test(size=(100, 30)) as pilot:
        _, screen = await opened(pilot)
        search = screen.search
        text = screen_text(app)
        assert "0.001..0.3:log" in text
        assert "0/8 trials" in text
        assert "Scored by the internal log-loss of 320 training rows" in text
        await pilot.press("minus", "plus", "minus")
        assert search.wanted == 1
        search.wanted = 8
        await pilot.press("space")
        await until(pilot, lambda: search.progress.finished >= 2, "two trials")
        await pilot.press("escape")
        assert app.screen is app.main
        await pilot.press("F")
        assert isinstance(app.screen, SearchScreen)
        assert app.screen.search is search
        await finished(pilot, search)
        await until(pilot, lambda: "✓ finished  8/8 trials" in screen_text(app), "the last frame")
        text = screen_text(app)
        assert "did not beat the defaults" in text or "The search beat the defaults" in text
        await pilot.press("y")
        rows = app.clipboard.splitlines()
        assert rows[0].split("\t") == ["trial", "score", "rate", "hidden"]
        assert len(rows) == 9
        await pilot.press("end", "up", "home", "down")
        chosen = app.screen.chosen
        assert chosen is not None
        assert rows[2].startswith(f"{chosen.number or 'default'}\t")
        await pilot.press("enter")
        assert app.screen is app.main
        training, network = app.workbench.experiment.training, app.workbench.experiment.network
        assert training.learning_rate == chosen.values["learning_rate"]
        assert tuple(layer.units for layer in network.hidden) == chosen.values["hidden"]
        if chosen.number:
            await pilot.press("u")
        assert app.workbench.experiment == NAMED
        await pilot.press("F")
        assert isinstance(app.screen, SearchScreen)
        assert app.screen.search is search


async def test_a_search_that_is_paused_goes_on_and_one_under_way_ends_with_the_app() -> None:
    slow = NAMED.replace("training", iterations=30_000, report_every=50)
    app = DeepnetApp(slow)
    async with app.run_test(size=(80, 24)) as pilot:
        _, screen = await opened(pilot)
        search = screen.search
        await pilot.press("space")
        await until(pilot, lambda: search.progress.trials, "the first trial")
        await pilot.press("space")
        await until(pilot, lambda: search.stage is Stage.PAUSED, "the pause")
        await until(pilot, lambda: f"--resume {search.name[:8]}" in screen_text(app), "what goes on")
        await pilot.press("space")
        await until(pilot, lambda: search.stage is Stage.SEARCHING, "the search")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: "A search is under way. Stop it and quit?" in screen_text(app), "the question")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen, "the search screen")
        await pilot.press("escape")
        await until(pilot, lambda: f"/{search.wanted}" in screen_text(app).splitlines()[0], "that it goes on")
        assert "● search" in screen_text(app)
        await pilot.press("a")
        assert len(app.workbench.experiment.network.hidden) == 3
        await pilot.press("F")
        assert isinstance(app.screen, SearchScreen)
        assert app.screen.search is search  # it is under way, so it is shown whatever is on the workbench
    assert search.stage is Stage.PAUSED
    assert search._thread is not None
    assert not search._thread.is_alive()


async def test_settings_are_not_taken_while_the_network_is_trained_nor_for_other_data() -> None:
    app = DeepnetApp(NAMED.replace("training", iterations=10**7))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        quick = BackgroundSearch(NAMED, app.workbench.dataset, app.workbench.store, trials=2)  # type: ignore[arg-type]
        app.searches.search = quick
        quick.start()
        await finished(pilot, quick)
        await pilot.press("space")
        await until(pilot, lambda: app.workbench.state is State.TRAINING, "training")
        await until(pilot, lambda: app.workbench.iteration > 0, "the first iterations")
        with pytest.raises(Exception, match="Pause first"):
            app.searches._take(quick.progress.trials[1])
        await pilot.press("space")
        await until(pilot, lambda: app.workbench.state is State.PAUSED, "the pause")
        app.data.load("circles")
        await until(pilot, lambda: app.workbench.experiment.data.source == "circles", "other data")
        with pytest.raises(Exception, match="These settings are for moons"):
            app.searches._take(quick.progress.trials[1])


async def test_what_can_not_be_searched_is_said_on_the_main_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = START.model_copy(update={"search": {"seed": "1,2"}})
    app = DeepnetApp(wrong)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("F")
        assert "[search] seed can't be searched" in told(app)[-1]
        monkeypatch.setattr("deepnet_tui.search.extra.find_spec", lambda _name: None)
        await pilot.press("F")
        assert 'pip install "deepnet-tui[search]"' in told(app)[-1]
        assert app.screen is app.main
