"""Commands as typer wants them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, TypeVar, get_args, get_origin

import typer

from deepnet_tui.cli.parameters.declared import Declared

Command = TypeVar("Command", bound=Callable[..., Any])


def for_typer(command: Command) -> Command:
    """The command with typer's own objects in its signature."""
    signature = inspect.signature(command, eval_str=True)
    parameters = [each.replace(annotation=_annotation(each.annotation)) for each in signature.parameters.values()]
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return command


def _annotation(annotation: Any) -> Any:
    if get_origin(annotation) is not Annotated:
        return annotation
    kind, *told = get_args(annotation)
    return Annotated[(kind, *(_told(each) if isinstance(each, Declared) else each for each in told))]


def _told(declared: Declared) -> Any:
    more: dict[str, Any] = {"help": declared.help, "metavar": declared.metavar, "show_default": declared.show_default}
    if not declared.is_option:
        return typer.Argument(**more)
    return typer.Option(*declared.names, **more, parser=declared.parser)
