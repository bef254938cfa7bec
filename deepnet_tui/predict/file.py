"""From a saved model and a data file to a file of predictions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TextIO

from deepnet_tui.common.errors import InputError, NoRowsError
from deepnet_tui.common.text import printable
from deepnet_tui.export import load
from deepnet_tui.export.foreign.description import Description
from deepnet_tui.export.format import refusal
from deepnet_tui.export.output_path import output_path_for
from deepnet_tui.model import Model, Prediction, check_threshold
from deepnet_tui.predict.finite import TOO_LARGE, first_not_finite
from deepnet_tui.predict.pieces import check_columns, pieces, text_columns
from deepnet_tui.predict.summary import PredictionSummary
from deepnet_tui.predict.writers import WRITERS, PredictionWriter
from deepnet_tui.terminal.harmless import harmless
from engine.storage.atomic import write_atomically

Start = Callable[[Model, TextIO], PredictionWriter]


def predict_file(
    model_path: str | Path,
    data_path: str | Path,
    output: str | Path | None = None,
    format: str | None = None,  # noqa: A002
    overwrite: bool = False,
    tell: Callable[[str], None] | None = None,
    reading: Mapping[str, str] | None = None,
    threshold: float | None = None,
    description: Description | None = None,
    safe_csv: bool = False,
) -> PredictionSummary:
    """Predict every row of `data_path` with the model in `model_path`.

    Columns are matched by name in any order, others are ignored. `format` is csv (`label` and one
    `probability <class>` a class, or `prediction`, or one `prediction <target>` for each of several) or jsonl, and
    follows from the suffix of `output` if it is None; `output` None is the standard output. `tell` is given the
    sentences of the summary; they go to the standard error by default. `reading` says how the data are written
    (separator, encoding, decimal, sheet) where that shall not be inferred; what was given for the training file holds
    where it fits. `threshold` takes the place of that of the model; `description` says what
    the file of another program leaves open; `safe_csv` keeps spreadsheets from computing labels in a CSV file.
    Raises InputError, and then there is no output file.
    """
    answers = format or ("jsonl" if str(output or "").lower().endswith((".jsonl", ".ndjson")) else "csv")
    if answers not in WRITERS:
        raise InputError(f"the output format {answers!r} is unknown; choose one of {', '.join(WRITERS)}", "format")
    model = load(model_path, description)
    if threshold is not None:
        check_threshold(model.network, threshold)
        model = replace(model, threshold=threshold)
    data = Path(data_path).expanduser()
    if (reading or {}).get("decimal", ".") not in (".", ","):
        raise InputError("the decimal mark must be . or ,", "decimal")
    summary = PredictionSummary()
    start = partial(WRITERS[answers], safe=safe_csv)
    if output is None:
        _write(model, data, harmless(sys.stdout), start, summary, reading or {})
    else:
        target = output_path_for(output, overwrite, (model_path, data), field="output")

        def fill(temporary: Path) -> None:
            with temporary.open("w", encoding="utf-8", newline="") as file:
                _write(model, data, file, start, summary, reading or {})

        try:
            write_atomically(target, fill)
        except (OSError, UnicodeError) as error:
            raise refusal(error, target, "write") from None
    for sentence in summary.sentences:
        (tell or _to_stderr)(sentence)
    return summary


def _write(
    model: Model, data: Path, file: TextIO, start: Start, summary: PredictionSummary, reading: Mapping[str, str]
) -> None:
    """Write the predictions of all rows in `data` to `file` with the writer of `start`, and count them in `summary`.

    Nothing is written, not even a header, before the first rows were found good; of a table without rows, the header.
    """
    try:
        _write_rows(model, data, file, start, summary, reading)
    except NoRowsError as error:
        check_columns(data, error.names, text_columns(model, error.names))
        start(model, file)


def _write_rows(
    model: Model, data: Path, file: TextIO, start: Start, summary: PredictionSummary, reading: Mapping[str, str]
) -> None:
    write: PredictionWriter | None = None
    for columns in pieces(model, data, summary, reading):
        try:
            prediction = model.predict(columns, first_row=summary.rows + 1)
        except InputError as error:
            raise InputError(f"{data}, {error}", error.field) from None
        _check_finite(prediction, data, summary.rows)
        write = write or start(model, file)
        write(prediction)
        summary.add(prediction, len(columns[model.preparation.columns[0]]))


def _check_finite(prediction: Prediction, data: Path, rows: int) -> None:
    """Raise InputError for a row so far from the training data that its prediction is no number."""
    place = first_not_finite(prediction)
    if place is not None:
        raise InputError(f"{data}, row {rows + place + 1:,}: {TOO_LARGE}", "data")


def _to_stderr(sentence: str) -> None:
    sys.stderr.write(printable(sentence) + "\n")
