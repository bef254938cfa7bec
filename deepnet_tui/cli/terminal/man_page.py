"""`man`: the manual page, from the help of the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer

from deepnet_tui.cli.terminal.command_tree import command_tree
from deepnet_tui.common.version import __version__

FILES = (
    ("config.toml", "In the user's configuration folder, or in DEEPNET_TUI_HOME: theme, keys, clipboard, refresh."),
    ("runs/", "In the user's data folder, or in DEEPNET_TUI_HOME: the stored runs."),
)
ENVIRONMENT = (
    ("DEEPNET_TUI_HOME", "The folder of configuration and runs."),
    ("DEEPNET_TUI_CHARACTERS", "plain draws in ASCII, unicode does not, whatever TERM and the locale say."),
    ("NO_COLOR", "Without colour."),
)


def man(context: typer.Context) -> int:
    """Print the manual page.

    \b
    Example:  deepnet-tui man | man -l -
    """
    print(man_page(command_tree(context)), end="")
    return 0


def man_page(group: Any) -> str:
    """The page in roff, for the group of all commands."""
    about, _, rest = (group.help or "").replace("\b", "").partition("\n\n")
    lines = [
        f'.TH DEEPNET-TUI 1 "" "deepnet-tui {__version__}" "User Commands"',
        ".SH NAME",
        f"deepnet\\-tui \\- {_roff(about[0].lower() + about[1:].rstrip('. '))}",
        ".SH SYNOPSIS",
        ".B deepnet\\-tui",
        "[\\fISOURCE\\fR] | \\fICOMMAND\\fR [\\fIOPTION\\fR]...",
        ".SH DESCRIPTION",
        *_paragraphs(rest),
        ".SH COMMANDS",
    ]
    for command, name in _commands(group, ""):
        lines += [f".SS {_roff(name)}", *_paragraphs(command.help or "")]
        for parameter in command.params:
            if parameter.param_type_name == "option" and not parameter.hidden:
                value = "" if parameter.is_flag else f" \\fI{_roff(_kind(parameter))}\\fR"
                words = ", ".join((*parameter.opts, *parameter.secondary_opts))
                lines += [".TP", f"\\fB{_roff(words)}\\fR{value}", _roff(_plain(parameter.help))]
    for title, entries in (("ENVIRONMENT", ENVIRONMENT), ("FILES", FILES)):
        lines.append(f".SH {title}")
        for name, text in entries:
            lines += [".TP", f"\\fB{_roff(name)}\\fR", _roff(text)]
    return "\n".join(lines) + "\n"


def _commands(group: Any, before: str) -> Iterator[tuple[Any, str]]:
    for name, command in group.commands.items():
        if not command.hidden:
            full = f"{before}{name}"
            yield command, full
            if hasattr(command, "commands"):
                yield from _commands(command, f"{full} ")


def _kind(parameter: Any) -> str:
    return (
        str(parameter.metavar or getattr(getattr(parameter, "type", None), "name", "value"))
        .upper()
        .replace(" RANGE", "")
    )


def _paragraphs(text: str) -> list[str]:
    """Paragraphs of a help text; one that begins with \\b keeps its lines."""
    lines: list[str] = []
    for part in re.split(r"\n\s*\n", text.strip()):
        if part.lstrip().startswith("\b") or re.search(r"^ {2,}\S", part, re.MULTILINE):
            lines += [".PP", ".nf", *(_roff(line) for line in part.replace("\b", "").strip("\n").splitlines()), ".fi"]
        else:
            lines += [".PP", _roff(_plain(part))]
    return lines


def _plain(text: str | None) -> str:
    return " ".join((text or "").replace("\b", "").split())


def _roff(text: str) -> str:
    """Text that roff prints as it is."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + escaped if escaped.startswith((".", "'")) else escaped
