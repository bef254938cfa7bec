"""The arguments and options that several commands have. Those of settings are made from what is known of a setting."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from deepnet_tui.cli.parameters.declared import argument, option
from deepnet_tui.common.errors import InputError
from deepnet_tui.data.setting_list import DATA_SETTINGS, PLANE, READING
from engine.spec import LayerSpec, NetworkSpec, TrainingSpec
from engine.spec.settings import Setting, settings_of

Command = TypeVar("Command", bound=Callable[..., Any])

Source = Annotated[str, argument(help="Built-in data set, data file or experiment.toml.", metavar="SOURCE")]
AsJson = Annotated[bool, option("--json", help="One JSON object a line on stdout.")]
Export = Annotated[
    list[str] | None,
    option(help="Save the model; the suffix names the format. Again for more.", metavar="FILE"),
]
Overwrite = Annotated[bool, option("--overwrite", help="Let --export and --predictions replace files.")]
Best = Annotated[bool, option("--best", help="Save only the best network of an ensemble.")]
SafeCsv = Annotated[
    bool, option("--safe-csv", help="In CSV, an apostrophe before text that a spreadsheet would compute.")
]
Quiet = Annotated[bool, option("--quiet", "-q", help="No progress, no chart, no summary; warnings stay.")]
Engine = Annotated[
    str | None,
    option(help="How to compute: auto, numpy, or compiled with numba.", metavar="NAME", show_default=False),
]

SETTINGS: dict[str, Setting] = {
    **DATA_SETTINGS,
    "target": Setting(
        "target", "columns", None, "target", "Column to predict; several of them must all be numbers. Again for more."
    ),
    "feature": Setting("feature", "columns", None, "feature", "Column to force-include. Again for more."),
    "ignore": Setting("ignore", "columns", None, "ignore", "Column to leave out. Again for more."),
    "hidden": Setting("hidden", "text", None, "hidden layers", "Units of the hidden layers, or none."),
    **settings_of(LayerSpec),
    **settings_of(NetworkSpec),
    **settings_of(TrainingSpec),
    "seed": replace(settings_of(TrainingSpec)["seed"], help="Random seed for split, initialization and batch order."),
}
"""Every setting that may be an option, by the name of the option."""

DATA_OPTIONS = ("target", "feature", "ignore", *PLANE, *READING)
NOTHING = "none"  # how a setting that is off is written
TYPES: dict[str, Any] = {
    "whole": int,
    "number": float,
    "flag": bool,
    "columns": list[str],
}  # by kind; all others are text
METAVARS = {"whole": "N", "number": "F", "choice": "NAME", "class_weight": "NAME", "columns": "COLUMN", "text": "TEXT"}
METAVARS_OF_TEXTS = {
    "test": "FILE",
    "separator": "C",
    "decimal": "C",
    "encoding": "NAME",
    "sheet": "NAME",
    "comment": "MARK",
    "missing": "WORDS",
    "hidden": "16,8",
    "function": "EXPRESSION",
    "batch_size": "N|full",  # a word, too, so that it is read as text
}


def takes(*names: str) -> Callable[[Command], Command]:
    """Give a command the options for these settings, after its arguments.

    The command declares `**settings`, which then holds their values by name, None where an option is not given.
    """

    def with_options(command: Command) -> Command:
        signature = inspect.signature(command, eval_str=True)
        own = [entry for entry in signature.parameters.values() if entry.kind is not inspect.Parameter.VAR_KEYWORD]
        arguments = [entry for entry in own if entry.default is inspect.Parameter.empty]
        options = [_parameter(SETTINGS[name]) for name in names]
        parameters = [*arguments, *options, *own[len(arguments) :]]
        command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        return command

    return with_options


def _parameter(setting: Setting) -> inspect.Parameter:
    name = setting.name
    kind = str if name in METAVARS_OF_TEXTS else TYPES.get(setting.kind, str)
    metavar = METAVARS_OF_TEXTS.get(name) or METAVARS.get(setting.kind)
    flag = f"--{name.replace('_', '-')}"
    spelling = f"{flag}/--no-{flag[2:]}" if kind is bool else flag
    parser = _parser(setting) if setting.optional and kind in (int, float) else None
    metavar = f"{metavar}|none" if parser else metavar
    declared = option(spelling, help=_help(setting), metavar=metavar, show_default=False, parser=parser)
    kind = Any if parser else kind
    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, either, default=None, annotation=Annotated[kind | None, declared])


def _parser(setting: Setting) -> Callable[[str], Any]:
    """What reads a number, or the word for a setting that is off, which stays a word: None means not given."""

    def parse(text: str) -> Any:
        if text in (NOTHING, setting.off):
            return NOTHING
        try:
            return TYPES[setting.kind](text)
        except ValueError:
            said = f"{setting.name} must be {setting.allowed}, not {text!r}"
            raise InputError(said, setting.name) from None

    return parse


def _help(setting: Setting) -> str:
    """The help, and the names of a choice: only some of them where all would need NumPy."""
    if setting.kind != "choice" or setting.choices is None:
        return setting.help
    names = [*setting.examples, "..."] if setting.examples else setting.choices()
    return f"{setting.help.rstrip('.')}: {', '.join(names)}"
