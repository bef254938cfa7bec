"""The look of the app: its theme, as the configuration, the last session and the terminal have it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from textual.app import App
from textual.filter import ANSIToTruecolor, LineFilter, Monochrome, NoColor

from deepnet_tui.drawing.color.terminal_colors import has_no_color
from deepnet_tui.drawing.color.themes import DEFAULT, FORMER_NAMES, THEMES
from deepnet_tui.drawing.color.without_color import WithoutColor
from deepnet_tui.drawing.contrast_filter import ContrastFilter
from deepnet_tui.drawing.control_filter import ControlFilter

FEW_COLORS = "ansi-dark"  # the theme for 16 colours and for none: those that the terminal itself has chosen


class Appearance:
    """Chooses the theme of an app, and how text reaches the terminal."""

    def __init__(self, app: App[Any], remembered: str) -> None:
        """`remembered` is the theme of the last session, "" for none."""
        self._app = app
        self._remembered = remembered
        self._is_fixed = False  # by the configuration
        self._began_with = ""
        self._contrast, self._control, self._without_color = ContrastFilter(), ControlFilter(), WithoutColor()
        for theme in THEMES.values():
            app.register_theme(theme)

    def begin(self, wanted: str) -> str:
        """Take the theme that the configuration wants, "" for none; gives a sentence where there is no such theme."""
        app, wanted = self._app, FORMER_NAMES.get(wanted, wanted)
        self._is_fixed = wanted in app.available_themes
        known = self._remembered in app.available_themes
        self._show(wanted if self._is_fixed else self._remembered if known else DEFAULT)
        if app.no_color:
            self._show(FEW_COLORS)
        if wanted and not self._is_fixed:
            return f"There is no theme {wanted!r}; ctrl+p Theme lists them."
        return ""

    def fit_to_terminal(self) -> None:
        """Do without what the terminal can't show; to be called once the app has its terminal."""
        app = self._app
        if app.is_headless or app.is_web:
            return
        few = app.console.color_system in ("standard", "windows", None)
        if has_no_color(os.environ) and app.console.color_system != "truecolor":
            app.no_color = True
        if app.no_color or (few and not self._is_fixed and not app.current_theme.ansi):
            self._show(FEW_COLORS)

    def _show(self, theme: str) -> None:
        self._app.theme = self._began_with = theme

    @property
    def theme_to_remember(self) -> str:
        """The theme that somebody chose, now or earlier; "" for none."""
        return self._remembered if self._is_fixed or self._app.theme == self._began_with else self._app.theme

    def filters(self, given: Sequence[LineFilter]) -> Sequence[LineFilter]:
        """Leave control characters out, and keep words legible, unless the terminal alone knows its colours."""
        rest = [entry for entry in given if not isinstance(entry, ANSIToTruecolor | Monochrome | NoColor)]
        first = [entry for entry in given if isinstance(entry, ANSIToTruecolor)]
        if self._app.no_color:
            return [*first, *rest, self._control, self._without_color]
        return [*first, *([] if self._app.native_ansi_color else [self._contrast]), *rest, self._control]
