"""Measurements as JSON lines, one for a table, a seed and a learner, and their means."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

Key = tuple[str, int, str, str]


@dataclass(frozen=True)
class Record:
    """A learner on a table: its scores by name, or the error that it ended with.

    `options` are those that ours had besides the target; `columns` are those that are learned from. `split` is the
    fingerprint of rows and columns. Ours has the seconds until its first report, and the iterations.
    """

    table: str
    seed: int
    learner: str
    options: str
    task: str
    train_rows: int
    test_rows: int
    columns: int
    seconds: float | None
    scores: dict[str, float]
    error: str | None = None
    split: str = ""
    first_report: float | None = None
    iterations: int | None = None

    @property
    def key(self) -> Key:
        return self.table, self.seed, self.learner, self.options


def read(path: Path) -> list[Record]:
    """The records of a file; a line that was cut short, by an interruption, is passed over. Raises OSError."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found.append(Record(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


def line(record: Record) -> str:
    """The record as a line of the file."""
    return json.dumps(asdict(record)) + "\n"


def means(records: Iterable[Record]) -> dict[str, dict[str, dict[str, float]]]:
    """Table -> learner -> score or `seconds` -> mean over the seeds; a learner that failed once has none of them."""
    gathered: dict[str, dict[str, list[Record]]] = {}
    for record in records:
        gathered.setdefault(record.table, {}).setdefault(record.learner, []).append(record)
    return {table: {learner: _mean(each) for learner, each in learners.items()} for table, learners in gathered.items()}


def _mean(records: list[Record]) -> dict[str, float]:
    if any(record.error is not None for record in records):
        return {}
    found = {name: sum(record.scores[name] for record in records) / len(records) for name in records[0].scores}
    return {**found, "seconds": sum(record.seconds or 0.0 for record in records) / len(records)}
