"""`completions`: scripts with which bash, zsh and fish complete commands, options, data sets and runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

import typer

from deepnet_tui.cli.terminal.command_tree import command_tree
from deepnet_tui.common.errors import InputError

MOST_RUNS = 200
SHELLS = ("bash", "zsh", "fish")
NAMES_OF_RUNS = "runs"  # asked for by the scripts: the runs that begin with a word
DELETED = "runs restore"  # the command that takes runs which are not listed
WITH_LESSON = ("learn",)


def completions(
    context: typer.Context,
    shell: Annotated[str, typer.Argument(help="bash, zsh or fish.", metavar="SHELL")],
    begun: Annotated[str, typer.Argument(hidden=True)] = "",
) -> int:
    """Print what makes a shell complete the commands, options, data sets and runs of deepnet-tui.

    \b
    Examples, for bash, zsh (with ~/.zfunc in fpath) and fish:
      deepnet-tui completions bash >~/.local/share/bash-completion/completions/deepnet-tui
      deepnet-tui completions zsh >~/.zfunc/_deepnet-tui
      deepnet-tui completions fish >~/.config/fish/completions/deepnet-tui.fish
    """
    if shell == NAMES_OF_RUNS:
        for name in _runs(begun):
            print(name)
        return 0
    if shell not in SHELLS:
        raise InputError(f"SHELL must be one of {', '.join(SHELLS)}, not {shell!r}", "shell")
    tree = commands_of(command_tree(context))
    print({"bash": bash, "zsh": zsh, "fish": fish}[shell](tree), end="")
    return 0


class Option(NamedTuple):
    """The words of an option, what it does, and whether a value follows."""

    words: tuple[str, ...]
    help: str
    takes_value: bool


class CommandWords(NamedTuple):
    """A command by its words, such as "runs show"; what it does, its options, and what its arguments may be."""

    name: str
    help: str
    options: list[Option]
    arguments: list[str]
    runs: bool


def commands_of(group: Any, before: str = "") -> list[CommandWords]:
    """Every command beneath a group of click, groups as well; the group itself first."""
    found = [_words(group, before)]
    for name, command in getattr(group, "commands", {}).items():
        if command.hidden:
            continue
        full = f"{before} {name}".strip()
        found += commands_of(command, full)
    return found


def _words(command: Any, name: str) -> CommandWords:
    options = [
        Option((*parameter.opts, *parameter.secondary_opts), _first_line(parameter.help), not parameter.is_flag)
        for parameter in command.params
        if parameter.param_type_name == "option" and not parameter.hidden
    ]
    options.append(Option(("-h", "--help"), "Show the help and exit.", False))
    arguments = [sub for sub, entry in getattr(command, "commands", {}).items() if not entry.hidden]
    taken = {(each.metavar or "").strip("[].") for each in command.params if each.param_type_name == "argument"}
    if "SOURCE" in taken or name == "open":
        from deepnet_tui.data.builtin import BUILTIN

        arguments += BUILTIN
    if name in WITH_LESSON:
        from deepnet_tui.lessons.library import LESSONS

        arguments += LESSONS
    if name == "completions":
        arguments += SHELLS
    takes_run = "RUN" in taken and name != DELETED
    return CommandWords(name, _first_line(command.help), options, arguments, takes_run)


def _first_line(text: str | None) -> str:
    return next(iter((text or "").strip().splitlines()), "").strip()


def _runs(begun: str) -> Iterator[str]:
    """The names and ids of runs that begin so, newest first."""
    from deepnet_tui.runs.store import Store

    count = 0
    for record in Store().list():
        for name in (record.labels.name, record.id):
            if name and name.startswith(begun) and name.isprintable() and count < MOST_RUNS:
                count += 1
                yield name


def bash(tree: list[CommandWords]) -> str:
    """The script for bash; files are offered wherever an argument may be one."""
    lines = ["# Completion of deepnet-tui for bash: deepnet-tui completions bash", "_deepnet_tui() {"]
    lines += [
        '    local cur prev words="" word at options="" arguments="" runs="" values=""',
        "    cur=${COMP_WORDS[COMP_CWORD]}",
        "    prev=${COMP_WORDS[COMP_CWORD-1]}",
        '    local command=""',
        "    for ((at = 1; at < COMP_CWORD; at++)); do",
        "        word=${COMP_WORDS[at]}",
        '        case "$command $word" in',
    ]
    lines += [f"            {_seen(each)}) command={_quoted(each.name)} ;;" for each in tree if each.name]
    lines += ["        esac", "    done", '    case "$command" in']
    for each in tree:
        options = " ".join(word for option in each.options for word in option.words)
        values = " ".join(word for option in each.options if option.takes_value for word in option.words)
        lines.append(
            f"        {_quoted(each.name)}) options={_quoted(options)} arguments={_quoted(' '.join(each.arguments))} "
            f"runs={_quoted('yes' if each.runs else '')} values={_quoted(values)} ;;"
        )
    lines += [
        "    esac",
        '    if [[ $cur == -* ]]; then mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur"); return; fi',
        '    if [[ $prev == -* && " $values " == *" $prev "* ]]; then',
        '        mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return',
        "    fi",
        '    [[ -n $runs ]] && arguments+=" $(deepnet-tui completions runs -- "$cur" 2>/dev/null)"',
        '    mapfile -t COMPREPLY < <(compgen -W "$arguments" -- "$cur"; compgen -f -- "$cur")',
        "}",
        "complete -o filenames -F _deepnet_tui deepnet-tui",
    ]
    return "\n".join(lines) + "\n"


def zsh(tree: list[CommandWords]) -> str:
    """The script for zsh."""
    lines = ["#compdef deepnet-tui", "# Completion of deepnet-tui for zsh: deepnet-tui completions zsh"]
    lines += ["_deepnet_tui() {", "    local command='' word", "    local -a options arguments", "    local runs=''"]
    lines += ["    for word in ${words[2,CURRENT-1]}; do", '        case "$command $word" in']
    lines += [f"            {_seen(each)}) command={_quoted(each.name)} ;;" for each in tree if each.name]
    lines += ["        esac", "    done", '    case "$command" in']
    for each in tree:
        described = [f"{word}:{option.help}" for option in each.options for word in option.words]
        helps = _helps(each, tree)
        arguments = [f"{name}:{helps[name]}" if name in helps else name for name in each.arguments]
        lines += [
            f"        {_quoted(each.name)})",
            f"            options=({' '.join(map(_quoted, described))})",
            f"            arguments=({' '.join(map(_quoted, arguments))})",
            f"            runs={_quoted('yes' if each.runs else '')} ;;",
        ]
    lines += [
        "    esac",
        "    if [[ $PREFIX == -* ]]; then _describe option options; return; fi",
        '    [[ -n $runs ]] && arguments+=(${(f)"$(deepnet-tui completions runs -- "$PREFIX" 2>/dev/null)"})',
        "    (( ${#arguments} )) && _describe argument arguments",
        "    _files",
        "}",
        "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then",
        '    _deepnet_tui "$@"',
        "else",
        "    compdef _deepnet_tui deepnet-tui",
        "fi",
    ]
    return "\n".join(lines) + "\n"


def fish(tree: list[CommandWords]) -> str:
    """The script for fish."""
    lines = ["# Completion of deepnet-tui for fish: deepnet-tui completions fish"]
    names = [each.name for each in tree if each.name and " " not in each.name]
    for each in tree:
        first, _, second = each.name.partition(" ")
        seen = f"__fish_seen_subcommand_from {first}" if first else f"not __fish_seen_subcommand_from {' '.join(names)}"
        condition = f"{seen}; and __fish_seen_subcommand_from {second}" if second else seen
        start = f"complete -c deepnet-tui -n {_quoted(condition)}"
        helps = _helps(each, tree)
        lines += [f"{start} -a {_quoted(name)} -d {_quoted(helps.get(name, ''))}" for name in each.arguments]
        for option in each.options:
            words = [f"-l {word[2:]}" if word.startswith("--") else f"-s {word[1:]}" for word in option.words]
            value = " -r" if option.takes_value else ""
            lines.append(f"{start} {' '.join(words)}{value} -d {_quoted(option.help)}")
        if each.runs:
            lines.append(f"{start} -a {_quoted('(deepnet-tui completions runs -- (commandline -ct) 2>/dev/null)')}")
    return "\n".join(lines) + "\n"


def _seen(command: CommandWords) -> str:
    """The command that was found so far and the next word, for which this command is the one."""
    return _quoted(command.name if " " in command.name else f" {command.name}")


def _helps(command: CommandWords, tree: list[CommandWords]) -> dict[str, str]:
    """What the commands directly beneath one do, by their last word."""
    split = ((other.name.rpartition(" "), other.help) for other in tree if other.name)
    return {name: help_ for (before, _, name), help_ in split if before == command.name}


def _quoted(text: str) -> str:
    """A word in single quotes, as all three shells read it."""
    return "'" + text.replace("'", "'\\''") + "'"
