"""Commands as typer wants them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin

import typer

from deepnet_tui.cli.parameters.declared import Declared


def for_typer(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with typer's own objects in its signature; `command` itself stays as it is."""

    def call(**values: Any) -> Any:
        return command(**values)

    signature = inspect.signature(command, eval_str=True)
    parameters = [each.replace(annotation=_annotation(each.annotation)) for each in signature.parameters.values()]
    call.__name__, call.__doc__ = command.__name__, command.__doc__
    call.__annotations__ = {each.name: each.annotation for each in parameters}
    call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return call


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
