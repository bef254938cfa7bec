"""What every pane that shows the workbench has in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from deepnet_tui.commands.registry import COMMANDS, shown

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.training.messages import Restore
    from deepnet_tui.training.workbench import Workbench


class View(Widget):
    """A pane that draws itself from the workbench.

    The main screen calls `show` when the pane becomes visible and then, while it is visible, whenever `version` has
    changed: at once after a key, and at most `FRAMES` times a second while the network is trained, because all
    drawing takes its time from the training. A view never changes the workbench's run from `show`.
    `FOLLOWS_PARAMETERS` says that it wants fresh parameters while the network is trained.
    """

    class EditRequest(Message):
        """A pane wishes to change the workbench: `work` does it and gives a sentence to show, or "".

        What the workbench refuses with an InputError is shown, and handed to `refused` if that is given.
        """

        def __init__(
            self, work: Callable[[Workbench], str | None], refused: Callable[[str], object] | None = None
        ) -> None:
            super().__init__()
            self.work, self.refused = work, refused

    class Open(Message):
        """A pane wishes to open another experiment, which `read` gives; it may raise InputError.

        `restore`, called in a thread, gives its data and the parameters to start from.
        """

        def __init__(self, read: Callable[[], Experiment], restore: Restore | None = None) -> None:
            super().__init__()
            self.read, self.restore = read, restore

    ALLOW_MAXIMIZE = True
    FOLLOWS_PARAMETERS = False
    FRAMES = 12

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
        """The key of a command, as the user has it."""
        commands = getattr(self.app, "commands", COMMANDS)
        return next((shown(entry.keys, first=True) for entry in commands if entry.id == command), "")


def bindings(scope: str) -> list[BindingType]:
    """The keys of one kind of pane, from the registry."""
    return [
        Binding(command.keys, command.action, command.label, id=command.id, tooltip=command.help, show=False)
        for command in COMMANDS
        if command.scope == scope
    ]
