"""What an argument or an option of a command is; typer gets its own objects from these only when it is loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Declared:
    """An argument, or an option with its `names`, which follow from the name of the parameter where there are none."""

    __slots__ = ("help", "is_option", "metavar", "names", "parser", "show_default")

    def __init__(
        self,
        *names: str,
        help: str,  # noqa: A002
        metavar: str | None = None,
        show_default: bool = True,
        parser: Callable[[str], Any] | None = None,
        is_option: bool = True,
    ) -> None:
        self.names, self.help, self.metavar = names, help, metavar
        self.show_default, self.parser, self.is_option = show_default, parser, is_option


def option(*names: str, **more: Any) -> Declared:
    """An option, in the words of typer.Option."""
    return Declared(*names, **more)


def argument(**more: Any) -> Declared:
    """An argument, in the words of typer.Argument."""
    return Declared(is_option=False, **more)
