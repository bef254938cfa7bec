"""The first line: what the network is, and what is happening to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from deepnet_tui.common.times import short_time_left
from deepnet_tui.drawing.numbers import dims, speed, whole
from deepnet_tui.workbench.state import State

if TYPE_CHECKING:
    from deepnet_tui.workbench.workbench import Workbench

DOTS = {
    State.EMPTY: ("○", "dim"),
    State.IDLE: ("○", "dim"),
    State.TRAINING: ("●", "$text-success"),
    State.PAUSING: ("‖", "$text-warning"),
    State.PAUSED: ("‖", "$text-warning"),
    State.FINISHED: ("✓", "$text-success"),
    State.DIVERGED: ("✗", "$text-error"),
    State.FAILED: ("✗", "$text-error"),
}
Parts = list[tuple[str, str, int]]  # text, style, how early it is left out when room is short (0: never)


class StatusLine(Widget):
    """One line that always fits: the least important parts go first."""

    FRAMES = 4

    def __init__(self) -> None:
        super().__init__(id="status")
        self._left: Parts = [("deepnet", "bold $text-primary", 1)]
        self._right: Parts = []

    def announce(self, name: str, how_far: str = "loading") -> None:
        """Say that data are on their way."""
        self._left = [("deepnet", "bold $text-primary", 1), (name, "bold", 0)]
        self._right = [(f"… {how_far}", "dim", 0)]
        self.refresh()

    def show(self, workbench: Workbench, beside: str = "") -> None:
        """Draw the workbench's state, and what goes on beside it."""
        self._left = [("deepnet", "bold $text-primary", 2)]
        self._right = []
        if workbench.ready:
            self._describe(workbench)
        if beside:
            self._right.insert(0, (f"● {beside}", "$text-success", 0))
        self.refresh()

    def _describe(self, workbench: Workbench) -> None:
        network = workbench.network
        layers = dims(network.dims)
        self._left += [
            (shortened(workbench.dataset.name, self.size.width // 3), "bold", 0),
            (f"{network.ensemble} × {layers}" if network.ensemble > 1 else layers, "", 0),
            (f"{whole(network.size)} parameters", "dim", 1),
        ]
        state = workbench.state
        dot, color = DOTS[state]
        total = workbench.experiment.training.iterations
        self._right = [(f"{dot} {state}", color, 0), (f"{whole(workbench.iteration)}/{whole(total)}", "", 0)]
        if workbench.cursor is not None:
            self._right.insert(0, (f"◂ at {whole(workbench.cursor)}", "$text-warning", 0))
        rate = workbench.rate()
        if state is State.TRAINING and rate > 0:
            left = max(0, total - workbench.iteration) / rate
            compiled = ", compiled" if workbench.training_run.path.startswith("one compiled loop") else ""
            self._right += [(speed(rate) + compiled, "dim", 4), (short_time_left(left), "dim", 3)]

    def render(self) -> Content:
        """The line."""
        width = self.size.width - 2
        left, right = list(self._left), list(self._right)
        for rank in (1, 2, 3, 4):
            if _width(left) + _width(right) + 2 <= width:
                break
            left = [part for part in left if part[2] != rank]
            right = [part for part in right if part[2] != rank]
        gap = max(1, width - _width(left) - _width(right))
        return Content.assemble(" ", _join(left), " " * gap, _join(right), " ")


def shortened(text: str, most: int) -> str:
    """At most so many characters: a long name loses its middle, and keeps its ending."""
    if len(text) <= most or most < 8:
        return text
    return f"{text[: most - 6]}…{text[-5:]}"


def _width(parts: Parts) -> int:
    return sum(Content(text).cell_length for text, _, _ in parts) + 2 * max(0, len(parts) - 1)


def _join(parts: Parts) -> Content:
    return Content("  ").join([Content.styled(text, style) for text, style, _ in parts])
