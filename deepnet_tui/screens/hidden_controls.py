"""The commands and panes that the configuration or a lesson hides."""

from __future__ import annotations

from collections.abc import Collection

from textual import actions

from deepnet_tui.commands.hiding import PANES
from deepnet_tui.commands.registry import COMMANDS
from deepnet_tui.commands.views import VIEWS


class HiddenControls:
    """`names` are those of commands and panes. Without any pane the design is hidden as well."""

    def __init__(self, names: Collection[str] = ()) -> None:
        self.names = frozenset(names)
        hidden = [command.action for command in COMMANDS if command.scope == "main" and command.id in self.names]
        if self.names >= PANES.keys():
            hidden.append("design")
        self._actions = {actions.parse(action)[1:] for action in hidden}

    def hides(self, action: str) -> bool:
        """Whether an action, written as in a binding, is hidden."""
        return self.hides_call(*actions.parse(action)[1:])

    def hides_call(self, name: str, parameters: tuple[object, ...]) -> bool:
        """Whether the action of this name is hidden when it is called with these parameters."""
        return (name, parameters) in self._actions

    @property
    def first_view(self) -> str:
        """The first view that is not hidden, "" if all are."""
        return next((view.id for view in VIEWS if not self.hides(f"view('{view.id}')")), "")

    @property
    def first_pane(self) -> str | None:
        """The pane of the design to focus: the layers unless they are hidden, else the first that is not."""
        return next((name for name in ("architecture_pane", *PANES) if name not in self.names), None)
