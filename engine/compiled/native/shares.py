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
from engine.compiled.layout import ALIGNMENT, aligned
from engine.compiled.native.codes import CrewEntry, LayerColumn, Meeting

MOST_THREADS = 8
TOGETHER = 4  # threads at most that share an iteration, as they wait for each other after each layer
UNITS = 16  # of a layer that stay together: as many as a product or a gathering takes at once
Crew = tuple[Array, Array, Array]


@dataclass(frozen=True)
class Share:
    """What one thread does: the networks from the first to before the last, and of these some units of each layer.

    `layers` is its table of layers, `pieces` (P, 2) are its parts of the flat vectors, from the first to before the
    last element, `work` is its memory.
    """

    members: tuple[int, int]
    layers: Array
    pieces: Array
    work: Array


def all_in_one(members: tuple[int, int], layers: Array, size: int, work: Array) -> Share:
    """Whole networks, whose flat vectors have so many elements."""
    return Share(members, layers, np.array([[0, size]]), work)


def by_network(members: int, layers: Array, size: int, memories: Sequence[Array]) -> list[Share]:
    """Some networks for each of the memories."""
    cuts = [number * members // len(memories) for number in range(len(memories) + 1)]
    return [all_in_one(pair, layers, size, work) for pair, work in zip(pairwise(cuts), memories, strict=True)]


def by_unit(count: int, layers: Array, size: int, work: Array) -> list[Share]:
    """Some units of each layer for each of `count` threads, which share one memory; every sum is as in one thread."""
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
        shares.append(Share((0, 1), table, np.ascontiguousarray(pieces), work))
    return shares


def crews(shares: Sequence[Share], run: Array) -> list[Crew]:
    """What each of the threads of these shares gets to know of the others; the first adds its iterations to `run`.

    It is new for each piece of a run, as a thread of one that was interrupted may still look at its own.
    """
    meeting = aligned(ALIGNMENT // 8, np.int64)  # a line of the cache of its own
    together = len(shares) > 1 and shares[0].members == shares[1].members
    found = []
    for number in range(len(shares)):
        own = np.zeros(len(CrewEntry), np.int64)
        own[CrewEntry.NUMBER], own[CrewEntry.COUNT] = (number, len(shares)) if together else (0, 1)
        own[CrewEntry.STARTERS], own[CrewEntry.YIELD] = len(shares), yield_address()
        found.append((own, meeting, np.zeros(1, np.int64) if number else run))
    return found


def abandon(crew: Crew) -> None:
    """Let threads that wait for one that will not come do nothing; those that have begun go on."""
    crew[1][Meeting.ABANDONED] = 1


@cache
def processors() -> int:
    """How many processors this process may use, no more than OMP_NUM_THREADS; 1 where threads could not wait."""
    if not yield_address():
        return 1
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    allowed = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(count, int(allowed))) if allowed.isdecimal() else count


@cache
def yield_address() -> int:
    """The address of the function of the system by which a thread lets others have its processor, 0 without one."""
    try:
        if sys.platform == "win32":
            function = ctypes.WinDLL("kernel32").SwitchToThread
        else:
            function = ctypes.CDLL(None).sched_yield
    except (OSError, AttributeError):
        return 0
    return ctypes.cast(function, ctypes.c_void_p).value or 0
