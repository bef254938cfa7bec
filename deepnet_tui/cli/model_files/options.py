"""The options that say what a model file of another program leaves open."""

from __future__ import annotations

import csv
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from deepnet_tui.cli.parameters.declared import option
from deepnet_tui.common.errors import InputError

if TYPE_CHECKING:
    from deepnet_tui.export.foreign.description import Description

Command = TypeVar("Command", bound=Callable[..., Any])

OPTIONS = {
    "activation": ("Of a foreign file: activation of the hidden layers, or one for each.", "NAMES"),
    "output_activation": ("Of a foreign file: what follows the last layer: sigmoid, softmax or linear.", "NAME"),
    "columns": ("Of a foreign file: the columns that its inputs are, in their order.", "A,B,..."),
    "classes": ("Of a foreign file: the labels, in the order of the outputs.", "A,B,..."),
    "layers": ("Of a state dict: its layers, from the first to the last.", "A,B,..."),
}


def describes_model(command: Command) -> Command:
    """Give a command these options; it declares `**settings`, which then hold them, None where not given."""
    signature = inspect.signature(command, eval_str=True)
    own = [entry for entry in signature.parameters.values() if entry.kind is not inspect.Parameter.VAR_KEYWORD]
    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    for name, (said, metavar) in OPTIONS.items():
        declared = option(f"--{name.replace('_', '-')}", help=said, metavar=metavar, show_default=False)
        own.append(inspect.Parameter(name, either, default=None, annotation=Annotated[str | None, declared]))
    command.__signature__ = signature.replace(parameters=own)  # type: ignore[attr-defined]
    return command


def take_description(settings: dict[str, Any]) -> Description:
    """Take these options out of `settings`. Raises InputError for a name that there is not."""
    from deepnet_tui.export.foreign.description import Description

    given = {name: settings.pop(name, None) for name in OPTIONS}
    names = {name: _names(name, given[name]) for name in OPTIONS if name != "output_activation"}
    return Description(output=given["output_activation"], **names)


def _names(option: str, text: str | None) -> tuple[str, ...]:
    """The names in a text, with commas between them; one with a comma stands in double quotes."""
    if text is None:
        return ()
    try:
        names = tuple(next(csv.reader([text], strict=True, skipinitialspace=True), []))
    except csv.Error:
        raise InputError(f"--{option} has a quote that does not end: {text!r}", option) from None
    if not all(names) or not names:
        raise InputError(f"--{option} has an empty name: {text!r}", option)
    if len(set(names)) < len(names) and option != "activation":
        raise InputError(f"--{option} has a name twice: {text!r}", option)
    return names
