"""`runs name`, `note`, `tag` and `star`: what people say about a run, stored with it."""

from __future__ import annotations

from typing import Annotated

import typer

from deepnet_tui.cli.commands.runs.options import Run, Runs, opened
from deepnet_tui.cli.output import say
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import printable

Remove = Annotated[bool, typer.Option("--remove", help="Take it away.")]


def name(
    run: Run,
    text: Annotated[str, typer.Argument(help="The name.", metavar="NAME")] = "",
    remove: Remove = False,
) -> None:
    """Give a run a name, by which it can be opened.

    \b
    Example:  deepnet-tui runs name last "two layers"
    """
    from deepnet_tui.runs.store import Store

    text = _text(text, remove, "name")
    store = Store()
    record = store.label(store.open(run), lambda labels: labels.named(text))
    _say(record.id, f"is called {record.labels.name}" if text else "has no name")


def note(
    run: Run,
    text: Annotated[str, typer.Argument(help="The note; it replaces the one before.", metavar="TEXT")] = "",
    remove: Remove = False,
) -> None:
    """Write a note about a run.

    \b
    Example:  deepnet-tui runs note last "the learning rate was too high"
    """
    from deepnet_tui.runs.store import Store

    text = _text(text, remove, "note")
    store = Store()
    record = store.label(store.open(run), lambda labels: labels.noted(text))
    _say(record.id, "has a note" if text else "has no note")


def tag(
    run: Run,
    tags: Annotated[list[str], typer.Argument(help="The tags.", metavar="TAG...")],
    remove: Remove = False,
) -> None:
    """Tag a run.

    \b
    Example:  deepnet-tui runs tag last paper baseline
    """
    from deepnet_tui.runs.store import Store

    store = Store()
    record = store.label(store.open(run), lambda labels: labels.untagged(tags) if remove else labels.tagged(tags))
    _say(record.id, f"is tagged {', '.join(record.labels.tags)}" if record.labels.tags else "has no tags")


def star(runs: Runs, remove: Remove = False) -> None:
    """Give runs a star.

    \b
    Example:  deepnet-tui runs star last
    """
    from deepnet_tui.runs.store import Store

    store = Store()
    for record in opened(store, runs):
        store.label(record, lambda labels: labels.starred(not remove))
        _say(record.id, "has no star" if remove else "has a star")


def _text(text: str, remove: bool, what: str) -> str:
    if remove == bool(text.strip()):
        raise InputError(f"give either a {what} or --remove", what)
    return text


def _say(run: str, said: str) -> None:
    say(printable(f"run {run} {said}"))
