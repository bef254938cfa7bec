"""The data preview: a source read once, and prepared anew whenever the settings change."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.background import Job, LatestJob
from deepnet_tui.common.errors import InputError
from deepnet_tui.data.setting_list import READING
from deepnet_tui.data.settings import DataSettings

if TYPE_CHECKING:
    from deepnet_tui.data.columns import ColumnInfo
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.data.readers.table import Table

ROWS = 50  # that are shown


@dataclass(frozen=True)
class SchemaReady:
    """What a source holds: its columns, its first rows as words, the number of rows, and notes of the reader."""

    columns: tuple[ColumnInfo, ...]
    rows: tuple[tuple[str, ...], ...]
    m: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class DatasetReady:
    """The dataset that the settings give."""

    dataset: Dataset


@dataclass(frozen=True)
class PreviewFailed:
    """These settings can't be used, in one sentence; `field` is the setting or the column to blame, or ""."""

    message: str
    field: str = ""


@dataclass(frozen=True)
class PreviewProgress:
    """The fraction of the work that is done, from 0 to 1, and `what` is being done."""

    fraction: float
    what: str


PreviewEvent = SchemaReady | DatasetReady | PreviewFailed | PreviewProgress


class DataPreview:
    """Reads and prepares in a thread and posts `PreviewEvent`s; the newest request wins, older work is cancelled.

    `hand_over` is that of `LatestJob`: it decides in which thread `post` is called.
    """

    def __init__(
        self,
        post: Callable[[PreviewEvent], object],
        hand_over: Callable[[Callable[[], None]], object] = lambda call: call(),
    ) -> None:
        self._post = post
        self._job: LatestJob[PreviewEvent] = LatestJob("preparing data", hand_over)
        self._lock = threading.Lock()  # a file is read once, and not twice at a time
        self._table: Table | None = None
        self._table_settings: DataSettings | None = None

    def update(self, settings: DataSettings) -> None:
        """Begin to prepare the dataset for these settings, reading the file first if need be."""
        self._job.start(partial(self._work, settings), partial(self._deliver, settings))

    def cancel(self) -> None:
        """Stop what is under way, at its next report of progress."""
        self._job.cancel()

    def _deliver(self, settings: DataSettings, answer: PreviewEvent | Exception) -> None:
        if isinstance(answer, InputError):
            answer = PreviewFailed(str(answer), answer.field)
        elif isinstance(answer, MemoryError):
            answer = PreviewFailed(f"{settings.source} does not fit into memory", "source")
        elif isinstance(answer, Exception):  # the app lives on and says so
            answer = PreviewFailed(f"The data can't be used: {answer or type(answer).__name__}")
        self._post(answer)

    def _work(self, settings: DataSettings, job: Job[PreviewEvent]) -> PreviewEvent:
        shown = -1.0

        def progress(fraction: float, what: str) -> None:
            nonlocal shown
            job.check()
            if abs(fraction - shown) >= 0.01:
                shown = fraction
                job.report(PreviewProgress(fraction, what))

        with self._lock:
            progress(0.0, "reading")
            return self._prepared(settings, progress, job)

    def _prepared(
        self, settings: DataSettings, progress: Callable[[float, str], None], job: Job[PreviewEvent]
    ) -> PreviewEvent:
        from deepnet_tui.data.builtin import BUILTIN
        from deepnet_tui.data.load import load

        if settings.source in BUILTIN:
            dataset = load(settings, progress)
            job.report(SchemaReady(dataset.columns, first_rows(dataset.table), example_count(dataset), ()))
            return DatasetReady(dataset)
        from deepnet_tui.data.from_file import from_file
        from deepnet_tui.data.readers.registry import read
        from deepnet_tui.data.schema.inference import infer_schema

        path = Path(settings.source)
        reading = reading_settings(settings)
        if self._table is None or self._table_settings != reading:
            self._table, self._table_settings = None, None
            self._table, self._table_settings = read(path, settings, progress), reading
        table = self._table
        columns = infer_schema(table, settings)
        job.report(SchemaReady(columns, first_rows(table.columns), table.m, table.notes))
        return DatasetReady(from_file(path, settings, progress, table))


def reading_settings(settings: DataSettings) -> DataSettings:
    """The settings that decide how a file is read; the others matter only afterwards."""
    names = ("source", *READING)
    return DataSettings(**{name: getattr(settings, name) for name in names})


def first_rows(columns: Any) -> tuple[tuple[str, ...], ...]:
    """The first rows of a table as words."""
    from deepnet_tui.data.schema.inference import cell_text

    m = min((len(values) for values in columns.values()), default=0)
    return tuple(tuple(cell_text(values, place) for values in columns.values()) for place in range(min(ROWS, m)))


def example_count(dataset: Dataset) -> int:
    """The number of examples, those of the validation part included."""
    return dataset.train.m + (dataset.validation.m if dataset.validation is not None else 0)
