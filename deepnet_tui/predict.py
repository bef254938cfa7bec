"""Predictions for a file of rows by a model in a file, in pieces, so that neither has to fit into memory twice."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from deepnet_tui.common.errors import InputError, NoRowsError, counted, listed, quoted
from deepnet_tui.data.preparation.encoding import (
    LEADING_ZERO,
    Block,
    Categorical,
    Numeric,
    Words,
    to_numbers,
    to_word,
)
from deepnet_tui.data.readers.registry import READERS, check_reading, read, taken
from deepnet_tui.data.readers.table import Table, regular_file
from deepnet_tui.data.readers.text import TextPieces, read_text
from deepnet_tui.data.readers.text_dialect import BLANKS, TextDialect, find_dialect, settled
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.data.values.number_format import is_numeral, value_of
from deepnet_tui.export import load
from deepnet_tui.export.format import refusal
from deepnet_tui.export.output_path import output_path_for
from deepnet_tui.model import Model, Prediction
from engine.storage.atomic import write_atomically

ROWS = 10_000  # rows in one piece
NUMBERS = 4_000_000  # inputs of the network in one piece at most


@dataclass
class Summary:
    """What was predicted: rows, and by column what `Prediction` counts; `notes` on how the file was read."""

    rows: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, prediction: Prediction, rows: int) -> None:
        """Count one piece."""
        self.rows += rows
        self.unknown.update(prediction.unknown)
        self.filled.update(prediction.filled)
        self.missing.update(prediction.missing)
        self.first = {**prediction.first, **self.first}

    @property
    def sentences(self) -> list[str]:
        """What a user should know, one line each."""
        lines = [f"{counted(self.rows, 'row')} predicted"]
        for name, count in self.filled.items():
            lines.append(f"{counted(count, 'missing value')} of {quoted(name)} {_be('was', count)} filled in")
        for name, count in self.missing.items():
            lines.append(f"{counted(count, 'missing value')} of {quoted(name)}, which had none in training")
        for name, count in self.unknown.items():
            word = f"{'first ' if count > 1 else ''}{quoted(self.first[name])}"
            lines.append(f"{counted(count, 'word')} of {quoted(name)} {_be('is', count)} unknown to the model: {word}")
        return lines + self.notes


def _be(singular: str, count: int) -> str:
    return singular if count == 1 else {"is": "are", "was": "were"}[singular]


def predict_file(
    model_path: str | Path,
    data_path: str | Path,
    output: str | Path | None = None,
    format: str | None = None,  # noqa: A002
    overwrite: bool = False,
    tell: Callable[[str], None] | None = None,
    reading: Mapping[str, str] | None = None,
) -> Summary:
    """Predict every row of `data_path` with the model in `model_path`.

    Columns are matched by name in any order, others are ignored. `format` is csv (`label` and one
    `probability <class>` a class, or `prediction`) or jsonl, and follows from the ending of `output` if it is
    None; `output` None is the standard output. `tell` is given the sentences of the summary; they go to the
    standard error by default. `reading` says how the data are written (separator, encoding, decimal, sheet) where
    that shall not be found out; what was said of the training file holds where it fits.
    Raises InputError, and then there is no output file.
    """
    dialect = format or ("jsonl" if str(output or "").lower().endswith((".jsonl", ".ndjson")) else "csv")
    if dialect not in WRITERS:
        raise InputError(f"the output format {dialect!r} is unknown; choose one of {', '.join(WRITERS)}", "format")
    model = load(model_path)
    data = Path(data_path).expanduser()
    if (reading or {}).get("decimal", ".") not in (".", ","):
        raise InputError("the decimal mark must be . or ,", "decimal")
    summary = Summary()
    if output is None:
        write(model, data, sys.stdout, dialect, summary, reading)
    else:
        target = output_path_for(output, overwrite, (model_path, data), field="output")

        def fill(temporary: Path) -> None:
            with temporary.open("w", encoding="utf-8", newline="") as file:
                write(model, data, file, dialect, summary, reading)

        try:
            write_atomically(target, fill)
        except (OSError, ValueError) as error:
            raise refusal(error, target, "write") from None
    for sentence in summary.sentences:
        (tell or _to_stderr)(sentence)
    return summary


def write(
    model: Model, data: Path, file: TextIO, dialect: str, summary: Summary, reading: Mapping[str, str] | None = None
) -> None:
    """Write the predictions of all rows in `data` to `file` as csv or jsonl, and count them in `summary`.

    Nothing is written, no heads either, before the first rows were found good; of a table without rows the heads are.
    """
    try:
        _write_rows(model, data, file, dialect, summary, reading)
    except NoRowsError as error:
        _check_columns(model, data, error.names, _heads(model, error.names))
        WRITERS[dialect](model, file)


def _heads(model: Model, names: tuple[str, ...] = ()) -> list[str]:
    """The columns that the model needs, a block under its own name if it is in `names`, else number by number."""
    spread = _spread(model)
    return [
        name
        for column in model.preparation.columns
        for name in ([column] if column in names else spread.get(column, [column]))
    ]


def _spread(model: Model) -> dict[str, list[str]]:
    """The columns that the numbers of each block stand in, where a table has one for each."""
    return {entry.name: [f"{entry.name}[{i}]" for i in range(entry.size)] for entry in _blocks(model)}


def _write_rows(
    model: Model, data: Path, file: TextIO, dialect: str, summary: Summary, reading: Mapping[str, str] | None
) -> None:
    line: Callable[[Prediction], None] | None = None
    for columns in pieces(model, data, summary, reading or {}):
        try:
            prediction = model.predict(columns, first_row=summary.rows + 1)
        except InputError as error:
            raise InputError(f"{data}, {error}", error.field) from None
        _check_finite(prediction, data, summary.rows)
        line = line or WRITERS[dialect](model, file)
        line(prediction)
        summary.add(prediction, len(columns[model.preparation.columns[0]]))


def _check_finite(prediction: Prediction, data: Path, rows: int) -> None:
    """Raise InputError for a row so far from the training data that its prediction is no number."""
    numbers = prediction.values if prediction.probabilities is None else prediction.probabilities.sum(axis=1)
    assert numbers is not None  # noqa: S101
    good = np.isfinite(numbers)
    if not good.all():
        row = rows + int(np.argmin(good)) + 1
        raise InputError(f"{data}, row {row:,}: its values are too large for the model to predict it", "data")


def pieces(model: Model, data: Path, summary: Summary, reading: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """The columns that the model needs, some rows at a time. Raises InputError for a column that is not there."""
    rows = max(1, min(ROWS, NUMBERS // model.network.inputs))
    regular_file(data)
    if data.suffix.lower() in READERS:
        check_reading(_settings(data, reading))
    if READERS.get(data.suffix.lower()) is read_text:
        yield from _text_pieces(model, data, rows, summary, reading)
        return
    table = _read(model, data, reading)
    _check_columns(model, data, tuple(table.columns), elsewhere=table.elsewhere)
    summary.notes = list(table.notes)
    for start in range(0, table.m, rows):
        yield _slice(model, table, start, start + rows)


def _read(model: Model, data: Path, reading: Mapping[str, str]) -> Table:
    """The whole table; without a sheet given, that of the training file, if there is one of its name."""
    kept = {name: value for name, value in model.reading.items() if name in taken(data)}
    try:
        return read(data, _settings(data, kept, reading))
    except InputError as error:
        if error.field != "sheet" or "sheet" in reading:
            raise
        return read(data, _settings(data, reading))


def _form(data: Path, reading: Mapping[str, str], kept: Mapping[str, str], wanted: list[str]) -> TextDialect:
    """The form as given, else as it was said of the training file where that fits, else as it is found out.

    The decimal mark is that of the training file only where the new one leaves it open.
    """
    said = {name: value for name, value in kept.items() if name in ("separator", "encoding")}
    decimal = kept.get("decimal", "")
    if said:
        try:
            dialect = find_dialect(data, _settings(data, said, reading), decimal)
        except InputError:
            pass
        else:
            if set(wanted) <= set(dialect.names):
                return dialect
    dialect = find_dialect(data, _settings(data, reading), decimal)
    if "separator" not in reading and not set(wanted) <= set(dialect.names):
        with suppress(InputError):  # one row between blanks looks like one long name
            other = find_dialect(data, _settings(data, {"separator": BLANKS}, reading), decimal)
            dialect = other if set(wanted) <= set(other.names) else dialect
    return dialect


def _settings(data: Path, *readings: Mapping[str, str]) -> DataSettings:
    values = {key: value for reading in readings for key, value in reading.items()}
    return DataSettings.model_validate({"source": str(data), **values})


def _slice(model: Model, table: Table, start: int, stop: int) -> dict[str, Any]:
    columns = {}
    for name in model.preparation.columns:
        values = table.columns[name]
        columns[name] = values.iloc[start:stop] if hasattr(values, "iloc") else values[start:stop]
    return columns


def _text_pieces(
    model: Model, data: Path, rows: int, summary: Summary, reading: Mapping[str, str]
) -> Iterator[Mapping[str, Any]]:
    """As training reads it, but for the types: what is no number is taken as it is written, whatever other rows say."""
    try:
        spread = _spread(model)
        wanted = _heads(model)
        dialect = _form(data, reading, model.reading, wanted)
        _check_columns(model, data, dialect.names, wanted)
        words = {entry.name for entry in model.preparation.entries if entry.kind not in ("numeric", "block")}
        dialect = settled(data, dialect)
        text = TextPieces(data, dialect, words, rows)
        before = 0
        for piece in text:
            try:
                yield _columns(model, piece, spread, dialect.decimal, before + 1)
            except InputError as error:
                raise InputError(f"{data}, {error}", error.field) from None
            before = text.rows
        summary.notes = [*dialect.notes, *text.notes()]
    except OSError as error:
        raise refusal(error, data, "read") from None


def _columns(model: Model, piece: Any, spread: Mapping[str, list[str]], decimal: str, first_row: int) -> dict[str, Any]:
    """One piece as the preparation takes it: blocks side by side, words as categories, numbers without marks."""
    columns: dict[str, Any] = {}
    for entry in model.preparation.entries:
        if entry.name in spread:
            parts = [to_numbers(piece[name], Numeric(name), first_row, decimal) for name in spread[entry.name]]
            columns[entry.name] = np.column_stack(parts)
            continue
        values = piece[entry.name]
        if isinstance(entry, Numeric) and entry.kind != "date":
            values = to_numbers(values, entry, first_row, decimal)
        elif isinstance(entry, Categorical):
            found = values.astype("category").cat
            values = Words(
                tuple(_as_trained(word, entry, decimal) for word in found.categories), found.codes.to_numpy()
            )
        else:
            values = values.astype("category")
        columns[entry.name] = values
    return columns


def _as_trained(word: str, entry: Categorical, decimal: str) -> str:
    """The word as the model knows it: training may have read it as a number."""
    if word in entry.categories or not is_numeral(word, decimal):
        return word
    plain = to_word(value_of(word, decimal))
    return plain if plain in entry.categories and not re.fullmatch(LEADING_ZERO, word) else word


def _blocks(model: Model) -> list[Block]:
    return [entry for entry in model.preparation.entries if isinstance(entry, Block)]


def _check_columns(
    model: Model,
    data: Path,
    names: tuple[str, ...],
    wanted: list[str] | None = None,
    elsewhere: Callable[[str], str] = lambda _name: "",
) -> None:
    there = set(names)
    for name in wanted or model.preparation.columns:
        if name not in there:
            has = listed(names, 10) + elsewhere(name)
            raise InputError(f"{data} has no column {quoted(name)}, which the model needs; it has {has}", "data")


def _csv_lines(model: Model, file: TextIO) -> Callable[[Prediction], None]:
    writer = csv.writer(file, lineterminator="\n")
    heads = ["label", *(f"probability {name}" for name in model.classes)] if model.classes else ["prediction"]
    writer.writerow(heads)

    def line(prediction: Prediction) -> None:
        for label, numbers in _each(prediction):
            writer.writerow([*([label] if label is not None else []), *map(repr, numbers)])

    return line


def _json_lines(model: Model, file: TextIO) -> Callable[[Prediction], None]:
    def line(prediction: Prediction) -> None:
        for label, numbers in _each(prediction):
            if label is None:
                said: dict[str, Any] = {"prediction": numbers[0]}
            else:
                said = {"label": label, "probabilities": dict(zip(model.classes, numbers, strict=True))}
            file.write(json.dumps(said, ensure_ascii=False, allow_nan=False) + "\n")

    return line


def _each(prediction: Prediction) -> Iterator[tuple[str | None, list[float]]]:
    if prediction.labels is None or prediction.probabilities is None:
        assert prediction.values is not None  # noqa: S101
        yield from ((None, [value]) for value in prediction.values.tolist())
    else:
        yield from zip(prediction.labels.tolist(), prediction.probabilities.tolist(), strict=True)


WRITERS = {"csv": _csv_lines, "jsonl": _json_lines}


def _to_stderr(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
