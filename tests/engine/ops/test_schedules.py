"""Schedules give the right learning rates, and the updates use them."""

from __future__ import annotations

import math

import pytest

from engine import SCHEDULES, network
from tests.engine.runs import assert_same, make, run
from tests.engine.strategies import make_data, spec


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", [0.1, 0.1, 0.1]),
        ("step", [0.1, 0.1, 0.05]),
        ("exponential", [0.1, 0.1 * 0.5**0.5, 0.05]),
        (
            "coslog4",
            [0, 0.05 * (1 - math.cos(math.tau * math.log2(3.5))), 0.05 * (1 - math.cos(math.tau * math.log2(6)))],
        ),
        ("cosine", [0.1, 0.1 * (1 + math.cos(math.pi / 6)) / 2, 0.1 * (1 + math.cos(math.pi / 3)) / 2]),
    ],
)
def test_schedules(schedule: str, expected: list[float]) -> None:
    trainer = make(schedule=schedule, decay=0.5, decay_every=20)
    rates = []
    for _ in range(3):
        rates.append(trainer.learning_rate)
        trainer.advance(10)
    assert rates == pytest.approx(expected)


def test_coslog4_falls_to_zero_five_times() -> None:
    """Four cycles, each twice as long as the one before: at 0, 1, 3, 7 and 15 fifteenths of the iterations."""
    factors = [SCHEDULES["coslog4"].factor(spec(iterations=15_000), t) for t in range(0, 15_001, 500)]
    zeros = [t / 2 for t, factor in enumerate(factors) if factor < 1e-12]
    assert zeros == [0, 1, 3, 7, 15]
    assert max(factors) == pytest.approx(1, abs=0.01)


def test_a_schedule_is_what_the_updates_use() -> None:
    trainer = make(schedule="step", decay=0.5, decay_every=2, warmup=3)
    X, Y = make_data(trainer.network, 40, 1)
    parameters = trainer.parameters
    for rate in (0.1 / 3, 0.1 * 2 / 3, 0.05, 0.05, 0.025):
        grads = network.backward(trainer.network, parameters, X, Y)
        parameters = {name: value - rate * grads[f"d{name}"] for name, value in parameters.items()}
    trainer.advance(5)
    assert_same(parameters, trainer.parameters)


def test_plateau_lowers_the_rate_when_the_cost_stalls() -> None:
    trainer = make(schedule="plateau", learning_rate=1e-12, decay=0.5, decay_every=20, iterations=60)
    trainer.change(learning_rate=1e-300)
    list(trainer.run())
    assert trainer.learning_rate < 1e-300


def test_every_schedule_trains() -> None:
    for schedule in SCHEDULES:
        events, _ = run(make(schedule=schedule))
        assert events[-1].cost < events[0].cost
