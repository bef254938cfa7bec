"""The chart's lines can be seen, and told apart, under every theme; and without colour."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from deepnet_tui.app import DeepnetApp
from deepnet_tui.drawing.color.themes import THEMES as OWN
from deepnet_tui.drawing.contrast_filter import LEAST
from deepnet_tui.drawing.theme import chart_colors, contrast
from deepnet_tui.experiment import Experiment
from deepnet_tui.widgets.panes.cost import CostPane
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, state


async def test_lines_are_readable_under_every_theme() -> None:
    app = DeepnetApp()
    async with app.run_test(size=(80, 24)) as pilot:
        for name in (*OWN, *BUILTIN_THEMES):
            app.theme = name
            await pilot.pause()
            colors = chart_colors(app)
            if app.current_theme.ansi:
                assert len({colors.train, colors.validation, colors.cursor}) == 3
                continue
            ground = Color.parse(app.theme_variables["background"])
            for color in (colors.train, colors.validation, colors.cursor, colors.axis):
                assert isinstance(color, tuple)
                assert contrast(Color(*color), ground) >= 3, name
            assert isinstance(colors.train, tuple)
            assert isinstance(colors.validation, tuple)
            assert math.dist(colors.train, colors.validation) >= 65, name


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(Color(255, 255, 255), Color(0, 0, 0)) == pytest.approx(21)
    assert contrast(Color(119, 119, 119), Color(255, 255, 255)) == pytest.approx(4.48, abs=0.01)


async def test_lines_differ_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = DeepnetApp()
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        app.main.query_one(CostPane).focus()
        text = screen_text(app)
        assert "• validation" in text
        assert "━ train with penalty" in text
        assert text.count("•") > 20
        app.main.workbench.edit("training", l2=0.0)
        app.main.poll()
        await pilot.pause()
        assert "━ train 0." in screen_text(app)


def words(app: DeepnetApp) -> Iterator[tuple[str, float]]:
    """Every word on the screen, with its contrast."""
    for strip in app.screen._compositor.render_strips():
        for text, style, _ in strip:
            if style is None or style.color is None or style.bgcolor is None or not any(map(str.isalnum, text)):
                continue
            ink, paper = Color(*style.color.get_truecolor()), Color(*style.bgcolor.get_truecolor())
            yield text.strip(), contrast(ink, paper)


THEMES = (*OWN, *BUILTIN_THEMES)
SCREENS = [("space", "done", "7"), ("d",), ("e",), ("0", "tab", "tab", "down", "enter"), ("4",)]


@pytest.mark.parametrize("number", range(len(SCREENS)), ids=lambda number: SCREENS[number][0])
async def test_every_word_can_be_read_under_every_theme(number: int) -> None:
    """Of the main screen under every theme, of the others under every third one, by turns."""
    keys, themes = SCREENS[number], THEMES[number % 3 :: 3] if number else THEMES
    app = DeepnetApp(Experiment.default("tutorial").replace("training", iterations=200))
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        for key in keys:
            if key == "done":
                await state(pilot, State.FINISHED)
            else:
                await pilot.press(key)
        seen = 0
        for name in themes:
            app.theme = name
            if app.current_theme.ansi:
                continue
            await pilot.pause()
            faint = {word: found for word, found in words(app) if found < LEAST - 0.05}
            assert not faint, name
            seen += len(list(words(app)))
        assert seen > 100
