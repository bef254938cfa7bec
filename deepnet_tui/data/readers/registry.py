"""From a path to a table: the suffix names the reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import listed
from deepnet_tui.data.readers.arrays import read_hdf5, read_npy, read_npz
from deepnet_tui.data.readers.parquet_excel import read_excel, read_parquet
from deepnet_tui.data.readers.table import ProgressCallback, ReadRequest, Table, no_progress, regular_file
from deepnet_tui.data.readers.text import read_text
from deepnet_tui.data.readers.word_columns import with_settled_words
from deepnet_tui.data.setting_list import READING
from deepnet_tui.data.settings import DataSettings

ReaderFunction = Callable[[ReadRequest], Table]

READERS: dict[str, ReaderFunction] = {
    ".csv": read_text,
    ".tsv": read_text,
    ".txt": read_text,
    ".data": read_text,
    ".parquet": read_parquet,
    ".xlsx": read_excel,
    ".npz": read_npz,
    ".npy": read_npy,
    ".h5": read_hdf5,
    ".hdf5": read_hdf5,
}

TEXT_SETTINGS = ("separator", "encoding", "decimal", "skip", "comment", "missing")
EXCEL_SETTINGS = ("sheet", "skip", "missing")


def accepted_settings(path: str | Path) -> tuple[str, ...]:
    """The settings on how a file is written that apply to a file with this suffix."""
    suffix = Path(path).suffix.lower()
    if READERS.get(suffix) is read_text:
        return TEXT_SETTINGS
    return EXCEL_SETTINGS if suffix == ".xlsx" else ("missing",) if suffix in READERS else ()


def check_reading(settings: DataSettings) -> None:
    """Raise InputError for a setting on how a file is written that applies to none of the files."""
    for name in settings.reading:
        if not any(name in accepted_settings(file) for file in settings.files):
            kinds = [suffix for suffix in READERS if name in accepted_settings(f"_{suffix}")]
            raise InputError(f"{settings.source} takes no {READING[name]}; only {listed(kinds)} files do", name)


def read(
    path: Path,
    settings: DataSettings,
    progress: ProgressCallback = no_progress,
    words: frozenset[str] = frozenset(),
    decimal: str = "",
) -> Table:
    """Read a data file; `progress(fraction, what)` is called now and then, and may raise to stop.

    The columns in `words` are read as they are written, so that 01 does not become 1 and NA stays; `decimal` is the
    decimal mark of a text table if neither the settings nor its cells say which it is.
    Raises InputError, naming the file, for whatever can't be read.
    """
    size = regular_file(path)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path} has no suffix that is known; choose one of {', '.join(READERS)}", "source")
    if path == Path(settings.source):
        check_reading(settings)
    try:
        table = reader(ReadRequest(path, size, settings, progress, words, decimal))
        return with_settled_words(table, settings, words, text=reader is read_text)
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror or error}", "source") from None
    except MemoryError:
        raise InputError(f"{path} does not fit into memory", "source") from None
