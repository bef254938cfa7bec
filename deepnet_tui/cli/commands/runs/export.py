"""`runs export`: a table with a row for each run, or the runs themselves in a tracker."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deepnet_tui.cli.commands.runs.options import with_query
from deepnet_tui.cli.options import SafeCsv
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted
from deepnet_tui.runs.query import Query
from deepnet_tui.terminal.harmless import harmless

if TYPE_CHECKING:
    from deepnet_tui.runs.store import Store


@with_query
def export(
    query: Query,
    format: Annotated[  # noqa: A002
        str | None,
        typer.Option(
            help="csv, json (an object a line), parquet; or tensorboard or mlflow, which get the curves as well. "
            "Default: by the suffix of --output, or csv.",
            metavar="NAME",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            help="Write to this file instead of stdout; for tensorboard a folder, for mlflow an SQLite file or a URI.",
            metavar="FILE",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Let --output replace an existing file, or runs that are there.")
    ] = False,
    safe_csv: SafeCsv = False,
) -> None:
    """Write a table with a row for each run: what is known of it, its settings, its metrics.

    With --format tensorboard or mlflow every run is written to that tracker, with its curves.

    \b
    Examples:  deepnet-tui runs export --state completed --output runs.csv
               deepnet-tui runs export moons --format tensorboard --output events
               deepnet-tui runs export --tag paper --format mlflow --output runs.db
    """
    from deepnet_tui.cli.output import tell
    from deepnet_tui.export.format import refusal
    from deepnet_tui.export.output_path import output_path_for
    from deepnet_tui.runs.export import check_parquet, run_rows, write_csv, write_json, write_parquet
    from deepnet_tui.runs.store import Store
    from deepnet_tui.trackers.registry import TRACKERS
    from engine.storage.atomic import write_atomically

    format = _format(format, output)  # noqa: A001
    store = Store()
    if format in TRACKERS:
        assert output is not None  # noqa: S101  _format has seen to it
        _to_tracker(format, output, query, store, overwrite)
        return
    if format == "parquet":
        check_parquet()
    target = None if output is None else output_path_for(output, overwrite, field="output")
    every = store.list()
    records = query.of(every)
    if not records:
        tell(_nothing(len(every)))
        return
    write = write_json if format == "json" else partial(write_csv, safe=safe_csv)
    rows = run_rows(records, store.settings(records))
    if target is None:
        write(rows, harmless(sys.stdout))
        return

    def fill(temporary: Path) -> None:
        if format == "parquet":
            write_parquet(rows, temporary)
            return
        with temporary.open("w", encoding="utf-8", newline="") as file:
            write(rows, file)

    try:
        write_atomically(target, fill)
    except (OSError, ValueError) as error:
        raise refusal(error, target, "write") from None
    tell(f"wrote {counted(len(rows), 'run')} to {output}")


def _to_tracker(name: str, place: str, query: Query, store: Store, overwrite: bool) -> None:
    from deepnet_tui.cli.output import tell
    from deepnet_tui.trackers.registry import check_package, connect
    from deepnet_tui.trackers.stored import write_runs

    check_package(name, "output")
    every = store.list()
    records = query.of(every)
    if not records:
        tell(_nothing(len(every)))
        return
    destination = connect(name, place, "output")
    write_runs(records, store.settings(records), destination, overwrite=overwrite)
    hint = f"; to look at them: {destination.hint}" if destination.hint else ""
    tell(f"wrote {counted(len(records), 'run')} to {place}{hint}")


def _nothing(count: int) -> str:
    return f"nothing is written: none of {counted(count, 'run')} fits" if count else "there are no runs yet"


def _format(name: str | None, output: str | None) -> str:
    from deepnet_tui.runs.export import FORMATS, SUFFIXES
    from deepnet_tui.trackers.registry import TRACKERS

    if name is None:
        found = "csv" if output is None else SUFFIXES.get(Path(output).suffix.lower(), "")
        if not found:
            raise InputError(f"{output} has no suffix of {', '.join(SUFFIXES)}; say which with --format", "output")
        name = found
    if name not in FORMATS and name not in TRACKERS:
        raise InputError(f"format must be one of {', '.join((*FORMATS, *TRACKERS))}, not {name!r}", "format")
    if output is None and name == "parquet":
        raise InputError("parquet is written to a file; name it with --output", "format")
    if not output and name in TRACKERS:
        raise InputError(f"{name} is written to a {TRACKERS[name].place}; name it with --output", "format")
    return name
