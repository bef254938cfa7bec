"""The columns that a model needs out of a data file, some rows at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import listed, quoted
from deepnet_tui.data.preparation.entries import Block, Categorical, Numeric
from deepnet_tui.data.preparation.numbers import to_numbers
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.readers.registry import READERS, accepted_settings, check_reading, read
from deepnet_tui.data.readers.small_text import read_small
from deepnet_tui.data.readers.table import Table, regular_file
from deepnet_tui.data.readers.text import read_text
from deepnet_tui.data.readers.text_dialect import BLANKS, TextDialect, find_dialect, with_checked_encoding
from deepnet_tui.data.readers.text_pieces import TextPieces
from deepnet_tui.data.settings import DataSettings, settings_for
from deepnet_tui.data.values.number_format import is_numeral, value_of
from deepnet_tui.data.values.word_column import WordColumn
from deepnet_tui.data.values.words import LEADING_ZERO, Words, to_word
from deepnet_tui.export.format import refusal
from deepnet_tui.model import Model
from deepnet_tui.predict.summary import PredictionSummary
from deepnet_tui.predict.units import UnitNotes
from engine.spec import NetworkSpec

ROWS = 20_000  # rows in one piece
NUMBERS = 4_000_000  # inputs of the network in one piece at most

OF_THE_FILE = ("separator", "encoding", "skip", "comment")
"""What holds for a new file only if it is written like the one of the training."""


@dataclass(frozen=True)
class ColumnReader:
    """What reading columns needs of a model: which columns, how many inputs, how the training file was written."""

    preparation: Preparation
    network: NetworkSpec
    reading: Mapping[str, str]


Reader = Model | ColumnReader

Columns = Mapping[str, Any]
"""By the name of each column that the model needs, its values in the rows of one piece."""


def pieces(model: Reader, data: Path, summary: PredictionSummary, reading: Mapping[str, str]) -> Iterator[Columns]:
    """The rows of `data`, a piece at a time; notes on how the file was read go to `summary`.

    `reading` says how the file is written where that shall not be inferred. Raises InputError for a file that can't be
    read and a column that is not there.
    """
    rows = max(1, min(ROWS, NUMBERS // model.network.inputs))
    regular_file(data)
    if data.suffix.lower() in READERS:
        check_reading(_settings(data, reading))
    if READERS.get(data.suffix.lower()) is read_text:
        yield from _text_pieces(model, data, rows, summary, reading)
        return
    table = _read(model, data, reading)
    check_columns(data, tuple(table.columns), model.preparation.columns, table.missing_column_hint)
    units = UnitNotes(model.preparation.entries)
    for name in model.preparation.columns:
        units.see_units(name, {table.units.get(name, "")})
    summary.notes = [*table.notes, *units.sentences]
    for start in range(0, table.m, rows):
        yield _slice(model, table, start, start + rows)


def _read(model: Reader, data: Path, reading: Mapping[str, str]) -> Table:
    """The whole table; what is not given is as in the training file, where that fits."""
    of_training = {name: value for name, value in model.reading.items() if name in accepted_settings(data)}
    words = frozenset(entry.name for entry in model.preparation.entries if entry.kind not in ("numeric", "block"))
    try:
        table = read(data, _settings(data, of_training, reading), words=words)
    except InputError as error:
        if error.field not in of_training or error.field in reading:
            raise
    else:
        if set(model.preparation.columns) <= set(table.columns) or not of_training.keys() & {"skip"}:
            return table
    lasting = {name: value for name, value in of_training.items() if name == "missing"}
    return read(data, _settings(data, lasting, reading), words=words)


def _slice(model: Reader, table: Table, start: int, stop: int) -> Columns:
    columns = {}
    for name in model.preparation.columns:
        values = table.columns[name]
        columns[name] = values.iloc[start:stop] if hasattr(values, "iloc") else values[start:stop]
    return columns


def _text_pieces(
    model: Reader, data: Path, rows: int, summary: PredictionSummary, reading: Mapping[str, str]
) -> Iterator[Columns]:
    """A text table read as in training, except that columns keep the types of training, whatever their cells are."""
    try:
        wanted = text_columns(model)
        dialect = _dialect(data, reading, model.reading, wanted)
        check_columns(data, dialect.names, wanted)
        words = {entry.name for entry in model.preparation.entries if entry.kind not in ("numeric", "block")}
        dialect = with_checked_encoding(data, dialect)
        units = UnitNotes(model.preparation.entries)
        small = read_small(data, dialect, words & set(dialect.names), zeros=False)
        if small is not None and not any(isinstance(small[name], WordColumn) for name in {*wanted} - words):
            yield from _small_pieces(model, data, rows, small, dialect.decimal, units)
            summary.notes = [*dialect.notes, *units.sentences]
            return
        text = TextPieces(data, dialect, words, rows)
        before = 0
        for piece in text:
            try:
                yield _columns(model, piece, dialect.decimal, before + 1, units)
            except InputError as error:
                raise InputError(f"{data}, {error}", error.field) from None
            before = text.rows
        summary.notes = [*dialect.notes, *text.notes(), *units.sentences]
    except OSError as error:
        raise refusal(error, data, "read") from None


def _small_pieces(
    model: Reader, data: Path, rows: int, small: Columns, decimal: str, units: UnitNotes
) -> Iterator[Columns]:
    m = len(next(iter(small.values())))
    for start in range(0, m, rows):
        piece = {name: values[start : start + rows] for name, values in small.items()}
        try:
            yield _columns(model, piece, decimal, start + 1, units)
        except InputError as error:
            raise InputError(f"{data}, {error}", error.field) from None


def _dialect(data: Path, reading: Mapping[str, str], of_training: Mapping[str, str], wanted: list[str]) -> TextDialect:
    """The dialect as given, else as it was given for the training file if that fits, else as inferred.

    The decimal mark is that of the training file only where the new one leaves it open.
    """
    given = {name: value for name, value in of_training.items() if name in OF_THE_FILE}
    reading = {name: value for name, value in of_training.items() if name == "missing"} | dict(reading)
    decimal = of_training.get("decimal", "")
    if given:
        try:
            dialect = find_dialect(data, _settings(data, given, reading), decimal)
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
    return settings_for(str(data), values)


def _columns(model: Reader, piece: Any, decimal: str, first_row: int, units: UnitNotes) -> Columns:
    """One piece as the preparation takes it: blocks side by side, words as codes, numbers without marks."""
    columns: dict[str, Any] = {}
    for entry in model.preparation.entries:
        if isinstance(entry, Block):
            parts = [to_numbers(piece[name], Numeric(name), first_row, decimal) for name in entry.inputs]
            columns[entry.name] = np.column_stack(parts)
            continue
        values = piece[entry.name]
        if isinstance(entry, Numeric) and entry.kind != "date":
            units.see(entry.name, values)
            values = to_numbers(values, entry, first_row, decimal)
        elif isinstance(entry, Categorical):
            found = _categories(values).cat
            known = frozenset(entry.known)
            words = tuple(_word_of_training(word, known, decimal) for word in found.categories)
            values = Words(words, np.asarray(found.codes))
        else:
            values = _categories(values)
        columns[entry.name] = values
    return columns


def _categories(values: Any) -> Any:
    return values if isinstance(values, WordColumn) else values.astype("category")


def _word_of_training(word: str, known: Container[str], decimal: str) -> str:
    """The word as the model knows it: training may have read it as a number."""
    if word in known or not is_numeral(word, decimal):
        return word
    plain = to_word(value_of(word, decimal))
    return plain if plain in known and not re.fullmatch(LEADING_ZERO, word) else word


def text_columns(model: Reader, names: tuple[str, ...] = ()) -> list[str]:
    """The columns that the model needs of a text table: a block under its own name if it is in `names`, else a column
    for each of its numbers."""
    columns: list[str] = []
    for entry in model.preparation.entries:
        columns += entry.inputs if isinstance(entry, Block) and entry.name not in names else [entry.name]
    return columns


def check_columns(
    data: Path,
    names: tuple[str, ...],
    wanted: Iterable[str],
    hint: Callable[[str], str] = lambda _name: "",
) -> None:
    """Raise InputError for a `wanted` column that is not among `names`; `hint` says why it may be missing."""
    present = set(names)
    for name in wanted:
        if name not in present:
            has = listed(names, 10) + hint(name)
            raise InputError(f"{data} has no column {quoted(name)}, which the model needs; it has {has}", "data")
