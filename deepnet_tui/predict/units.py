"""Whether numbers are in the currency, or in percent, as those that a model was trained on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from deepnet_tui.common.text import quoted
from deepnet_tui.data.preparation.entries import Entry, Numeric
from deepnet_tui.data.preparation.numbers import words_and_codes
from deepnet_tui.data.values.number_format import PERCENT, bare
from deepnet_tui.data.values.words import MISSING, to_word


class UnitNotes:
    """A sentence for each column whose numbers have another sign than in training. No number is changed."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._trained = {entry.name: entry.unit for entry in entries if isinstance(entry, Numeric) and entry.unit}
        self._notes: dict[str, str] = {}

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found so far, each column once."""
        return tuple(self._notes.values())

    def see(self, name: str, values: Any) -> None:
        """Look at the cells of a column, words or numbers."""
        if name not in self._trained or name in self._notes:
            return
        found = words_and_codes(name, values)
        if isinstance(found, tuple):
            words, codes = found
            cells: Iterable[Any] = (words[code] for code in sorted(set(codes.tolist()) - {-1}))
        else:
            cells = found if found.dtype.kind in "OUS" else found[:1]
        self.see_units(name, {bare(word)[1] for cell in cells if (word := to_word(cell)) not in MISSING})

    def see_units(self, name: str, units: set[str]) -> None:
        """Look at the signs that the numbers of a column have, "" for none."""
        trained = self._trained.get(name)
        if trained is None or name in self._notes:
            return
        other = next((unit for unit in sorted(units) if unit != trained and (unit or trained == PERCENT)), None)
        if other is not None:
            here = f"here {quoted(other)}" if other else "here there is none"
            self._notes[name] = (
                f"{quoted(name)} had {quoted(trained)} in training, {here}: its numbers are taken as they are"
            )
