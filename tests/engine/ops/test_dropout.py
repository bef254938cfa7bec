"""Dropout: masks are what comparing uniform numbers of the generator gives, however they are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ops.dropout import record_mask
from engine.ops.program import Program


def masks(D: Any, seeds: list[int], keep: float, rounds: int) -> list[Any]:
    program = Program(D.dtype, D.size)
    record_mask(program, [np.random.default_rng(seed) for seed in seeds], np.array(keep, D.dtype), D)
    found = []
    for _ in range(rounds):
        program.run()
        found.append(D.copy())
    return found


@given(
    units=st.integers(1, 9),
    m=st.integers(1, 30),
    members=st.integers(1, 4),
    dtype=st.sampled_from((np.float32, np.float64)),
    keep=st.one_of(st.floats(0.01, 1, exclude_max=True), st.sampled_from((0.5, 0.25, 1 - 1e-9, 0.85))),
    seed=st.integers(0, 2**32),
)
def test_a_mask_is_uniform_draws_below_the_share_kept(
    units: int, m: int, members: int, dtype: Any, keep: float, seed: int
) -> None:
    seeds = [seed + k for k in range(members)]
    D = np.empty((units, m) if members == 1 else (units, members, m), dtype)
    found = masks(D, seeds, keep, 3)
    for k in range(members):
        generator, share = np.random.default_rng(seeds[k]), dtype(keep)
        for mask in found:
            expected = (generator.random((units, m), dtype) < share) / share
            np.testing.assert_array_equal(mask if members == 1 else mask[:, k], expected.astype(dtype))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_expected_activation_stays_the_same(dtype: Any) -> None:
    (mask,) = masks(np.empty((100, 2000), dtype), [0], 0.85, 1)
    assert set(np.unique(mask)) == {dtype(0), dtype(1) / dtype(0.85)}
    assert mask.mean() == pytest.approx(1, abs=0.01)
