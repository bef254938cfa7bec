"""Snapshots are bounded, and thin out evenly."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.training.snapshots import Snapshot, Snapshots
from engine.compiled.next_update import NextUpdate


def snapshot(iteration: int, size: int = 1) -> Snapshot:
    return Snapshot(iteration, 1.0, None, {"W1": np.zeros((size, 1))})


@given(st.integers(1, 3000), st.integers(2, 40))
def test_snapshots_are_bounded_and_even(reports: int, most: int) -> None:
    snapshots = Snapshots(most=most)
    for number in range(reports):
        if snapshots.wants(number):
            snapshots.add(snapshot(100 * number))
    kept = [item.iteration for item in snapshots.items]
    assert len(kept) <= most
    assert kept[0] == 0
    assert set(np.diff(kept)) <= {100 * snapshots.stride}
    assert kept[-1] > 100 * (reports - 1 - snapshots.stride)


def test_large_networks_keep_fewer_snapshots() -> None:
    snapshots = Snapshots(most_bytes=80_000)
    for number in range(50):
        if snapshots.wants(number):
            snapshots.add(snapshot(number, 1000))
    assert sum(item.bytes for item in snapshots.items) <= 80_000


def test_optimizer_memory_is_dropped_before_snapshots() -> None:
    def with_memory(size: int) -> Snapshot:
        values = {"W1": np.zeros((size, 1))}
        return Snapshot(1, 0.5, None, values, {}, NextUpdate(0.1, 2, 10.0, {"V": values}))

    kept = Snapshots(most=4, most_bytes=4 * 1600)
    kept.add(with_memory(100))
    kept.add(with_memory(101))
    assert [bool(item.next_update and item.next_update.memory) for item in kept.items] == [True, False]
    assert all(item.next_update is not None and item.next_update.learning_rate == 0.1 for item in kept.items)
