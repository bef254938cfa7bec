"""What the screen takes from a training stays within its budget."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from deepnet_tui.screens import redraw_budget
from deepnet_tui.screens.redraw_budget import OWED, SAVED, SHARE, SLOWEST, RedrawBudget

FRAME = 1 / 11


class Clocks:
    """Of a program that gets a part of a processor: seconds, its processor seconds, and those of the screen."""

    def __init__(self) -> None:
        self.now = self.used = self.drawn = 0.0

    def budget(self) -> RedrawBudget:
        return RedrawBudget(lambda: self.used, lambda: self.drawn, lambda: self.now)


@given(
    costs=st.lists(st.floats(0.0005, 0.08), min_size=300, max_size=300),
    part=st.floats(0.3, 1.0),
)
@settings(max_examples=40)
def test_the_screen_takes_no_more_than_its_share(costs: list[float], part: float) -> None:
    clocks, late, last = Clocks(), 0, 0.0
    budget = clocks.budget()
    for cost in costs:
        clocks.now += FRAME
        clocks.used += FRAME * part
        if budget.allows_redraw():
            late += clocks.now - last >= SLOWEST
            assert clocks.now - last <= SLOWEST + 2 * FRAME
            last = clocks.now
            clocks.drawn += cost
            clocks.used += cost
    assert clocks.drawn <= SHARE * clocks.used + SAVED + max(costs) + late * max(costs)


def test_cheap_frames_are_all_drawn_and_a_costly_one_is_paid_back() -> None:
    clocks = Clocks()
    budget = clocks.budget()
    for _ in range(100):
        clocks.now, clocks.used, clocks.drawn = clocks.now + FRAME, clocks.used + FRAME, clocks.drawn + 0.004
        assert budget.allows_redraw()
    clocks.drawn += 10.0  # a key had something drawn that took long: the screen does not stand still for ever
    refused = 0
    while not budget.allows_redraw():
        clocks.now, clocks.used, refused = clocks.now + FRAME, clocks.used + FRAME, refused + 1
    assert 0 < refused * FRAME <= min(SLOWEST, OWED / SHARE) + FRAME


def test_jobs_of_the_views_count() -> None:
    from threading import Event

    from deepnet_tui.common.background import LatestJob, spent_in_jobs

    before, done = spent_in_jobs(), Event()
    LatestJob[int]("work", lambda call: done.set()).start(lambda _: sum(range(300_000)), lambda _: None)
    assert done.wait(20)
    assert spent_in_jobs() > before
    assert redraw_budget.RedrawBudget().allows_redraw()
