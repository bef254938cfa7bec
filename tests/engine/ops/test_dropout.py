"""Dropout: masks are what comparing uniform numbers of the generator gives, however they are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import LayerSpec, NetworkSpec, Trainer
from engine.ops import dropout
from engine.ops.dropout import record_mask
from engine.ops.program import Program
from tests.engine.strategies import make_data, spec


def masks(D: Any, seeds: list[int], keep: float, rounds: int) -> list[Any]:
    program = Program(D.dtype, D.size)
    generators = [np.random.default_rng(seed) for seed in seeds]
    record_mask(program, generators, np.array(keep, D.dtype), D, all_even=len(D) % 2 == 0)
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
    many=st.sampled_from((1, dropout.MANY)),
    seed=st.integers(0, 2**32),
)
def test_a_mask_is_uniform_draws_below_the_share_kept(
    units: int, m: int, members: int, dtype: Any, keep: float, many: int, seed: int
) -> None:
    seeds = [seed + k for k in range(members)]
    D = np.empty((units, m) if members == 1 else (units, members, m), dtype)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dropout, "MANY", many)
        found = masks(D, seeds, keep, 3)
    for k in range(members):
        generator, share = np.random.default_rng(seeds[k]), dtype(keep)
        for mask in found:
            expected = (generator.random((units, m), dtype) < share) / share
            np.testing.assert_array_equal(mask if members == 1 else mask[:, k], expected.astype(dtype))


@given(
    units=st.lists(st.integers(1, 6), min_size=1, max_size=3),
    batch_size=st.integers(1, 9),
    dtype=st.sampled_from(("float32", "float64")),
    seed=st.integers(0, 99),
)
def test_the_layers_of_a_network_draw_one_after_the_other(
    units: list[int], batch_size: int, dtype: str, seed: int
) -> None:
    net = NetworkSpec(2, tuple(LayerSpec(count, "tanh", 0.3) for count in units), initializer="he")
    X, Y = make_data(net, 12, 3)
    generator, keep = np.random.default_rng([seed, 1]), np.dtype(dtype).type(0.7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dropout, "MANY", 1)
        trainer = Trainer(net, spec(batch_size=batch_size, dtype=dtype, seed=seed), X, Y)
    for _ in range(12 // batch_size):  # without the short last batch
        trainer.advance(1)
        program = trainer._loop.batching.programs[batch_size]  # type: ignore[attr-defined]
        for layer, count in enumerate(units, start=1):
            expected = (generator.random((count, batch_size), np.dtype(dtype)) < keep) / keep
            np.testing.assert_array_equal(program._dropout_mask(layer), expected.astype(dtype))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_expected_activation_stays_the_same(dtype: Any) -> None:
    (mask,) = masks(np.empty((100, 2000), dtype), [0], 0.85, 1)
    assert set(np.unique(mask)) == {dtype(0), dtype(1) / dtype(0.85)}
    assert mask.mean() == pytest.approx(1, abs=0.01)
