"""One row with some of its values changed: what the network says now, and how its units move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import quoted
from deepnet_tui.data.values.words import to_word
from deepnet_tui.model import Model
from deepnet_tui.understand.answer import Answer, names_of_answers, usual_answer
from deepnet_tui.understand.columns import InputColumn, input_columns
from deepnet_tui.understand.dependence import dependence_values
from engine.arrays import Array
from engine.network import forward
from engine.parameters import member


class WhatIf:
    """A row out of the prepared inputs X (n0, m), whose values can be changed column by column.

    `numbers` (m,) are the numbers of the rows in their source, `place` is the row that is shown. Units are those of
    network `shown` (from 0) of an ensemble.
    """

    def __init__(self, model: Model, X: Array, numbers: Array, place: int = 0, shown: int = 0) -> None:
        self.model, self.X, self.numbers, self.shown = model, np.asarray(X, dtype=np.float64), numbers, shown
        self.columns = input_columns(model.preparation)
        self.version = 0  # grows with every change
        self._offered: dict[int, tuple[Any, ...]] = {}
        self._answer: int | None = None
        self.go_to(place)

    def go_to(self, place: int) -> None:
        """Show another row, unchanged; a place beyond the ends is the nearest one."""
        self.place = max(0, min(place, self.X.shape[1] - 1))
        self.before = self.X[:, self.place].copy()
        self.after = self.before.copy()
        self.changed: dict[int, Any] = {}
        self.version += 1

    @property
    def row(self) -> int:
        """The number of the row in its source, from 1."""
        return int(self.numbers[self.place]) + 1

    # What is explained

    @property
    def answer(self) -> Answer:
        """What is explained: the usual answer for the row as it is in the data, or the one chosen."""
        return usual_answer(self.model, self.before) if self._answer is None else Answer(self.model, self._answer)

    def next_answer(self) -> None:
        """Explain the next class or target."""
        self._answer = (self.answer.place + 1) % len(names_of_answers(self.model))
        self.version += 1

    def answers(self) -> list[tuple[str, float, float]]:
        """Every class or target with its answer before and after the changes."""
        A = self.model.outputs(np.stack([self.before, self.after], axis=1))
        rows = [Answer(self.model, place).of_outputs(A) for place in range(len(names_of_answers(self.model)))]
        return [
            (name, float(row[0]), float(row[1])) for name, row in zip(names_of_answers(self.model), rows, strict=True)
        ]

    def units(self) -> list[tuple[Array, Array]]:
        """The activations (n,) of every hidden layer before and after the changes."""
        parameters = {name: np.asarray(value, dtype=np.float64) for name, value in self.model.parameters.items()}
        own = member(parameters, self.shown)
        with np.errstate(all="ignore"):
            values = forward(self.model.network.member, own, np.stack([self.before, self.after], axis=1))
        layers = range(1, len(self.model.network.hidden) + 1)
        return [(values[f"A{layer}"][:, 0], values[f"A{layer}"][:, 1]) for layer in layers]

    # Changes

    def value(self, column: int) -> Any:
        """The value that a column has now; None for a missing one."""
        return self.changed.get(column, self.original(column))

    def original(self, column: int) -> Any:
        """The value that a column has in the data."""
        return self.columns[column].raw(self.before)

    def set(self, column: int, value: Any) -> None:
        """Give a column another value; text is read as in a data file. Raises InputError for what can't be read."""
        entry = self.columns[column]
        if isinstance(value, str):
            value = self._read(entry, value.strip())
        self.after[entry.inputs] = entry.encode([value])[:, 0]
        self.changed[column] = value
        self.version += 1

    def _read(self, column: InputColumn, text: str) -> Any:
        if column.is_words or column.entry.kind == "date":
            if column.entry.kind == "boolean" and text and text not in column.words:
                raise InputError(f"{quoted(column.name)} is {' or '.join(map(quoted, column.words))}", column.name)
            return text or None
        if not text and column.entry.kind != "block":
            return None
        try:
            number = float(text)
        except ValueError:
            raise InputError(f"{quoted(column.name)} must be a number, not {quoted(text)}", column.name) from None
        if not abs(number) <= 1e100:
            raise InputError(
                f"{quoted(column.name)} must be a number of ordinary size, not {quoted(text)}", column.name
            )
        return number

    def put_back(self, column: int) -> None:
        """Give a column its value in the data."""
        inputs = self.columns[column].inputs
        self.after[inputs] = self.before[inputs]
        self.changed.pop(column, None)
        self.version += 1

    def step(self, column: int, direction: int) -> None:
        """The next larger value of the rows, or with -1 the next smaller one; of words the next word."""
        offered = self.offered(column)
        if not offered:
            return
        now = self.value(column)
        if self.columns[column].is_words:
            here = offered.index(to_word(now)) if to_word(now) in offered else -1
            self.set(column, offered[(here + direction) % len(offered)])
            return
        if now is None or now == "":
            self.set(column, offered[0 if direction > 0 else -1])
            return
        beyond: Sequence[Any] = [value for value in offered if (value > now if direction > 0 else value < now)]
        if beyond:
            self.set(column, beyond[0] if direction > 0 else beyond[-1])

    def offered(self, column: int) -> tuple[Any, ...]:
        """The values that `step` goes through: words, or quantiles of the rows."""
        if column not in self._offered:
            values, labels = dependence_values(self.columns[column], self.X)
            self._offered[column] = labels if self.columns[column].entry.kind == "date" else values
        return self._offered[column]
