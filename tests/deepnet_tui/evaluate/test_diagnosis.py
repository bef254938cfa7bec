"""What the doctor is shown of a run."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.evaluate.diagnosis import MOST_EXAMINED, evenly, with_best
from deepnet_tui.training.snapshots import Snapshot


def snapshots(costs: list[float | None]) -> list[Snapshot]:
    return [Snapshot(10 * number, 0.5, cost, {}) for number, cost in enumerate(costs)]


@given(st.lists(st.none() | st.floats(0, 9) | st.just(float("nan")), min_size=1, max_size=200))
def test_the_best_moment_is_always_among_the_looks(costs: list[float | None]) -> None:
    items = snapshots(costs)
    looks = with_best(evenly(items, MOST_EXAMINED), items)
    assert len(looks) <= MOST_EXAMINED + 1
    assert [look.iteration for look in looks] == sorted({look.iteration for look in looks})
    assert looks[-1] is items[-1]
    known = [cost for cost in costs if cost is not None and cost == cost]
    if known:
        assert min(known) in [look.validation_cost for look in looks]
