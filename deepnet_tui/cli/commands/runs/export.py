"""`runs export`: a table with a row for each run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from deepnet_tui.cli.commands.runs.options import with_query
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted
from deepnet_tui.runs.query import Query


@with_query
def export(
    query: Query,
    format: Annotated[  # noqa: A002
        str | None,
        typer.Option(
            help="csv, json (an object a line) or parquet. Default: by the suffix of --output, or csv.", metavar="NAME"
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Write to this file instead of stdout.", metavar="FILE")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Let --output replace an existing file.")] = False,
) -> None:
    """Write a table with a row for each run: what is known of it, its settings, its metrics.

    \b
    Example:  deepnet-tui runs export --state completed --output runs.csv
    """
    from deepnet_tui.cli.output import tell
    from deepnet_tui.export.format import refusal
    from deepnet_tui.export.output_path import output_path_for
    from deepnet_tui.runs.export import TEXT_WRITERS, check_parquet, run_rows, write_parquet
    from deepnet_tui.runs.store import Store
    from engine.storage.atomic import write_atomically

    format = _format(format, output)  # noqa: A001
    if format == "parquet":
        check_parquet()
    target = None if output is None else output_path_for(output, overwrite, field="output")
    store = Store()
    records = query.of(store.list())
    rows = run_rows(records, store.settings(records))
    if target is None:
        TEXT_WRITERS[format](rows, sys.stdout)
        return

    def fill(temporary: Path) -> None:
        if format == "parquet":
            write_parquet(rows, temporary)
            return
        with temporary.open("w", encoding="utf-8", newline="") as file:
            TEXT_WRITERS[format](rows, file)

    try:
        write_atomically(target, fill)
    except (OSError, ValueError) as error:
        raise refusal(error, target, "write") from None
    tell(f"wrote {counted(len(rows), 'run')} to {output}")


def _format(name: str | None, output: Path | None) -> str:
    from deepnet_tui.runs.export import FORMATS, SUFFIXES

    if name is None:
        found = "csv" if output is None else SUFFIXES.get(output.suffix.lower(), "")
        if not found:
            raise InputError(f"{output} has no suffix of {', '.join(SUFFIXES)}; say which with --format", "output")
        name = found
    if name not in FORMATS:
        raise InputError(f"format must be one of {', '.join(FORMATS)}, not {name!r}", "format")
    if name == "parquet" and output is None:
        raise InputError("parquet is written to a file; name it with --output", "format")
    return name
