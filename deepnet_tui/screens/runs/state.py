"""What the Runs screen knows: the runs, what is asked for, which are marked, how their curves are looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deepnet_tui.runs.query import Query
from deepnet_tui.runs.store import StoredRun
from deepnet_tui.screens.runs.background import Listing, Records
from deepnet_tui.screens.runs.chart_view import ChartView
from deepnet_tui.screens.runs.curves import DrawnRun, drawn_runs

if TYPE_CHECKING:
    from deepnet_tui.runs.follow import RunCurve

MOST_AT_ONCE = 64  # runs that are marked with one key: so many differ in colour or mark


@dataclass
class RunsState:
    """`records` is None until the store has been read; `slots` are the numbers of the colours of the marked runs."""

    records: Records | None = None
    listed: list[StoredRun] = field(default_factory=list)
    metrics: tuple[str, ...] = ()
    text: str = ""
    sort: str = "started"
    reverse: bool = False
    slots: dict[str, int] = field(default_factory=dict)
    curves: Mapping[str, RunCurve] = field(default_factory=dict)
    view: ChartView = field(default_factory=ChartView)
    deleted: list[str] = field(default_factory=list)

    def query(self) -> Query:
        """What is asked for. Raises InputError."""
        return Query.typed(self.text, self.sort, self.reverse)

    @property
    def descending(self) -> bool:
        """Whether the highest come first."""
        return Query(sort=self.sort, reverse=self.reverse).descending

    def sort_by(self, name: str) -> None:
        """Sort by this; what it is sorted by already, the other way round."""
        self.sort, self.reverse = name, not self.reverse if name == self.sort else False

    def take(self, listing: Listing) -> None:
        """Take in what was listed."""
        if self.records is None:
            self.records = listing.records
        known = self.records  # it may have changed meanwhile
        self.listed = [known[record.id] for record in listing.listed if record.id in known]
        self.metrics = listing.metrics

    def apply(self, changed: Mapping[str, StoredRun], gone: Iterable[str]) -> None:
        """Take in runs that are new or have changed, and forget those that are gone."""
        if self.records is None:
            return
        gone = frozenset(gone)
        self.records = {name: record for name, record in {**self.records, **changed}.items() if name not in gone}
        self.listed = [changed.get(record.id, record) for record in self.listed if record.id not in gone]
        for name in gone:
            self.slots.pop(name, None)

    # Marks

    def toggle(self, record: StoredRun) -> None:
        """Mark a run with the first colour that is free, or remove its mark."""
        if self.slots.pop(record.id, None) is None:
            self.mark(record)

    def mark(self, record: StoredRun) -> None:
        """Mark a run; one that is marked keeps its colour."""
        if record.id not in self.slots:
            taken = set(self.slots.values())
            self.slots[record.id] = next(slot for slot in range(len(taken) + 1) if slot not in taken)

    @property
    def marked(self) -> list[StoredRun]:
        """The marked runs in the order of their colours."""
        records = self.records or {}
        return [records[name] for name in sorted(self.slots, key=lambda name: self.slots[name]) if name in records]

    def drawn(self, chosen: StoredRun | None) -> list[DrawnRun]:
        """The runs in the chart: the marked ones, and the chosen one."""
        return drawn_runs(self.slots, chosen, self.records or {}, self.curves)
