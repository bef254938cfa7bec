"""Parses the command line and runs the command, with typer."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from deepnet_tui.cli.commands.open_app import PRESENT, open_app
from deepnet_tui.cli.options import takes
from deepnet_tui.cli.parameters.for_typer import for_typer
from deepnet_tui.cli.registry import ABOUT_ALL, COMMANDS, function_of
from deepnet_tui.cli.source import check_source, target_of
from deepnet_tui.cli.terminal.command_tree import APP
from deepnet_tui.common.errors import InputError
from deepnet_tui.data.setting_list import PLANE, READING

# The base class of all errors of click. typer has no public name for it: typer 0.20 uses click's own, 0.29 has a copy.
# So it is found by its name among the bases of a public error (checked with typer 0.20.0 and 0.29.2).
CLICK_ERROR: type[Exception] = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")
BEFORE_A_COMMAND = ("-h", "--help", "--version")
ABOUT = """Design, train, watch, understand and export a deep neural network, in a terminal.

Without a command the app opens. SOURCE is the name of a built-in data set, a data file, or an experiment.toml:

\b
  deepnet-tui                                  the app, with a built-in data set
  deepnet-tui customers.csv --target churn     the app, with your own table
  deepnet-tui train moons --export moons.npz   train without the app
  deepnet-tui learn                            guided lessons

Exit codes: 0 success, 1 a check failed, 2 bad input, 3 the training diverged, 130 interrupted.
"""


def parse(words: list[str]) -> int:
    """Run the command in `words`, and return its exit code. Raises InputError if they are not a valid command."""
    if words[0] not in COMMANDS and words[0] not in BEFORE_A_COMMAND:
        if not words[0].startswith("-"):
            check_source(words[0], commands=True)
        words = [APP, *words]
    try:
        return int(_application(words[0])(words, "deepnet-tui", standalone_mode=False) or 0)
    except typer.Abort:
        raise KeyboardInterrupt from None
    except CLICK_ERROR as error:
        raise InputError(_usage(error, words)) from None


def _application(wanted: str) -> typer.Typer:
    """The command that is wanted, or all of them, of which help lists the names."""
    app = typer.Typer(
        help=ABOUT,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        subcommand_metavar="[SOURCE] | COMMAND ...",
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(_version)
    for name, place in COMMANDS.items():
        if wanted in (APP, *COMMANDS) and wanted not in ABOUT_ALL and name != wanted:
            continue
        found = function_of(place)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(for_typer(found))
    app.command(APP, hidden=True)(for_typer(_open))
    return app


@takes("target", *PLANE, *READING)
def _open(
    source: Annotated[
        str | None, typer.Argument(help="Built-in data set, data file or experiment.toml.", metavar="[SOURCE]")
    ] = None,
    present: Annotated[bool, typer.Option("--present", help=PRESENT)] = False,
    **settings: Any,
) -> int:
    """Open the app.

    \b
    Example:  deepnet-tui customers.csv --target churn
    """
    given = {name: value for name, value in settings.items() if value is not None}
    return open_app(source, target_of(given.pop("target", None)), given, present=present)


def _usage(error: Exception, words: list[str]) -> str:
    """Click's error message in one line, and where to find help."""
    message = str(error.format_message()) if hasattr(error, "format_message") else str(error)
    if found := re.search(r"'(--[\w-]+)'.*should be (?:greater|less) than", message):
        message = f"{found[1]} must be {_bounds(message, error)}, not {_given(found[1], words)}"
    elif found := re.search(r"'(--[\w-]+)'.*\b(number|integer|float)\b", message):
        kind = "a whole number" if found[2] == "integer" else "a number"
        message = f"{found[1]} must be {kind}, not {_given(found[1], words)!r}"
    context = getattr(error, "ctx", None)
    hint = f"; see {context.command_path} --help" if context is not None else ""
    return message.strip().rstrip(".") + hint.replace(f" {APP} --help", " --help")


def _bounds(message: str, error: Exception) -> str:
    """The numbers that an option takes, as people say it."""
    kind = getattr(getattr(error, "param", None), "type", None)
    low, high = getattr(kind, "min", None), getattr(kind, "max", None)
    if low is None and high is None:  # the option has a parser of its own, whose message names one bound
        found = re.search(r"should be (greater|less) than (or equal to )?(-?[\d.]+)", message)
        if found is None:
            return "within its bounds"
        words = {("greater", True): "at least", ("less", True): "at most", ("greater", False): "more than"}
        return f"{words.get((found[1], bool(found[2])), 'less than')} {found[3]}"
    if low is not None and high is not None:
        return f"from {low:g} to {high:g}"
    return f"at least {low:g}" if low is not None else f"at most {high:g}"


def _given(option: str, words: list[str]) -> str:
    """The value that was given for an option; the last one counts."""
    given = ""
    for word, after in zip(words, [*words[1:], ""], strict=True):
        name, equals, value = word.partition("=")
        if name == option:
            given = value if equals else after
    return given


def _print_version(wanted: bool) -> None:
    if wanted:
        from deepnet_tui.common.version import __version__

        print(__version__)
        raise typer.Exit


def _version(
    version: bool = typer.Option(
        False, "--version", help="Print the version and exit.", is_eager=True, callback=_print_version
    ),
) -> None:
    """The options before a command."""
