"""The budget of bytes over a slow line."""

from __future__ import annotations

import pytest

from deepnet_tui.terminal.byte_budget import ANSWERED, MOST_BEHIND, SLOW, START, ByteBudget, bytes_per_second

SSH = {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_slow_is_for_ssh_and_whoever_asks_for_it() -> None:
    assert bytes_per_second("auto", {}) is None
    assert bytes_per_second("auto", SSH) == SLOW
    assert bytes_per_second("full", SSH) is None
    assert bytes_per_second("slow", {}) == SLOW
    assert ByteBudget().ready


@pytest.mark.parametrize("frame", [200, 3000, 40_000])
def test_frames_that_nobody_asked_for_stay_within_the_budget(frame: int) -> None:
    clock = Clock()
    pace = ByteBudget(SLOW, clock)
    clock.now += START + 60
    start, sent = clock.now, 0
    while clock.now < start + 600:
        clock.now += 1 / 11
        if pace.ready:
            pace.spend(frame)
            sent += frame
    assert sent / 600 <= 1.02 * SLOW + frame / 600
    assert sent / 600 >= 0.5 * SLOW or frame == 200  # 11 small frames a second are less than it


def test_a_key_holds_up_little() -> None:
    clock = Clock()
    pace = ByteBudget(SLOW, clock)
    clock.now += 60
    pace.asked()
    pace.spend(100_000)
    clock.now += 1.1
    assert pace.ready
    clock.now += ANSWERED
    pace.spend(100_000)
    clock.now += MOST_BEHIND - 1
    assert not pace.ready
    clock.now += 1.1
    assert pace.ready
    assert pace.written == 200_000
