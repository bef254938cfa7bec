"""A coarse check: training must stay clearly faster than the tutorial's functions. Real figures: `benchmarks`."""

from __future__ import annotations

import time

import pytest

from engine import LayerSpec, NetworkSpec, Trainer, tutorial
from tests.engine.strategies import make_data, spec

ROUNDS = 7


@pytest.mark.speed
def test_training_is_twice_as_fast_as_the_tutorial() -> None:
    network = NetworkSpec(3, (LayerSpec(4), LayerSpec(5), LayerSpec(2)), initializer="he")
    X, Y = make_data(network, 150, 0)
    trainer = Trainer(network, spec(learning_rate=0.0075, iterations=10**9), X, Y)
    parameters = trainer.parameters

    def by_the_tutorial(n: int) -> None:
        nonlocal parameters
        for _ in range(n):
            AL, caches = tutorial.L_model_forward(X, parameters)
            tutorial.compute_cost(AL, Y)
            parameters = tutorial.update_parameters(parameters, tutorial.L_model_backward(AL, Y, caches), 0.0075)

    best: dict[str, float] = {}
    for name, step in (("program", trainer.advance), ("tutorial", by_the_tutorial)) * ROUNDS:
        started = time.perf_counter()
        step(300)
        best[name] = min(best.get(name, float("inf")), time.perf_counter() - started)
    assert best["tutorial"] > 2 * best["program"]
