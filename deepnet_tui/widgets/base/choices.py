"""A list to choose from."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import OptionList


class Choices(OptionList):
    """A list that j and k move through as well."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]

    def action_page_down(self) -> None:
        """A page down, where there is room for one."""
        with suppress(KeyError):  # of Textual, where not even one line can be seen
            super().action_page_down()  # type: ignore[no-untyped-call]

    def action_page_up(self) -> None:
        """A page up, where there is room for one."""
        with suppress(KeyError):
            super().action_page_up()  # type: ignore[no-untyped-call]
