"""The arguments and options that several commands of `runs` have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from deepnet_tui.runs.store import Store, StoredRun

Run = Annotated[str, typer.Argument(help="Id, given name or unique beginning of a run, or last.", metavar="RUN")]
Runs = Annotated[
    list[str], typer.Argument(help="Ids, given names or unique beginnings of runs, or last.", metavar="RUN...")
]
Words = Annotated[
    list[str] | None,
    typer.Argument(help="Only runs with each of these words in id, name, note, tags, source, state.", metavar="WORDS"),
]
Source = Annotated[str, typer.Option(help="Only runs with this in their data source.", metavar="TEXT")]
State = Annotated[
    str, typer.Option(help="Only running, completed, stopped, interrupted or diverged runs.", metavar="NAME")
]
Tag = Annotated[list[str] | None, typer.Option(help="Only runs with this tag. Again for more.", metavar="TAG")]
Star = Annotated[bool, typer.Option("--star", help="Only runs with a star.")]
Sort = Annotated[
    str,
    typer.Option(
        help="started, cost, validation_cost, iteration, seconds, name, source, state, or a metric: validation.f1.",
        metavar="NAME",
    ),
]
Reverse = Annotated[bool, typer.Option("--reverse", help="Sort the other way round.")]
Limit = Annotated[int | None, typer.Option(help="At most N runs.", metavar="N", min=0)]


def opened(store: Store, names: list[str]) -> list[StoredRun]:
    """The runs called `names`, each once. Raises InputError."""
    records = {record.id: record for record in map(store.open, names)}
    return list(records.values())
