"""What reaches terminals with few colours and with none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from deepnet_tui.app import DeepnetApp
from deepnet_tui.appearance import FEW_COLORS
from deepnet_tui.drawing.color.terminal_colors import has_no_color
from deepnet_tui.drawing.color.themes import DARK, THEMES
from deepnet_tui.drawing.color.without_color import WithoutColor
from deepnet_tui.drawing.theme import contrast
from deepnet_tui.experiment import Experiment
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import ready, screen_text, state


@pytest.mark.parametrize(
    ("environ", "plain"),
    [
        ({"TERM": "vt100"}, True),
        ({"TERM": "xterm-mono"}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm"}, False),
        ({"TERM": "nobody-knows-this"}, False),
        ({"TERM": "vt100", "COLORTERM": "truecolor"}, False),
        ({}, False),
    ],
)
def test_a_terminal_without_colours_is_known(environ: Mapping[str, str], plain: bool) -> None:
    assert has_no_color(environ) is plain


@pytest.mark.parametrize(
    ("term", "colors", "config", "theme", "plain"),
    [
        ("xterm-256color", "256", "", DARK.name, False),
        ("linux", "standard", "", FEW_COLORS, False),
        ("xterm-16color", "standard", 'theme = "nord"', "nord", False),
        ("vt100", "standard", 'theme = "nord"', FEW_COLORS, True),
    ],
)
def test_the_theme_fits_the_terminal(
    term: str, colors: Any, config: str, theme: str, plain: bool, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "config.toml").write_text(config)
    monkeypatch.setenv("TERM", term)
    monkeypatch.delenv("COLORTERM", raising=False)
    app = DeepnetApp()
    app.console = Console(color_system=colors, force_terminal=True, _environ={"TERM": term})
    app._appearance.fit_to_terminal()
    assert (app.theme, app.no_color) == (theme, plain)
    assert app._appearance.theme_to_remember == ""


def test_without_colour_what_has_a_background_is_reversed() -> None:
    styles = [Style.parse("red on blue"), Style.parse("bold red"), Style.parse("black on default"), None]
    found = WithoutColor().apply([Segment("a", style) for style in styles], Color(0, 0, 0))
    assert [bool(segment.style and segment.style.reverse) for segment in found] == [True, False, False, False]
    for _, style, _ in found:
        assert style is None or re.fullmatch(r"(\x1b\[[0-9;]*m)?a(\x1b\[0m)?", style.render("a"))
        assert style is None or not re.search(r"[34]8;|\b[34][0-7]\b|\b9[0-7]\b", style.render("a"))


async def test_nothing_is_told_by_colour_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without colour, every style of the screen differs by an attribute or a character, and no colour is sent."""
    monkeypatch.setenv("NO_COLOR", "1")
    app = DeepnetApp(Experiment.default("iris").replace("training", iterations=20, report_every=5))
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        assert app.theme == FEW_COLORS
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await pilot.press("3")
        text = screen_text(app)
        assert "• validation" in text, "curves have marks"
        assert "setosa" in text
        assert "letters: validation" in text, "so have classes"
        assert "┏" in text, "the focus has a heavy border"
        await pilot.press("0", "tab")
        strips = app.screen._compositor.render_strips()
        colors = {style.color for strip in strips for _, style, _ in strip if style is not None}
        assert all(color is None or color.is_default for color in colors)
        rows = [strip.text for strip in strips for _, style, _ in strip if style is not None and style.reverse]
        assert any("optimizer" in row for row in rows), "so has the selected row"


def test_the_own_themes_are_readable() -> None:
    """Every colour of text on every ground, by WCAG 2 AA; borders and the like by its 3 for graphics."""
    for theme in THEMES.values():
        variables = theme.to_color_system().generate() | theme.variables
        grounds = [Color.parse(variables[name]) for name in ("background", "surface", "panel")]
        for name in ("foreground", "primary", "accent", "success", "warning", "error", "footer-key-foreground"):
            for ground in grounds:
                assert contrast(Color.parse(variables[name]), ground) >= 4.5, (theme.name, name, ground.hex)
        assert contrast(Color.parse(variables["border"]), grounds[0]) >= 3
    assert DARK.dark
