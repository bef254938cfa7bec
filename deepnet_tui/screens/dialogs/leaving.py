"""Screens that are left once, however fast the keys and clicks that leave them follow each other.

Textual's own `dismiss` of a screen that has gone already takes the one beneath it away, or ends the app if that is the
last; of one that is covered it takes what lies above.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette

Result = TypeVar("Result")

if TYPE_CHECKING:
    from textual.screen import Screen

    class _Mixin(Screen[Result]):
        pass

else:  # Textual takes the styles of the first base that is a widget, which this must not be

    class _Mixin(Generic[Result]):
        pass


class LeftOnce(_Mixin[Result]):
    """Beside the class of a screen: it can be dismissed again without consequence, and while another covers it."""

    _leaves_with: tuple[Result | None] | None = None

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave the screen with a result, unless it has been left; one that is covered leaves once it is not."""
        if self.app.screen_stack and self.app.screen is self:
            return super().dismiss(result)
        self._leaves_with = (result,)
        return AwaitComplete()

    def on_screen_resume(self) -> None:
        """Leave, if that was wanted meanwhile."""
        if self._leaves_with is not None:
            self.dismiss(*self._leaves_with)


class Palette(LeftOnce[Any], CommandPalette):
    """The command palette: two clicks on a command are one, and it bears a window of a few lines."""

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError):  # of Textual, where not even one line of the list can be seen
            super()._action_command_list(action)
