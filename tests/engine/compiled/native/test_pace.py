"""When threads share an iteration."""

from __future__ import annotations

from engine.compiled.native.pace import AGAIN, TRIAL, Pace

PIECE = 0.1  # seconds


def run(pace: Pace, seconds: float, alone: float, shared: float) -> float:
    """Run for so many seconds, where iterations take so long; returns the part of the time that was shared."""
    passed = together = 0.0
    while passed < seconds:
        each = shared if pace.shared else alone
        n = min(pace.limit, max(1, int(PIECE / each)))
        passed += n * each
        together += n * each if pace.shared else 0
        pace.record(n, n * each)
    return together / passed


def test_what_is_faster_is_done_nearly_always() -> None:
    assert run(Pace(), 20, alone=0.001, shared=0.0006) > 0.97
    assert run(Pace(), 20, alone=0.001, shared=0.003) < 0.03


def test_it_follows_the_load() -> None:
    pace = Pace()
    run(pace, 10, alone=0.001, shared=0.0006)
    run(pace, 2 * AGAIN, alone=0.001, shared=0.004)
    assert run(pace, 10, alone=0.001, shared=0.004) < 0.05
    run(pace, 2 * AGAIN, alone=0.001, shared=0.0006)
    assert run(pace, 10, alone=0.001, shared=0.0006) > 0.97


def test_a_trial_is_short_and_its_first_pieces_are_small() -> None:
    pace = Pace()
    assert (pace.shared, pace.limit) == (False, 1)
    pace.record(1, 0.001)
    assert (pace.shared, pace.limit) == (True, int(TRIAL / 0.001))
    pace.record(pace.limit, 0.005)
    assert pace.limit > 10**6, "now both are known"
