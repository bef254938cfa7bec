"""A column of words without pandas: what its categorical series are used for here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from engine.arrays import Array


class WordColumn:
    """The different words in the order of the alphabet, and for each row which one it is (m,), -1 for a missing one.

    It reads like a categorical series: `cat` has `categories` and `codes`.
    """

    __slots__ = ("categories", "codes")

    def __init__(self, categories: Sequence[str], codes: Array) -> None:
        self.categories = np.empty(len(categories), object)
        self.categories[:] = categories
        self.codes = codes

    @classmethod
    def of(cls, cells: Iterable[str], missing: frozenset[str]) -> WordColumn:
        """The column of these cells; those in `missing` are no words."""
        cells = list(cells)
        categories = sorted(set(cells) - missing)
        places = {word: place for place, word in enumerate(categories)}
        codes = np.fromiter((places.get(cell, -1) for cell in cells), np.int32, len(cells))
        return cls(categories, codes)

    @property
    def cat(self) -> WordColumn:
        """Itself: what it has is named as there."""
        return self

    @property
    def dtype(self) -> Any:
        """That of its words."""
        return self.categories.dtype

    def set_categories(self, kept: Sequence[str]) -> WordColumn:
        """The same with these words only, in this order; the others are missing."""
        places = {word: place for place, word in enumerate(kept)}
        new = np.array([*(places.get(word, -1) for word in self.categories), -1], np.int32)
        return WordColumn(kept, new[self.codes])

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: Any) -> Any:
        """A column of some rows, or the word of one, NaN for a missing one."""
        codes = self.codes[rows]
        if getattr(codes, "ndim", 0):
            return WordColumn(list(self.categories), codes)
        return self.categories[codes] if codes >= 0 else np.nan

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        words = np.empty(len(self.categories) + 1, object)
        words[:-1], words[-1] = self.categories, np.nan
        cells: Array = words[self.codes]
        return cells if dtype is None else cells.astype(dtype)
