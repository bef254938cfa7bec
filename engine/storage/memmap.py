"""Memory-mapped arrays: recognises them, and reads them without filling the memory."""

from __future__ import annotations

import mmap
import os
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

RELEASE_BYTES = 64 * 2**20  # how much is read through a mapping before its memory is released
FAULT_BYTES = 2 * 2**20  # what the system may load for one row: up to a huge page


def mapping(array: npt.NDArray[Any]) -> mmap.mmap | None:
    """The file mapping behind `array`, or None for an array in memory."""
    memmap = next(_memmaps(array), None)
    return None if memmap is None else memmap._mmap


def release(array: npt.NDArray[Any]) -> None:
    """Release the memory of pages read from the file behind `array`, if there is one.

    They are read again when needed. A copy-on-write mapping is not released: its pages may hold changes.
    """
    memmap = next(_memmaps(array), None)
    if memmap is not None and memmap.mode != "c" and hasattr(memmap._mmap, "madvise"):
        memmap._mmap.madvise(mmap.MADV_DONTNEED)


def _memmaps(array: npt.NDArray[Any]) -> Iterator[Any]:
    """The memmaps of which `array` is a view; the last one maps the file."""
    base: Any = array
    while base is not None:
        if isinstance(base, np.memmap):
            yield base
        base = getattr(base, "base", None)


class FileRows:
    """The rows of an array (m, n) in a file, read without its mapping, because a page fault may load megabytes.

    Rows are read with `os.preadv` if the system has it and the file can be opened again; otherwise through the mapping,
    whose memory is released after RELEASE_BYTES, counting FAULT_BYTES for each row.
    """

    def __init__(self, rows: npt.NDArray[Any]) -> None:
        self.rows = rows
        self._read = 0
        self._start = 0
        self._file = _opened(rows)
        if self._file is not None:
            weakref.finalize(self, os.close, self._file)
            self._start = _offset(rows)

    def load(self, indices: npt.NDArray[Any], out: npt.NDArray[Any]) -> None:
        """Copy the rows `indices` into `out` (len(indices), n), of the same dtype."""
        first, last = int(indices[0]), int(indices[-1])
        together = last - first + 1 == indices.size and bool((np.diff(indices) == 1).all())
        if self._file is not None:
            self._read_file(self._file, indices, out, together=together)
        elif self.rows.flags.c_contiguous or together:
            self._read_mapping(indices, out, together=together)
        else:
            for feature in range(out.shape[1]):
                out[:, feature] = self.rows[indices, feature]
                self._note(min(indices.size * FAULT_BYTES, len(self.rows) * out.itemsize))

    def _read_file(self, file: int, indices: npt.NDArray[Any], out: npt.NDArray[Any], *, together: bool) -> None:
        size = out.shape[1] * out.itemsize
        if together:
            _fill(file, out, self._start + int(indices[0]) * size)
            return
        for row, index in enumerate(indices.tolist()):
            _fill(file, out[row], self._start + index * size)

    def _read_mapping(self, indices: npt.NDArray[Any], out: npt.NDArray[Any], *, together: bool) -> None:
        if together:
            out[...] = self.rows[int(indices[0]) : int(indices[-1]) + 1]
            self._note(out.nbytes + FAULT_BYTES)
            return
        for row, index in enumerate(indices):
            out[row] = self.rows[index]
            self._note(FAULT_BYTES)

    def _note(self, count: int) -> None:
        self._read += count
        if self._read > RELEASE_BYTES:
            self._read = 0
            release(self.rows)


def _base(rows: npt.NDArray[Any]) -> Any:
    """The memmap that maps the file, of which `rows` is a view."""
    return list(_memmaps(rows))[-1]


def _offset(rows: npt.NDArray[Any]) -> int:
    """Where `rows` start in their file, in bytes."""
    base = _base(rows)
    return int(base.offset + rows.ctypes.data - base.ctypes.data)


def _opened(rows: npt.NDArray[Any]) -> int | None:
    """A descriptor of the file behind `rows`; None if it can't be read instead of the mapping."""
    base = _base(rows)
    name = getattr(base, "filename", None)
    if not rows.flags.c_contiguous or base.mode == "c" or name is None or not hasattr(os, "preadv"):
        return None
    try:
        file = os.open(name, os.O_RDONLY)
    except OSError:
        return None
    for index in (0, len(rows) - 1):  # is it still the file that was mapped?
        row = os.pread(file, rows.strides[0], _offset(rows) + index * rows.strides[0])
        if row != rows[index].tobytes():
            os.close(file)
            return None
    return file


def _fill(file: int, out: npt.NDArray[Any], offset: int) -> None:
    """Read exactly as many bytes as `out` holds. Raises OSError where the file has become shorter."""
    rest = memoryview(out.data).cast("B")
    while rest:
        count = os.preadv(file, [rest], offset)
        if count == 0:
            raise OSError("the file with the training data has become shorter")
        rest, offset = rest[count:], offset + count
