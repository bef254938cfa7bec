"""A look at an ONNX file before it is parsed: millions of empty parts take a hundred times the size of the file."""

from __future__ import annotations

import mmap
from pathlib import Path

from deepnet_tui.common.errors import InputError

PARTS = 500_000
BESIDE = 16_000_000  # bytes beside the numbers of the parameters and the texts of the model itself
GRAPH, INITIALIZER, RAW_DATA = 7, 5, 9  # numbers of fields in onnx.proto
BYTES = 2


def look_at(path: Path) -> None:
    """Raise InputError for a file with more parts than a network has, ValueError for one that is not whole."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        _Parts(data).count((), 0, len(data))


class _Parts:
    """The parts of the file, of its graph and of the parameters in it."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self.parts = self.beside = 0

    def count(self, place: tuple[int, ...], at: int, end: int) -> None:
        """Count what stands from `at` to `end` in the part at `place`."""
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
            self.parts += 1
            if place and inner not in ((GRAPH, INITIALIZER), (GRAPH, INITIALIZER, RAW_DATA)):
                self.beside += length
            if self.parts > PARTS or self.beside > BESIDE:
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
