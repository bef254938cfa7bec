"""How the threads of a run share its iterations: some of its networks each, or some units of each layer."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from engine.arrays import Array
from engine.compiled.layout import aligned
from engine.compiled.native.codes import CrewEntry, LayerColumn

MOST_THREADS = 8
TOGETHER = 4  # threads at most that share an iteration, as they wait for each other after each layer
UNITS = 16  # of a layer that stay together: as many as a product or a gathering takes at once
LINE = 64  # bytes of the cache that threads see together


@dataclass(frozen=True)
class Share:
    """What one thread does: the networks from the first to before the last, and of these some units of each layer.

    `layers` is its table of layers, `pieces` (P, 2) are its parts of the flat vectors, from the first to before the
    last element; `crew` is what it knows of itself and of the others (engine.compiled.native.kernel.meeting), and
    `work` its memory.
    """

    members: tuple[int, int]
    layers: Array
    pieces: Array
    crew: tuple[Array, Array]
    work: Array


def all_in_one(members: tuple[int, int], layers: Array, size: int, work: Array) -> Share:
    """Whole networks, whose flat vectors have so many elements."""
    crew = np.array([0, 1, 0, 0]), np.zeros(1, np.int64)
    return Share(members, layers, np.array([[0, size]]), crew, work)


def by_network(members: int, layers: Array, size: int, memories: Sequence[Array]) -> list[Share]:
    """Some networks for each of the memories."""
    cuts = [number * members // len(memories) for number in range(len(memories) + 1)]
    return [all_in_one(pair, layers, size, work) for pair, work in zip(pairwise(cuts), memories, strict=True)]


def by_unit(count: int, layers: Array, size: int, work: Array) -> list[Share]:
    """Some units of each layer for each of `count` threads, which share one memory; every sum is as in one thread."""
    arrivals = aligned(LINE // 8, np.dtype(np.int64))
    shares = []
    for number in range(count):
        table = layers.copy()
        for row in table:
            blocks = -(-int(row[LayerColumn.UNITS]) // UNITS)
            first, after = (UNITS * (blocks * each // count) for each in (number, number + 1))
            row[LayerColumn.FIRST] = first
            row[LayerColumn.AFTER] = min(after, row[LayerColumn.UNITS])
        columns = table[:-1, LayerColumn.UNITS] + 1
        own = table[1:, [LayerColumn.FIRST, LayerColumn.AFTER]]
        pieces = table[1:, LayerColumn.BLOCK, None] + columns[:, None] * own
        if number == 0:
            last = int(layers[-1, LayerColumn.BLOCK] + layers[-1, LayerColumn.UNITS] * columns[-1])
            pieces = np.vstack([pieces, [[last, size]]])
        place = np.array([number, count, 0, yield_address()])
        shares.append(Share((0, 1), table, np.ascontiguousarray(pieces), (place, arrivals), work))
    return shares


def begin(shares: Sequence[Share]) -> None:
    """Nobody has met anybody yet."""
    for share in shares:
        share.crew[0][CrewEntry.MEETINGS] = share.crew[1][0] = 0


@cache
def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def yield_address() -> int:
    """The address of the function of the system by which a thread lets others have its processor."""
    if sys.platform == "win32":
        function = ctypes.WinDLL("kernel32").SwitchToThread
    else:
        function = ctypes.CDLL(None).sched_yield
    return ctypes.cast(function, ctypes.c_void_p).value or 0
