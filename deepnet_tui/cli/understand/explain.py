"""`explain`: what a trained model goes by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deepnet_tui.cli.options import AsJson, takes
from deepnet_tui.cli.output import say
from deepnet_tui.data.setting_list import READING

if TYPE_CHECKING:
    from deepnet_tui.model import Model
    from deepnet_tui.understand.held_out import HeldOutRows
    from deepnet_tui.understand.importance import Importance

MOST_ROWS = 10_000  # rows that importance is measured on
Part = tuple[list[str], list[dict[str, Any]]]  # lines for people, objects for programs


@takes(*READING)
def explain(
    model: Annotated[Path, typer.Argument(help="Model file, as written by train --export.", metavar="MODEL")],
    data: Annotated[Path, typer.Argument(help="Table that the model has not seen.", metavar="DATA")],
    row: Annotated[
        int | None, typer.Option(help="Explain the prediction for this row, from 1.", metavar="N", min=1)
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="Show how the prediction depends on this column.", metavar="NAME")
    ] = None,
    answer: Annotated[
        str | None, typer.Option("--for", help="Class or target to explain with --row and --column.", metavar="NAME")
    ] = None,
    score: Annotated[
        str,
        typer.Option(help="Score for importance: log_loss, accuracy, roc_auc; for numbers r2, rmse, mae.", metavar="S"),
    ] = "",
    repeats: Annotated[int, typer.Option(help="Shuffles of each column.", metavar="N", min=1, max=1000)] = 10,
    seed: Annotated[int, typer.Option(help="Random seed of the shuffles and samples.", metavar="N", min=0)] = 0,
    json: AsJson = False,
    output: Annotated[
        Path | None, typer.Option(help="Write to this file instead of stdout; .jsonl implies --json.", metavar="FILE")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Let --output replace an existing file.")] = False,
    **settings: Any,
) -> None:
    """Show what a model goes by.

    Without --row and --column: permutation importance, by how much a score gets worse when a column is shuffled; the
    table needs the target for that. --row adds up one prediction from its columns, --column draws partial dependence.

    \b
    Example:  deepnet-tui explain churn.npz held_out.csv
              deepnet-tui explain churn.npz held_out.csv --row 17
    """
    from deepnet_tui.cli.output import tell
    from deepnet_tui.cli.source import reading_options
    from deepnet_tui.export import load
    from deepnet_tui.export.output_path import output_path_for
    from deepnet_tui.understand.answer import answer_named
    from deepnet_tui.understand.held_out import held_out_rows

    place = None if output is None else output_path_for(output, overwrite, (model, data), field="output")
    loaded = load(model)
    chosen = None if answer is None else answer_named(loaded, answer)
    reading = reading_options({name: value for name, value in settings.items() if value is not None})
    rows = held_out_rows(loaded, data.expanduser(), reading)
    parts: list[Part] = []
    if row is None and column is None:
        parts.append(_importance(loaded, rows, repeats, seed, score))
    if row is not None:
        parts.append(_row(loaded, rows, row, chosen, seed))
    if column is not None:
        parts.append(_column(loaded, rows, column, chosen, seed))
    for note in rows.notes:
        tell(f"note: {note}")
    as_json = json or str(output or "").lower().endswith((".jsonl", ".ndjson"))
    _write(place, list(_objects(parts) if as_json else _lines(parts)))


def _importance(model: Model, rows: HeldOutRows, repeats: int, seed: int, score: str) -> Part:
    import time

    from deepnet_tui.cli.output import tell
    from deepnet_tui.cli.understand import explanation
    from deepnet_tui.understand.held_out import some_rows
    from deepnet_tui.understand.importance import importance

    X, truth = some_rows(rows, MOST_ROWS, seed).scored
    said = time.monotonic()

    def report(found: Importance) -> None:
        nonlocal said
        if time.monotonic() - said > 3:
            said = time.monotonic()
            tell(f"{len(found.columns):,} of {found.of:,} columns")

    found = importance(model, X, truth, repeats, seed, score, report)
    return explanation.importance_lines(found), list(explanation.importance_objects(found))


def _row(model: Model, rows: HeldOutRows, row: int, answer: Any, seed: int) -> Part:
    from deepnet_tui.cli.understand import explanation
    from deepnet_tui.common.errors import InputError
    from deepnet_tui.common.text import counted
    from deepnet_tui.understand.columns import input_columns
    from deepnet_tui.understand.contributions import contributions_of_inputs

    if row > rows.X.shape[1]:
        raise InputError(f"there is no row {row:,}: the data have {counted(rows.X.shape[1], 'row')}", "row")
    x = rows.X[:, row - 1]
    found = contributions_of_inputs(model, x, rows.X, answer, seed=seed)
    values = [column.raw(x) for column in input_columns(model.preparation)]
    return explanation.contribution_lines(found, row, values), [explanation.contributions_object(found, row)]


def _column(model: Model, rows: HeldOutRows, name: str, answer: Any, seed: int) -> Part:
    from deepnet_tui.cli.understand import explanation
    from deepnet_tui.understand.answer import usual_answer
    from deepnet_tui.understand.columns import column_named, input_columns
    from deepnet_tui.understand.dependence import dependence

    column = column_named(input_columns(model.preparation), name)
    found = dependence(answer or usual_answer(model), column, rows.X, seed=seed)
    return explanation.dependence_lines(found), [explanation.dependence_object(found)]


def _lines(parts: list[Part]) -> Iterator[str]:
    for place, (lines, _) in enumerate(parts):
        yield from [""] if place else []
        yield from lines


def _objects(parts: list[Part]) -> Iterator[str]:
    from json import dumps

    from deepnet_tui.common.formats.json_values import json_ready

    for _, objects in parts:
        for each in objects:
            yield dumps(json_ready(each), allow_nan=False)


def _write(place: Path | None, lines: list[str]) -> None:
    from deepnet_tui.export.format import refusal
    from engine.storage.atomic import write_text_atomically

    text = "".join(f"{line}\n" for line in lines)
    if place is None:
        say(text, end="")
        return
    try:
        write_text_atomically(place, text)
    except (OSError, ValueError) as error:
        raise refusal(error, place, "write") from None
