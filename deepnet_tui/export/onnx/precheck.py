"""Checks an ONNX file before it is parsed: millions of empty fields would take a hundred times its size in memory."""

from __future__ import annotations

import mmap
from pathlib import Path

from deepnet_tui.common.errors import InputError

MAX_FIELDS = 200_000
MAX_OTHER_BYTES = 16_000_000  # bytes beside the numbers of the parameters and the texts of the model itself
GRAPH, INITIALIZER, RAW_DATA = 7, 5, 9  # numbers of fields in onnx.proto
BYTES = 2


def refuse_oversized(path: Path) -> None:
    """Raise InputError for a file with more parts than a network has, ValueError for one that is not whole."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        _Fields(data).count((), 0, len(data))


class _Fields:
    """Counts the protobuf fields of the file, of its graph and of the parameters in it."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self.fields = self.other_bytes = 0

    def count(self, place: tuple[int, ...], at: int, end: int) -> None:
        """Count the fields between `at` and `end`, which are inside the field at `place`."""
        while at < end:
            key, at = self._varint(at)
            length = {1: 8, 5: 4}.get(key & 7, 0)
            if key & 7 in (0, BYTES):
                value, at = self._varint(at)
                length = value if key & 7 == BYTES else 0
            elif not length:
                raise ValueError("a part of it is of no known type")
            if at + length > end:
                raise ValueError("a part of it breaks off")
            inner = (*place, key >> 3)
            self.fields += 1
            if place and inner not in ((GRAPH, INITIALIZER), (GRAPH, INITIALIZER, RAW_DATA)):
                self.other_bytes += length
            if self.fields > MAX_FIELDS or self.other_bytes > MAX_OTHER_BYTES:
                raise InputError("it has far more parts than the graph of a network")
            if inner in ((GRAPH,), (GRAPH, INITIALIZER)) and key & 7 == BYTES:
                self.count(inner, at, at + length)
            at += length

    def _varint(self, at: int) -> tuple[int, int]:
        """A number of variable length, and where it ends."""
        value = 0
        for shift in range(0, 70, 7):
            byte = self.data[at] if at < len(self.data) else 128
            value |= (byte & 127) << shift
            at += 1
            if byte < 128:
                return value, at
        raise ValueError("a number in it breaks off")
