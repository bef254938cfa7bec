"""What every pane that shows the workbench has in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from textual.message import Message
from textual.widget import Widget

from deepnet_tui.widgets.base.keys import key_of

if TYPE_CHECKING:
    from deepnet_tui.commands.views import ViewEntry
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.race.racers import Racer
    from deepnet_tui.workbench.loading import Restore
    from deepnet_tui.workbench.workbench import Workbench


class View(Widget):
    """A pane that draws itself from the workbench.

    The main screen calls `show` when the pane becomes visible and then, while it is visible, whenever `version` has
    changed: at once after a key, and at most `FRAMES` times a second while the network is trained, because all
    drawing takes its time from the training. A view never changes the workbench's run from `show`.
    `FOLLOWS_PARAMETERS` says that it wants fresh parameters while the network is trained.
    """

    class EditRequest(Message):
        """A pane asks for a change of the workbench: `work` makes it and gives a sentence to show, or "".

        If the workbench refuses it with an InputError, the message is shown, or handed to `refused` if that is given.
        """

        def __init__(
            self, work: Callable[[Workbench], str | None], refused: Callable[[str], object] | None = None
        ) -> None:
            super().__init__()
            self.work, self.refused = work, refused

    class Open(Message):
        """A pane asks for another experiment to be opened, which `read` gives; it may raise InputError.

        `restore`, called in a thread, gives its data and the parameters to start from.
        """

        def __init__(self, read: Callable[[], Experiment], restore: Restore | None = None) -> None:
            super().__init__()
            self.read, self.restore = read, restore

    class Race(Message):
        """A pane asks for a race: `racers` gives those for the workbench; it may raise InputError."""

        def __init__(self, racers: Callable[[Workbench], Sequence[Racer]]) -> None:
            super().__init__()
            self.racers = racers

    class Redraw(Message):
        """A pane has something new to show that the workbench knows nothing of."""

    ALLOW_MAXIMIZE = True
    FOLLOWS_PARAMETERS = False
    FRAMES = 12

    async def fill(self) -> None:
        """Make what takes a moment; it follows the first paint. For the panes that are always there."""

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Nothing: the screen has applied `:focus-within` already, and doing so again takes milliseconds."""

    def version(self, workbench: Workbench) -> object:
        """Something that differs whenever there is something new to draw."""
        return workbench.version

    def show(self, workbench: Workbench) -> None:
        """Draw what the workbench holds now."""
        raise NotImplementedError

    def as_text(self) -> str:
        """What the pane shows, as plain text to be copied."""
        raise NotImplementedError

    def key(self, command: str) -> str:
        """The first key of a command, as the user has it."""
        return key_of(self, command)


def make_view(entry: ViewEntry) -> View:
    """The widget of a view in the registry; its module is imported now."""
    module, name = entry.where.split(":")
    view: View = getattr(import_module(module), name)(id=f"view-{entry.id}")
    return view
