"""Every command that README and manual show is one that the command line takes; none of them is run here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from deepnet_tui.cli.parser import CLICK_ERROR, _application
from deepnet_tui.cli.registry import COMMANDS
from deepnet_tui.cli.terminal.command_tree import APP
from tests.manual.pages import NAMES, PAGES, blocks, spans, text_of

COMMAND = re.compile(r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\S*/)?deepnet-tui (.*)$")
OF_OTHERS = {"--snapshot-update", "--results", "--ours", "--known"}  # of pytest and the benchmarks


@pytest.fixture(scope="module")
def application() -> Any:
    return typer.main.get_command(_application("--help"))


def shown(page: Path) -> Iterator[list[str]]:
    """The commands of a page in words, without what is said about them after two blanks or a `#`."""
    lines = "\n".join([*blocks(page, "sh", "", "console"), *spans(page)]).replace("\\\n", " ").splitlines()
    for line in lines:
        for part in line.split("&&"):
            found = COMMAND.match(part.strip())
            if found is None or re.match(r"runs COMMAND|COMMAND|--help`?$", found[1]):
                continue
            command = re.split(r" {2,}| # | \|", found[1])[0]
            if "[" in command and not command.startswith("["):
                command = re.sub(r"\[(--[\w-]+(?: [A-Z]+)?)\]", r"\1", command)
                command = re.sub(r"\[[^\]]*\]", "", command)
            if not command.startswith("["):
                words = [word for word in shlex.split(command) if not word.endswith("...")]
                if len(words) == 1 and words[0] in COMMANDS:  # the name of a command, not how it is used
                    continue
                yield ["1" if re.fullmatch("[A-Z]", word) else word for word in words]  # N, F, S stand for numbers


def parses(application: Any, words: list[str]) -> None:
    """Let the parser read the words, down to the last command."""
    context = application.make_context(
        "deepnet-tui", [words[0] if words[0] in COMMANDS else APP], resilient_parsing=True
    )
    command, rest = application, words if words[0] in COMMANDS else [APP, *words]
    while hasattr(command, "get_command"):
        if not rest or command.get_command(context, rest[0]) is None:
            break
        name = rest[0]
        command = command.get_command(context, name)
        if hasattr(command, "get_command"):
            context, rest = command.make_context(name, rest[1:], parent=context, resilient_parsing=True), rest[1:]
        else:
            command.make_context(name, rest[1:], parent=context)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_the_commands_of_a_page_parse(page: Path, application: Any) -> None:
    for words in shown(page):
        if {"--help", "-h", "--version"} & set(words):
            continue
        try:
            parses(application, words)
        except CLICK_ERROR as error:
            pytest.fail(f"deepnet-tui {shlex.join(words)}: {error}")


def test_the_commands_are_found() -> None:
    number = {page.name: len(list(shown(page))) for page in PAGES}
    assert number["README.md"] >= 10
    assert number["table.md"] >= 8
    assert number["cli.md"] >= 10


def test_every_option_that_is_named_exists(application: Any) -> None:
    known = set(OF_OTHERS)
    commands = [application]
    while commands:
        command = commands.pop()
        known |= {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}
        commands += getattr(command, "commands", {}).values()
    known |= {"--help"}
    for page in PAGES:
        for span in spans(page):
            if not span.startswith("--") and "deepnet-tui " not in span:
                continue
            for option in re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", span.rpartition("deepnet-tui ")[2]):
                assert option in known, f"{page.name}: {option}"
    assert "--learning-rate" in text_of(PAGES[NAMES.index("docs/settings.md")])
