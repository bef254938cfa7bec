"""Data being chosen: a source read once, and prepared anew whenever a decision about it changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.settings import ColumnSettings, DataSettings

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import ColumnInfo, Dataset
    from deepnet_tui.data.readers.table import Table

KINDS = ("numeric", "boolean", "categorical", "date", "identifier", "text")
ROWS = 50  # that are shown


class Cancelled(Exception):  # noqa: N818  it is no error
    """The work is no longer wanted."""


@dataclass(frozen=True)
class Understood:
    """What a source holds: its columns, its first rows as words, the number of rows, and remarks of the reader."""

    number: int
    columns: tuple[ColumnInfo, ...]
    rows: tuple[tuple[str, ...], ...]
    m: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Prepared:
    """A problem for the settings with this number."""

    number: int
    dataset: Dataset


@dataclass(frozen=True)
class Refused:
    """These settings can't be used, in one sentence; `field` is the setting or the column to blame, or ""."""

    number: int
    message: str
    field: str = ""


@dataclass(frozen=True)
class Advanced:
    """How far the work has come, from 0 to 1."""

    number: int
    fraction: float
    what: str


News = Understood | Prepared | Refused | Advanced


class DataPreview:
    """Reads and prepares in a thread of its own and posts `News`; the newest wish wins, older work is cancelled."""

    def __init__(self, post: Callable[[News], object]) -> None:
        self._post = post
        self._number = 0
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._table: Table | None = None
        self._read_as: DataSettings | None = None

    def want(self, settings: DataSettings) -> int:
        """Begin to read, if need be, and to prepare; gives the number that the news will carry."""
        self.cancel()
        self._number += 1
        self._stop = threading.Event()
        args = (self._number, settings, self._stop)
        threading.Thread(target=self._work, args=args, name="preparing data", daemon=True).start()
        return self._number

    def cancel(self) -> None:
        """Stop what is under way, at its next report of progress."""
        self._stop.set()

    def _work(self, number: int, settings: DataSettings, stop: threading.Event) -> None:
        shown = -1.0

        def progress(fraction: float, what: str) -> None:
            nonlocal shown
            if stop.is_set():
                raise Cancelled
            if abs(fraction - shown) >= 0.01:
                shown = fraction
                self._post(Advanced(number, fraction, what))

        with self._lock:
            try:
                progress(0.0, "reading")
                for news in self._steps(number, settings, progress):
                    progress(shown, "")
                    self._post(news)
            except Cancelled:
                return
            except InputError as error:
                self._post(Refused(number, str(error), error.field))
            except MemoryError:
                self._post(Refused(number, f"{settings.source} does not fit into memory", "source"))
            except Exception as error:  # the app lives on and says so
                self._post(Refused(number, f"The data can't be used: {error or type(error).__name__}"))

    def _steps(self, number: int, settings: DataSettings, progress: Callable[[float, str], None]) -> Any:
        from deepnet_tui.data.builtin import BUILTIN
        from deepnet_tui.data.load import load

        if settings.source in BUILTIN:
            dataset = load(settings, progress)
            yield Understood(number, dataset.columns, first_rows(dataset.table), total(dataset), ())
            yield Prepared(number, dataset)
            return
        from deepnet_tui.data.from_file import from_file
        from deepnet_tui.data.readers.registry import read
        from deepnet_tui.data.schema.inference import infer_schema

        path = Path(settings.source)
        as_read = read_as(settings)
        if self._table is None or self._read_as != as_read:
            self._table, self._read_as = None, None
            self._table, self._read_as = read(path, settings, progress), as_read
        table = self._table
        columns = infer_schema(table, settings)
        yield Understood(number, columns, first_rows(table.columns), table.m, table.notes)
        yield Prepared(number, from_file(path, settings, progress, table))


def read_as(settings: DataSettings) -> DataSettings:
    """What decides how a file is read; all else only matters once it has been."""
    names = ("source", "separator", "encoding", "decimal", "sheet")
    return DataSettings(**{name: getattr(settings, name) for name in names})


def first_rows(columns: Any) -> tuple[tuple[str, ...], ...]:
    """The first rows of a table as words."""
    from deepnet_tui.data.schema.inference import each_row

    m = min((len(values) for values in columns.values()), default=0)
    return tuple(tuple(each_row(values, place) for values in columns.values()) for place in range(min(ROWS, m)))


def total(dataset: Dataset) -> int:
    """The number of examples, held-out ones included."""
    return dataset.train.m + (dataset.validation.m if dataset.validation is not None else 0)


# Decisions


def with_column(settings: DataSettings, name: str, **decided: Any) -> DataSettings:
    """The settings with a decision on one column; None takes one back."""
    before = settings.columns.get(name, ColumnSettings())
    after = before.model_copy(update=decided)
    columns = {key: value for key, value in settings.columns.items() if key != name}
    if after != ColumnSettings():
        columns[name] = after
    return settings.model_copy(update={"columns": columns})


def with_target(settings: DataSettings, name: str) -> DataSettings:
    """The settings with another target."""
    columns = {
        key: column.model_copy(update={"role": None}) if column.role == "target" else column
        for key, column in settings.columns.items()
    }
    columns = {key: column for key, column in columns.items() if column != ColumnSettings()}
    return with_column(settings.model_copy(update={"target": name, "columns": columns}), name, role=None)


def other_role(info: ColumnInfo) -> str:
    """What a column becomes that is used, or not used, now."""
    return "feature" if info.role == "ignored" else "ignored"


def other_kind(kind: str, step: int) -> str:
    """The next kind, or with step -1 the one before. Many numbers a row can be nothing else."""
    if kind == "block":
        return kind
    place = KINDS.index(kind) if kind in KINDS else (-1 if step > 0 else 0)
    return KINDS[(place + step) % len(KINDS)]


def decided(info: ColumnInfo, settings: DataSettings) -> ColumnInfo:
    """What is shown for a column until the settings have taken effect."""
    from dataclasses import replace

    said = settings.columns.get(info.name, ColumnSettings())
    role = (
        "target" if info.name == settings.target else said.role or ("feature" if info.role == "target" else info.role)
    )
    if settings.target is None and info.role == "target":
        role = "target"
    return replace(info, kind=said.kind or info.kind, role=role)


def share(text: str) -> float:
    """A share as it is typed: 20%, 20 or 0.2. Raises InputError."""
    try:
        number = float(text.strip().rstrip("%").replace(",", "."))
    except ValueError:
        raise InputError(f"{text!r} is not a share; type one such as 20% or 0.2", "validation") from None
    number = number / 100 if "%" in text or number >= 1 else number
    if not 0.0 <= number <= 0.9:
        raise InputError(f"from 0 to 90% can be held out, not {text}", "validation")
    return round(number, 6)


def seed(text: str) -> int:
    """A seed as it is typed. Raises InputError."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number < 2**32:
        raise InputError(f"the seed must be a whole number from 0 to {2**32 - 1}, not {text!r}", "seed")
    return number
