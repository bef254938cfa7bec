"""What a reader returns, what it is asked for, and the limits that all readers keep."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deepnet_tui.common.confinement import check_allowed
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted, listed, quoted
from deepnet_tui.data.settings import DataSettings

ProgressCallback = Callable[[float, str], None]

MEMORY = 2 * 1024**3
"""The most bytes that the values of one file may take once read; while they are joined, twice as much for a moment."""

MAX_COLUMNS = 50_000


@dataclass(frozen=True)
class Table:
    """Columns by name: a pandas Series or an array (m,), or an array (m, ...) such as pictures.

    `target` and `classes` (in the order of the class numbers) are known where the file itself says them.
    `left_out` says why something is no column, `sheets` names those of the file that were not read.
    `decimal` is the decimal mark of numbers among words: `decimal_known` if it was given or the cells show it, else
    assumed. `units` has the sign of a currency, or %, that numbers of a column were read without.
    """

    columns: Mapping[str, Any]
    target: str | None = None
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    decimal: str = "."
    decimal_known: bool = False
    left_out: Mapping[str, str] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def m(self) -> int:
        """The number of rows."""
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def missing_column_hint(self, name: str) -> str:
        """Why a column is not there, or where else it may be, as the end of a sentence; "" if nothing is known."""
        if name in self.left_out:
            return f"; {quoted(name)} was left out: {self.left_out[name]}"
        return f"; other sheets are {listed(self.sheets)}, see --sheet" if self.sheets else ""


@dataclass(frozen=True)
class ReadRequest:
    """What a reader is asked for: a regular file of `size` bytes, how to read it, and how to report progress.

    The columns in `words` are read as they are written, whatever they look like. `decimal` is the decimal mark of a
    text table whose cells do not show it.
    """

    path: Path
    size: int
    settings: DataSettings
    progress: ProgressCallback
    words: frozenset[str] = frozenset()
    decimal: str = ""


def no_progress(fraction: float, what: str) -> None:
    """Report nothing."""


def regular_file(path: Path, field_: str = "source") -> int:
    """The size in bytes of a file that may be read; raises InputError for anything else."""
    check_allowed(path, field_)
    try:
        status = path.stat()
    except FileNotFoundError:
        raise InputError(f"there is no file {path}", field_) from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} can't be read: {getattr(error, 'strerror', None) or error}", field_) from None
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{path} is a folder; a data file is needed", field_)
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path} is not a regular file; a data file is needed", field_)
    if status.st_size == 0:
        raise InputError(f"{path} is empty", field_)
    return status.st_size


def too_large(path: Path, size: float) -> InputError:
    """The error for a table beyond the memory bound."""
    return InputError(
        f"{path} would take about {size / 1024**3:.1f} GiB in memory; at most {MEMORY / 1024**3:g} GiB are read",
        "source",
    )


def check_memory(path: Path, size: float) -> None:
    """Raise InputError if `size` bytes are more than the bound."""
    if size > MEMORY:
        raise too_large(path, size)


def check_names(path: Path, names: list[str]) -> None:
    """Raise InputError for no columns, too many, or two of the same name."""
    if not names:
        raise InputError(f"{path} has no columns", "source")
    if len(names) > MAX_COLUMNS:
        raise InputError(f"{path} has {len(names):,} columns; at most {MAX_COLUMNS:,} are read", "source")
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(f"{path} has two columns called {quoted(name)}; each needs its own name", "source")
        seen.add(name)


def renamed_notes(names: list[str], distinct: list[str]) -> tuple[str, ...]:
    """A note on the columns that got another name, since theirs occurs before."""
    again = [quoted(new) for name, new in zip(names, distinct, strict=True) if name != new]
    if not again:
        return ()
    shown = ", ".join(again[:5]) + (f" and {len(again) - 5:,} more" if len(again) > 5 else "")
    verb = "is" if len(again) == 1 else "are"
    return (f"{counted(len(again), 'column')} with a name that occurs before {verb} called {shown}.",)


def import_optional(module: str, path: Path) -> Any:
    """Import an optional library. Raises InputError that says how to install it."""
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise InputError(
            f"{path} can't be read without {package}, which is not installed: pip install 'deepnet-tui[files]'",
            "source",
        ) from None
