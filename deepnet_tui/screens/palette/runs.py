"""The stored runs as the palette finds them: thousands of them, without a pause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from deepnet_tui.drawing.numbers import cost
from deepnet_tui.runs.record import StoredRun
from deepnet_tui.runs.store import Store

MOST = 20  # runs that are offered at once


class FoundRun(NamedTuple):
    """A run: what it is called in the list, what else is known, and how well it fits, 0 to 1."""

    id: str
    title: str
    help: str
    score: float


class RunNames:
    """All that a run can be found by, newest first; reading them takes time, so do it in a thread."""

    def __init__(self, store: Store) -> None:
        self._records = store.list()
        self._texts = [_text(record).casefold() for record in self._records]

    def find(self, query: str) -> Iterator[FoundRun]:
        """At most `MOST` runs: those with every word of the query, then those with its letters in that order."""
        words = query.casefold().split()
        places = [place for place, text in enumerate(self._texts) if all(word in text for word in words)][:MOST]
        for place in places:
            yield self._found(place, 0.9)
        if len(places) < MOST and words:
            letters = re.compile(".*?".join(re.escape(letter) for letter in "".join(words)))
            rest = (place for place, text in enumerate(self._texts) if letters.search(text))
            others = [place for place in rest if place not in set(places)]
            for place in others[: MOST - len(places)]:
                yield self._found(place, 0.1)

    def _found(self, place: int, score: float) -> FoundRun:
        record = self._records[place]
        parts = [record.state, f"{record.iteration:,} iterations"]
        if record.cost is not None:
            parts.append(f"cost {cost(record.cost)}")
        name = f"{record.labels.name}  {record.id}" if record.labels.name else record.id
        return FoundRun(record.id, f"Run: {name}", ", ".join([*parts, *record.labels.tags]), score)


def _text(record: StoredRun) -> str:
    words: Sequence[str] = ("run:", record.labels.name, record.id, record.state, *record.labels.tags)
    return " ".join(words)
