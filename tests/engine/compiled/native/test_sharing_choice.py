"""When threads share an iteration."""

from __future__ import annotations

import pytest

from engine.compiled.native.sharing_choice import AGAIN, LONGEST, TRIAL, SharingChoice

PIECE = 0.1  # seconds


def run(choice: SharingChoice, seconds: float, alone: float, shared: float) -> float:
    """Run for so many seconds, where iterations take so long; returns the part of the time that was shared."""
    passed = together = 0.0
    while passed < seconds:
        each = shared if choice.shared else alone
        n = min(choice.limit, max(1, int(PIECE / each)))
        passed += n * each
        together += n * each if choice.shared else 0
        choice.record(n, n * each)
    return together / passed


def test_what_is_faster_is_done_nearly_always() -> None:
    assert run(SharingChoice(), 20, alone=0.001, shared=0.0006) > 0.97
    assert run(SharingChoice(), 20, alone=0.001, shared=0.003) < 0.03


@pytest.mark.parametrize("slower", [0.03, 0.3, 3.0])
def test_trials_are_rare_where_an_iteration_takes_long(slower: float) -> None:
    assert run(SharingChoice(), 1000, alone=slower, shared=slower / 2) > 0.85
    assert run(SharingChoice(), 1000, alone=slower / 3, shared=slower) < 0.1


def test_it_follows_the_load() -> None:
    choice = SharingChoice()
    run(choice, 10, alone=0.001, shared=0.0006)
    run(choice, 2 * AGAIN, alone=0.001, shared=0.004)
    assert run(choice, 10, alone=0.001, shared=0.004) < 0.05
    run(choice, 2 * AGAIN, alone=0.001, shared=0.0006)
    assert run(choice, 10, alone=0.001, shared=0.0006) > 0.97


def test_one_slow_piece_changes_nothing_and_two_do() -> None:
    choice = SharingChoice()
    choice.record(1, 0.001)
    choice.record(10, 0.006)
    choice.record(10, 0.006)
    choice.record(10, 0.02)
    assert choice.shared
    choice.record(10, 0.02)
    assert not choice.shared


def test_a_trial_is_short_and_its_first_pieces_are_small() -> None:
    choice = SharingChoice()
    assert (choice.shared, choice.limit) == (False, 1)
    choice.record(1, 0.001)
    assert (choice.shared, choice.limit) == (True, int(TRIAL / 0.001))
    choice.record(choice.limit, 0.005)
    assert (choice.shared, choice.limit) == (True, int(LONGEST / 0.0005))
