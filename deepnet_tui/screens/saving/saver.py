"""Asks what to save of a pane, and where."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from deepnet_tui.common.errors import InputError
from deepnet_tui.screens.dialogs.dialog import Choose
from deepnet_tui.screens.dialogs.path import AskPath
from deepnet_tui.screens.saving.capture import pane_svg, to_png
from deepnet_tui.screens.saving.delivery import deliver
from deepnet_tui.screens.workspace import WorkspaceScreen
from deepnet_tui.widgets.base.view import View
from engine.training.events import Progress

if TYPE_CHECKING:
    from deepnet_tui.workbench.workbench import Workbench

PANE = {
    "svg": "this pane as a picture that stays sharp, .svg",
    "png": "this pane as a picture, .png",
    "txt": "what this pane says, as text with tabs, .txt",
}
RUN = {
    "cost": "the cost of this run as it fell: an animated .svg",
    "boundary": "the boundary as it was learned: an animated .svg or .gif",
}


class PaneSaver:
    """Saves one pane of a screen, as it is when this is made: the dialogs cover it later."""

    def __init__(self, screen: WorkspaceScreen, pane: View, workbench: Workbench) -> None:
        self._screen, self._workbench = screen, workbench
        self._name = (pane.id or "pane").removeprefix("view-")
        self._svg = pane_svg(pane, f"deepnet: {self._name}")
        self._text = pane.as_text()

    def ask(self) -> None:
        """Ask for the kind, then for the path."""
        trained = self._workbench.ready and len(self._workbench.training_run.history) > 1
        kinds = PANE | (RUN if trained else {})
        self._screen.app.push_screen(Choose("Save for a slide", kinds, "svg"), self._chosen)

    def _chosen(self, kind: str | None) -> None:
        if kind is None:
            return
        name, hint = f"{self._name}.{kind}", PANE.get(kind) or RUN[kind]
        if kind in RUN:
            name = f"{kind}.svg"
        ask = AskPath("Save for a slide", hint[0].upper() + hint[1:], name, self._writer(kind), asks_before=True)
        self._screen.app.push_screen(ask, self._said)

    def _writer(self, kind: str) -> Callable[[Path], object]:
        makers = {
            "svg": lambda _: self._svg.encode("utf-8"),
            "png": lambda _: to_png(self._svg),
            "txt": lambda _: (self._text + "\n").encode("utf-8"),
            "cost": lambda _: self._cost(),
            "boundary": self._boundary,
        }
        return lambda path: write(path, makers[kind](path))

    def _said(self, path: str | None) -> None:
        self._screen.say(deliver(self._screen.app, path, f"Saved {path}") if path else "")

    def _cost(self) -> bytes:
        from deepnet_tui.report.svg.animation import animated_cost

        curves = self._workbench.training_run.history.curves()
        columns = (curves.iteration, curves.cost, curves.validation_cost)
        rows = zip(*(column.tolist() for column in (*columns, curves.lowest, curves.highest)), strict=True)
        reports = [
            Progress(int(at), cost, known(validation), lowest=known(low), highest=known(high))
            for at, cost, validation, low, high in rows
        ]
        picture = animated_cost(reports)
        if picture is None:
            raise InputError("there is no finite cost to draw")
        return picture.standalone().encode("utf-8")

    def _boundary(self, path: Path) -> bytes:
        from deepnet_tui.report.boundary import animated_boundary, animated_gif, boundary_frames

        bench = self._workbench
        what = (bench.dataset, bench.network, bench.training_run.snapshots.items)
        if path.suffix.lower() == ".gif":
            return animated_gif(boundary_frames(*what)[1])
        return animated_boundary(*what).standalone().encode("utf-8")


def known(value: float) -> float | None:
    """None for what a report does not have."""
    return None if math.isnan(value) else value


def write(path: Path, data: bytes) -> None:
    """Write the file, whole or not at all. Raises InputError where it can't be written."""
    from deepnet_tui.export.format import refusal
    from engine.storage.atomic import write_atomically

    def fill(temporary: Path) -> None:
        temporary.write_bytes(data)

    try:
        write_atomically(path, fill)
    except (OSError, ValueError) as error:
        raise refusal(error, path, "write") from None
