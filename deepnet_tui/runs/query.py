"""Asking for runs: some of them, in another order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import did_you_mean, listed
from deepnet_tui.runs.metrics import metric_of_run, metrics_of_run, number
from deepnet_tui.runs.record import StoredRun

STATES = ("running", "completed", "stopped", "interrupted", "diverged")
HIGHEST_FIRST = {"started", "iteration", "accuracy", "f1", "roc_auc", "r2"}  # of all others the lowest come first

TYPED = re.compile(r'(source:|state:|tag:|star:|)("[^"]*"?|[^\s"]*)(?:\s+|$|(?="))')

Key = Callable[[StoredRun], Any]

SORTS: dict[str, Key] = {
    "started": lambda record: record.started,
    "cost": lambda record: number(record.cost),
    "validation_cost": lambda record: number(record.validation_cost),
    "iteration": lambda record: record.iteration,
    "seconds": lambda record: number(record.about.get("seconds")),
    "name": lambda record: record.labels.name.casefold() or None,
    "source": lambda record: record.source.casefold(),
    "state": lambda record: record.state,
}
"""What runs can be sorted by, besides their metrics; None comes last."""


def value_of(record: StoredRun, name: str) -> Any:
    """What a run has under a name of SORTS or of a metric, as it is stored; None for nothing."""
    if name == "name":
        return record.labels.name or None
    if name == "seconds":
        return record.about.get(name)
    return getattr(record, name) if name in SORTS else metric_of_run(record, name)


@dataclass(frozen=True)
class Query:
    """Which runs, and in which order; "" and None leave a condition out.

    Every one of `words` must be in the run's id, name, note, tags, source, state or task, in either case. `source` must
    be a part of the source, `state` and every tag the whole, with `begun` a tag's beginning. `sort` is one of SORTS or
    a metric.
    """

    words: Sequence[str] = ()
    source: str = ""
    state: str = ""
    tags: Sequence[str] = ()
    star: bool = False
    sort: str = "started"
    reverse: bool = False
    limit: int | None = None
    begun: bool = False

    @classmethod
    def typed(cls, text: str, sort: str = "started", reverse: bool = False) -> Query:
        """What a line such as `source:moons state:c tag:paper star: two words` asks for, also while it is typed.

        A state may be given by its beginning, a tag too; whatever holds a space stands in quotes. Raises InputError for
        a state that there is not.
        """
        words: list[str] = []
        tags: list[str] = []
        source = state = ""
        star = False
        for key, value in TYPED.findall(text):
            value = value.strip('"')
            match key:
                case "source:":
                    source = value
                case "state:":
                    state = _state(value)
                case "tag:":
                    tags += [value] if value else []
                case "star:":
                    star = True
                case _:
                    words += [value] if value else []
        return cls(tuple(words), source, state, tuple(tags), star, sort, reverse, begun=True)

    def __post_init__(self) -> None:
        if self.state and self.state not in STATES:
            raise InputError(f"state must be one of {', '.join(STATES)}, not {self.state!r}", "state")

    def of(self, records: Iterable[StoredRun]) -> list[StoredRun]:
        """The runs that fit. Raises InputError for a `sort` that neither SORTS nor any run has."""
        records = list(records)
        key = self._key(records)
        found = [record for record in records if self._fits(record)]
        known = [(key(record), record) for record in found]
        ordered = [each for each in known if each[0] is not None]
        ordered.sort(key=lambda each: each[0], reverse=self.descending)
        rest = [record for value, record in known if value is None]
        return [*(record for _, record in ordered), *rest][: self.limit]

    @property
    def descending(self) -> bool:
        """Whether the highest come first."""
        return (self.sort.rpartition(".")[2] in HIGHEST_FIRST) != self.reverse

    def _fits(self, record: StoredRun) -> bool:
        labels = record.labels
        if self.star and not labels.star:
            return False
        if self.state and record.state != self.state:
            return False
        if self.source.casefold() not in record.source.casefold():
            return False
        if self.tags and not self._tagged(labels.tags):
            return False
        if not self.words:
            return True
        texts = (record.id, labels.name, labels.note, *labels.tags, record.source, record.state)
        text = "\n".join([*texts, str(record.about.get("task", ""))]).casefold()
        return all(word.casefold() in text for word in self.words)

    def _tagged(self, tags: Sequence[str]) -> bool:
        if not self.begun:
            return set(self.tags) <= set(tags)
        return all(any(tag.casefold().startswith(begun.casefold()) for tag in tags) for begun in self.tags)

    def _key(self, records: Sequence[StoredRun]) -> Key:
        if self.sort in SORTS:
            return SORTS[self.sort]
        metrics = {name for record in records for name in metrics_of_run(record)}
        names = metrics | {name.partition(".")[2] for name in metrics}
        if self.sort in names:
            return lambda record: number(metric_of_run(record, self.sort))
        hint = did_you_mean(self.sort, [*SORTS, *names])
        every = f"must be one of {listed(SORTS)} or a metric such as validation.accuracy, not {self.sort!r}"
        raise InputError(f"sort {every}" + (f"; {hint}" if hint else ""), "sort")


def _state(begun: str) -> str:
    """The state that begins so, "" while nothing is typed yet."""
    found = [state for state in STATES if state.startswith(begun.lower())]
    if not found:
        raise InputError(f"state: {', '.join(STATES)}", "state")
    return found[0] if len(found) == 1 else ""
