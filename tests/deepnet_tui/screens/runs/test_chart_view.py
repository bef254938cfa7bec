"""Axes, zoom, pan and cursor of the overlaid curves."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.runs.follow import RunCurve
from deepnet_tui.screens.runs.chart_view import SMOOTHING, ChartView


def curve(*iterations: float) -> RunCurve:
    at = np.array(iterations, float)
    return RunCurve(at, at / 4, at / 100, 1 / (1 + at), np.where(at > 10, 0.5, np.nan))


CURVES = [curve(0, 10, 20, 30), curve(0, 15, 400)]
ACTIONS = st.lists(
    st.sampled_from(["in", "out", "right", "left", "pan", "back", "axis", "log", "cost"]), max_size=30
)  # fmt: skip


@given(actions=ACTIONS, log=st.booleans())
def test_whatever_is_pressed_a_part_of_the_axis_is_seen(actions: list[str], log: bool) -> None:
    view = ChartView(log_x=log)
    for action in actions:
        match action:
            case "in" | "out":
                view = view.zoomed(CURVES, 0.5 if action == "in" else 2)
            case "right" | "left":
                view = view.moved(CURVES, 1 if action == "right" else -1, 40)
            case "pan" | "back":
                view = view.panned(CURVES, 0.25 if action == "pan" else -0.25)
            case "axis":
                view = view.next_axis()
            case "log":
                view = view.toggled_log_x()
            case "cost":
                view = view.next_cost()
        start, end = view.seen(CURVES)
        first, last = view.whole(CURVES)
        assert first <= start < end <= last
        assert np.isfinite([start, end]).all()
        if view.cursor is not None:
            assert any((view.x_of(each) == view.cursor).any() for each in CURVES), "it stands on a report"
            for each in CURVES:
                reading = view.reading(each)
                assert reading is None or reading.value in view.values_of(each)


def test_zooming_keeps_the_cursor_where_it_is() -> None:
    view = ChartView()
    assert view.seen(CURVES) == (0, 400)
    for _ in range(3):
        view = view.moved(CURVES, 1, 400)
    assert view.cursor == 15
    closer = view.zoomed(CURVES, 0.5)
    start, end = closer.seen(CURVES)
    assert (end - start, (15 - start) / (end - start)) == (200, 15 / 400)
    assert closer.zoomed(CURVES, 2).window is None, "the whole axis again"
    assert closer.panned(CURVES, 99).seen(CURVES) == (200, 400)


def test_the_cursor_reads_exact_values_or_the_nearest() -> None:
    view = ChartView().moved(CURVES, 1, 20).moved(CURVES, 1, 20)
    assert view.cursor == 20
    exact, near = (view.reading(each) for each in CURVES)
    assert exact is not None
    assert near is not None
    assert (exact.x, exact.value) == (20, 1 / 21)
    assert (near.x, near.value) == (15, 1 / 16)
    assert ChartView().reading(CURVES[1]) == ChartView(cursor=400).reading(CURVES[1]), "without a cursor the last"
    assert ChartView(cost="validation_cost").reading(curve(0, 1)) is None
    assert ChartView().moved(CURVES, -1, 20).cursor == 400, "it comes from the end that the key points away from"


def test_axes_take_turns() -> None:
    view = ChartView()
    ends = []
    for _ in range(3):
        ends.append(view.seen(CURVES)[1])
        view = view.next_axis()
    assert ends == [400, 100, 4]
    assert view == ChartView()
    for weight in (*SMOOTHING[1:], 0.0):
        view = view.next_smoothing()
        assert view.smoothing == weight
    assert ChartView(log_x=True).seen(CURVES) == (10, 400), "0 is not on a logarithmic axis"
    assert ChartView(log_x=True).seen([curve(0)])[0] > 0
    assert ChartView().seen([]) == (0, 1)
