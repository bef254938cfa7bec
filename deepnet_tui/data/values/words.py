"""Words in cells: which ones stand for a missing value, true or false, and a column of words as codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.arrays import Array

SURELY_MISSING = frozenset(("", "?", "N/A", "NaN", "nan", "<NA>", "n/a", "#N/A", "NaT"))
PERHAPS_MISSING = frozenset(("NA", "None", "null", "NULL"))  # beside other words they may be words
MISSING = SURELY_MISSING | PERHAPS_MISSING
LEADING_ZERO = r"0\d+"  # written so, a number is a word: a postcode, an account
TRUE_WORDS = frozenset(("true", "yes", "t", "y", "1", "1.0"))
FALSE_WORDS = frozenset(("false", "no", "f", "n", "0", "0.0"))


@dataclass(frozen=True)
class Words:
    """A column as words: the different ones, "" for a missing value, and for each row which one it is (m,)."""

    words: tuple[str, ...]
    codes: Array

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def counts(self) -> dict[str, int]:
        """How often each word occurs."""
        counts = np.bincount(self.codes, minlength=len(self.words))
        return {word: int(count) for word, count in zip(self.words, counts, strict=True) if count}


def to_word(value: Any) -> str:
    """The word of one value: "" for a missing one; 3.0 and 3 are the same word "3".

    A text of `PERHAPS_MISSING` stays a word: whoever read it knows which it is.
    """
    if isinstance(value, str):
        word = value.strip()
        return "" if word in SURELY_MISSING else word
    if isinstance(value, bytes):
        return to_word(value.decode("utf-8", "replace"))
    if value is None or value != value or str(value) in MISSING:
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def take_rows(values: Any, rows: Array) -> Any:
    """Some rows of one column: Words, an array (m, ...) or a pandas Series."""
    if len(rows) == len(values):
        return values
    if isinstance(values, Words):
        return Words(values.words, values.codes[rows])
    return values.iloc[rows] if hasattr(values, "iloc") else values[rows]


def lookup_word(word: str, numbers: Mapping[str, int], unknown: int) -> int:
    """The number of a word, looked up as it is written, then in its shortest form if it is a number: 3.0 as 3.

    NA and the like that are no known word are looked up as "", a missing value.
    """
    number = numbers.get(word)
    if number is not None:
        return number
    if word in PERHAPS_MISSING:
        return numbers.get("", unknown)
    if not word[:1].isalpha() and not re.fullmatch(LEADING_ZERO, word):
        try:
            return numbers.get(to_word(float(word)), unknown)
        except ValueError:
            pass
    return unknown
