"""When each pane is drawn: at once after a key, in its turn while the network is trained, never for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from weakref import WeakKeyDictionary

from textual.geometry import Size

from deepnet_tui.screens.redraw_budget import RedrawBudget
from deepnet_tui.workbench.state import State

if TYPE_CHECKING:
    from deepnet_tui.screens.services import TerminalService
    from deepnet_tui.widgets.base.view import View
    from deepnet_tui.workbench.workbench import Workbench

FRAMES = 11  # redraws a second, at most: enough for the eye, and each takes its time from the training


@runtime_checkable
class HasTerminal(Protocol):
    """An app that counts what it sends."""

    @property
    def terminal(self) -> TerminalService:
        """The terminal."""


def has_room(app: object) -> bool:
    """Whether there is room for what nobody has asked for; in an app of somebody else there always is."""
    return not isinstance(app, HasTerminal) or app.terminal.pace.ready


class Redraws:
    """Counts the ticks of a timer that runs `FRAMES` times a second, and knows what has been drawn."""

    def __init__(self) -> None:
        self.is_news = True  # something was done, or the state is another: the status and the keys are drawn now
        self.at_once = True  # everything that `changed` has found new is drawn now, not in its turn
        self._tick = 0
        self._affordable = False  # outside of `tick`, and within it if those before have taken too much
        self._budget = RedrawBudget()
        self._round = 0  # a new one begins with everything drawn anew
        self._version: object = None
        self._activity: object = None
        self._edits: object = None
        self._drawn: WeakKeyDictionary[View, tuple[object, ...]] = WeakKeyDictionary()
        self._sizes: WeakKeyDictionary[View, Size] = WeakKeyDictionary()

    @contextmanager
    def tick(self) -> Iterator[None]:
        """A frame, within which panes have their turns, unless those before have taken too much processor time."""
        self._affordable = self._budget.allows_redraw()
        self._tick += self._affordable
        yield
        self._affordable = False

    def invalidate(self) -> None:
        """Draw everything anew, new or not."""
        self._round += 1
        self._version = None

    def forget(self, pane: View) -> None:
        """Draw this pane anew when it has its turn, new or not."""
        self._drawn.pop(pane, None)

    def changed(self, workbench: Workbench, *around: object) -> bool:
        """Whether there may be something new to draw: in the workbench, or in what is around it on the screen."""
        version = (workbench.version, *around)
        training = workbench.state in (State.TRAINING, State.PAUSING)
        if version == self._version and not training:
            return False
        self._version = version
        edits = (workbench.edits, *around, self._round)
        activity = (edits, workbench.state)
        self.is_news = not training or activity != self._activity
        self.at_once = not training or edits != self._edits
        self._activity, self._edits = activity, edits
        return True

    def due(self, frames: int) -> bool:
        """Whether what is drawn at most `frames` times a second is drawn now."""
        return self.at_once or (self._affordable and self._turn(frames, self._tick))

    def due_next(self, frames: int) -> bool:
        """Whether it will have its turn at the next tick."""
        return self._affordable and self._turn(frames, self._tick + 1)

    @staticmethod
    def _turn(frames: int, tick: int) -> bool:
        return tick % max(1, FRAMES // frames) == 0

    def draw(self, pane: View, workbench: Workbench) -> bool:
        """Let a pane draw itself if it has something new, and say whether it had.

        One that was hidden has no size until Textual lays it out: it is taken to get the one that it had.
        """
        size = self._sizes[pane] = pane.size or self._sizes.get(pane, pane.size)
        version = (pane.version(workbench), self._round, size)
        if version == self._drawn.get(pane):
            return False
        pane.show(workbench)
        self._drawn[pane] = version
        return True
