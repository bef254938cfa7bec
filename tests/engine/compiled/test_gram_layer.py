"""The Gram-matrix first layer trains exactly like the direct one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import LayerSpec, NetworkSpec, Trainer
from engine.compiled import gram_layer
from tests.engine.runs import assert_same, reference
from tests.engine.strategies import make_data, spec


def wide_net(**more: Any) -> NetworkSpec:
    return NetworkSpec(300, (LayerSpec(6, "relu"), LayerSpec(3, "tanh")), 1, "binary", "lecun", **more)


@pytest.mark.parametrize("optimizer", ["gd", "momentum", "nesterov"])
@pytest.mark.parametrize("l2", [0.0, 5.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_gram_layer_trains_like_the_direct_one(
    optimizer: str, l2: float, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, Y = make_data(wide_net(), 40, 2)
    weight = np.random.default_rng(0).uniform(0.5, 2, 40) if weighted else None
    training = spec(optimizer=optimizer, l2=l2, learning_rate=0.02)
    fast = Trainer(wide_net(), training, X, Y, sample_weight=weight)
    monkeypatch.setattr("engine.compiled.gram_layer.GAIN", 1e9)
    direct = Trainer(wide_net(), training, X, Y, sample_weight=weight)
    assert fast._loop.flat.gram is not None
    assert direct._loop.flat.gram is None
    for _ in range(5):
        assert fast.cost() == pytest.approx(direct.cost(), rel=1e-11)
        assert_same(fast.parameters, direct.parameters, 1e-11)
        fast.advance(60)
        direct.advance(60)
    np.testing.assert_allclose(fast.predict(X), direct.predict(X), atol=1e-11)


@pytest.mark.parametrize(
    ("dims", "m", "iterations", "saves_work"),
    [
        ((12288, 20, 7, 5, 1), 209, 2500, True),
        ((12288, 20, 7, 5, 1), 209, 3, False),
        ((6000, 1), 3000, 30, False),
        ((6000, 1), 3000, 100_000, True),
        ((300, 6, 1), 200, 10**6, False),
    ],
)
def test_the_gram_layer_is_used_if_it_saves_work(
    dims: tuple[int, ...], m: int, iterations: int, saves_work: bool
) -> None:
    net = NetworkSpec(dims[0], tuple(LayerSpec(units) for units in dims[1:-1]))
    assert gram_layer.saves_work(net, spec(iterations=iterations), m) == saves_work
    assert not gram_layer.saves_work(net, spec(iterations=iterations, epochs=1), m)


def test_the_gram_layer_follows_changes_and_new_parameters() -> None:
    X, Y = make_data(wide_net(), 40, 2)
    trainer = Trainer(wide_net(), spec(l2=1.0, learning_rate=0.02), X, Y)
    trainer.advance(10)
    expected = reference(trainer, X, Y, 10, 0.05, l2=9.0)
    trainer.change(learning_rate=0.05, l2=9.0)
    trainer.advance(10)
    assert_same(expected, trainer.parameters, 1e-11)
    trainer.assign(expected)
    expected = reference(trainer, X, Y, 3, 0.05, l2=9.0)
    trainer.advance(3)
    assert_same(expected, trainer.parameters, 1e-11)


@pytest.mark.parametrize("more", [{"optimizer": "adam"}, {"batch_size": 10}, {"l1": 0.1}, {"clip_norm": 1.0}])
def test_the_gram_layer_is_not_used_if_it_would_be_wrong(more: dict[str, Any]) -> None:
    assert Trainer(wide_net(), spec(**more), *make_data(wide_net(), 40, 2))._loop.flat.gram is None
