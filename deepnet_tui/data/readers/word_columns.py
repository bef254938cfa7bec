"""Columns of words after reading: those that are numbers with a currency sign and the like, and NA, None and null."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from deepnet_tui.common.text import counted, listed, quoted
from deepnet_tui.data.readers.table import Table
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.data.values.date_format import orders
from deepnet_tui.data.values.number_format import EXACT, GROUPED, bare, is_inexact, is_numeral, unit_of, value_of
from deepnet_tui.data.values.word_column import WordColumn
from deepnet_tui.data.values.words import FALSE_WORDS, LEADING_ZERO, PERHAPS_MISSING, TRUE_WORDS, to_word
from engine.arrays import Array

if TYPE_CHECKING:
    import pandas as pd

MOST_WORDS = 200  # more are no categories
REGIONS = frozenset(("AF", "AMER", "APAC", "AS", "ASIA", "EMEA", "EU", "EUR", "EUROPE", "LATAM", "MEA", "OC", "SA"))


def with_settled_words(table: Table, settings: DataSettings, kept: Collection[str], *, text: bool) -> Table:
    """The table with numbers for columns that are such, and with missing values for words that mean one.

    The columns in `kept` stay words, and what they mean is known to whoever asked for them. In a `text` table every
    column is numbers that can be; elsewhere words are only read as such where they have a sign of a currency.
    """
    said = settings.missing_words
    columns, notes, units = dict(table.columns), list(table.notes), dict(table.units)
    words: dict[str, dict[str, int]] = {}
    missing: dict[str, dict[str, int]] = {}
    for name, values in table.columns.items():
        if getattr(values, "ndim", 1) > 1:
            continue
        if getattr(values.dtype, "kind", "O") not in "OUS" and not hasattr(values, "cat"):
            if said and not text:
                columns[name] = _without_numbers(values, said)
            continue
        column = as_categories(values)
        counts = _counts(column)
        if name not in kept:
            number, unit, note = _as_numbers(column, counts, table.decimal, said or frozenset(), text)
            if number is not None:
                columns[name] = number
                units |= {name: unit} if unit else {}
                notes += [f"{quoted(name)}: {note}."] if note else []
                continue
        present = PERHAPS_MISSING & counts.keys()
        if said is None and name not in kept:
            these = _words_among(present, [word for word in counts if word and word not in PERHAPS_MISSING])
            for word in sorted(present):
                (words if word in these else missing).setdefault(word, {})[name] = counts[word]
            gone = present - these
        else:
            gone = frozenset(said or ()) & counts.keys()
        if gone:
            columns[name] = _without(column, gone)
    return replace(table, columns=columns, notes=(*notes, *_notes(words, missing)), units=units)


def as_categories(values: Any) -> pd.Series[Any] | WordColumn:
    """A column of words as a categorical series, or as what reads like one."""
    if hasattr(values, "cat"):
        return values  # type: ignore[no-any-return]
    import pandas as pd

    return pd.Series(pd.Categorical(np.asarray(values)))


def _counts(column: pd.Series[Any] | WordColumn) -> dict[str, int]:
    """How often each word occurs, those that do not left out."""
    found: dict[str, int] = {}
    numbers = np.bincount(np.asarray(column.cat.codes) + 1, minlength=len(column.cat.categories) + 1)[1:]
    for word, count in zip(column.cat.categories, numbers, strict=True):
        if count:
            found[to_word(word)] = found.get(to_word(word), 0) + int(count)
    return found


def _without(column: pd.Series[Any] | WordColumn, gone: Collection[str]) -> pd.Series[Any] | WordColumn:
    there = [category for category in column.cat.categories if to_word(category) not in gone]
    return column.cat.set_categories(there)


def _without_numbers(values: Any, said: Collection[str]) -> Any:
    """A column of numbers without those that are said to mean a missing value."""
    numbers = [value_of(word) for word in said if is_numeral(word)]
    gone = np.isin(np.asarray(values), numbers) if values.dtype.kind in "iuf" else np.zeros(len(values), bool)
    if not gone.any():
        return values
    return values.astype(float).mask(gone) if hasattr(values, "mask") else np.where(gone, np.nan, values)


def _as_numbers(
    column: pd.Series[Any] | WordColumn, counts: dict[str, int], decimal: str, said: Collection[str], text: bool
) -> tuple[Any, str, str]:
    """A column of words as numbers, the sign that they have, and a note on how; or None if it is none."""
    missing = PERHAPS_MISSING | {"", *said}
    present = [word for word in counts if word not in missing]
    if not present or any(re.fullmatch(LEADING_ZERO, word) or not is_numeral(word, decimal) for word in present):
        return None, "", ""
    unit = unit_of(present)
    if unit is None or any(map(is_inexact, present)):
        return None, "", ""
    in_brackets = next((word for word in present if word[0] == "("), "")
    if not (text or unit or in_brackets):
        return None, "", ""
    words = [to_word(word) for word in column.cat.categories]
    known = set(present)
    numbers = np.array([*(value_of(word, decimal) if word in known else np.nan for word in words), np.nan])
    values = numbers[column.cat.codes]
    if not any(decimal in word or "e" in word.lower() for word in (bare(word)[0] for word in present)):
        values = _whole(values)
    grouped = next((word for word in present if _is_grouped(word, decimal)), "")
    if unit or in_brackets:
        negative = f"{' and ' if unit else ''}with {in_brackets} as a negative one" if in_brackets else ""
        return _as_read(values, column), unit, f"read as numbers {f'without {quoted(unit)}' if unit else ''}{negative}"
    return (
        _as_read(values, column),
        "",
        f"numbers such as {grouped} are read with thousands separators" if grouped else "",
    )


def _as_read(values: Array, column: Any) -> Any:
    """Numbers as a series where the words were one."""
    if isinstance(column, WordColumn):
        return values
    import pandas as pd

    return pd.Series(values)


def _whole(values: Array) -> Array:
    fits = np.isfinite(values).all() and bool((np.abs(values) < EXACT).all())
    return values.astype(np.int64) if fits else values


def _is_grouped(word: str, decimal: str) -> bool:
    whole = bare(word)[0].partition(decimal)[0]
    return bool(GROUPED["," if decimal == "." else "."].fullmatch(whole))


def _words_among(perhaps: Collection[str], others: list[str]) -> frozenset[str]:
    """Those of NA, None and null that are words in a column, as the others in it tell."""
    if not perhaps or not 0 < len(others) <= MOST_WORDS:
        return frozenset()
    plain = {word.lower() for word in others} <= TRUE_WORDS | FALSE_WORDS
    if plain or 2 * sum(map(is_numeral, others)) > len(others) or orders(others):
        return frozenset()
    if len(others) == len(perhaps) == 1:
        return frozenset(perhaps)
    found = set()
    codes = len(others) > 1 and all(re.fullmatch("[A-Z]{2}", word) for word in others)
    if codes or (len(others) > 1 and {word.upper() for word in others} <= REGIONS):
        found.add("NA")
    if all(word[0].isupper() for word in others) and any(not word.isupper() for word in others):
        found.add("None")
    return frozenset(found & set(perhaps))


def _notes(words: dict[str, dict[str, int]], missing: dict[str, dict[str, int]]) -> list[str]:
    """A sentence for each of NA, None and null that was read one way or the other."""
    notes = [
        f"{word} is a word in {_where(places)}, since it stands beside words like it; if it means a missing value: "
        f"--missing {word}."
        for word, places in words.items()
    ]
    return notes + [
        f"{word} means a missing value in {_where(places)}; if it is a word: --missing ''."
        for word, places in missing.items()
    ]


def _where(places: dict[str, int]) -> str:
    return listed((f"{quoted(name)} ({counted(count, 'cell')})" for name, count in places.items()), 5)
