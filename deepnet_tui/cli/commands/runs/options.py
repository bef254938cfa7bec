"""The arguments and options that several commands of `runs` have."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deepnet_tui.runs.query import Query

if TYPE_CHECKING:
    from deepnet_tui.runs.store import Store, StoredRun

Run = Annotated[str, typer.Argument(help="Id, given name or unique beginning of a run, or last.", metavar="RUN")]
Runs = Annotated[
    list[str], typer.Argument(help="Ids, given names or unique beginnings of runs, or last.", metavar="RUN...")
]


def asks(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="Only runs with each of these words in id, name, note, tags, source, state.", metavar="WORDS"
        ),
    ] = None,
    source: Annotated[str, typer.Option(help="Only runs with this in their data source.", metavar="TEXT")] = "",
    state: Annotated[
        str, typer.Option(help="Only running, completed, stopped, interrupted or diverged runs.", metavar="NAME")
    ] = "",
    tag: Annotated[
        list[str] | None, typer.Option(help="Only runs with this tag. Again for more.", metavar="TAG")
    ] = None,
    star: Annotated[bool, typer.Option("--star", help="Only runs with a star.")] = False,
    sort: Annotated[
        str,
        typer.Option(
            help="started, cost, validation_cost, iteration, seconds, name, source, state, or a metric: validation.f1.",
            metavar="NAME",
        ),
    ] = "started",
    reverse: Annotated[bool, typer.Option("--reverse", help="Sort the other way round.")] = False,
    limit: Annotated[int | None, typer.Option(help="At most N runs.", metavar="N", min=0)] = None,
) -> Query:
    """What these options ask for. Raises InputError."""
    return Query(words or (), source, state, tag or (), star, sort, reverse, limit)


def with_query(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `asks`; it declares `query`, which is then what they ask for."""
    options = inspect.signature(asks, eval_str=True).parameters
    signature = inspect.signature(command, eval_str=True)
    own = [entry for name, entry in signature.parameters.items() if name != "query"]

    @functools.wraps(command)
    def asking(**values: Any) -> None:
        query = asks(**{name: values.pop(name) for name in options})
        command(query, **values)

    words, *others = options.values()
    asking.__signature__ = signature.replace(parameters=[words, *own, *others])  # type: ignore[attr-defined]
    return asking


def opened(store: Store, names: list[str]) -> list[StoredRun]:
    """The runs called `names`, each once. Raises InputError."""
    records = {record.id: record for record in map(store.open, names)}
    return list(records.values())
