"""The axis of the cost and its labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from deepnet_tui.drawing import numbers
from deepnet_tui.drawing.theme import ANSI, ChartColors
from deepnet_tui.training.history import History
from deepnet_tui.widgets.base.chart import Drawing, Line, Plot, extent, labels, lines, points, with_cursor
from engine.training.events import Progress


def test_a_cost_that_hardly_moves_is_drawn_flat() -> None:
    low, high = extent(0.6931471805, 0.693147183, log=False)
    assert high - low > 0.01
    assert all(len(text) <= 5 for text in labels(numbers.ticks(low, high, 4)))
    assert extent(0.6874, 0.6931, log=False) == (0.6874, 0.6931), "the tutorial's run keeps its curve"
    assert extent(0.1, 0.7, log=False) == (0.0, 0.7)
    assert extent(0.0, 0.0, log=False) == (-1e-6, 1e-6)
    low, high = extent(-0.15917, -0.15916, log=True)
    assert high - low > 0.01


def test_labels_tell_values_apart() -> None:
    assert labels([0.69310, 0.69312, 0.69314]) == ["0.6931", "0.69312", "0.69314"]
    assert labels([0.0, 0.5, 1.0]) == ["0", "0.5", "1"]


def test_without_colour_the_lines_differ_in_their_marks() -> None:
    history = History()
    for number in range(3):
        history.append(Progress(number, 0.5, 0.6, lowest=0.4, highest=0.7, internal_cost=0.55))
    curves = history.curves()
    drawn = lines(Drawing(curves), ChartColors(**ANSI), plain=True)
    assert {line.values[0]: line.marker for line in drawn} == {0.5: "braille", 0.6: "•", 0.4: "·", 0.7: "·", 0.55: "+"}
    assert drawn[-1].values[0] == 0.5, "the mean lies on top"
    colored = lines(Drawing(curves), ChartColors(**ANSI), plain=False)
    assert len({line.color for line in colored}) == 4


@given(st.integers(0, 40), st.integers(1, 40), st.booleans())
def test_a_window_shows_the_line_up_to_its_edges(first: int, width: int, log: bool) -> None:
    x = np.arange(1.0, 100.0, 7.0)
    line = Line(x, 3 * x + 1, 1, "braille")
    start, end = float(first + 1), float(first + 1 + width)
    at, y = points(line, Plot([line], start, end, log_x=log), 1000)
    assert at[0] == pytest.approx(np.log10(start) if log else start)
    assert at[-1] == pytest.approx(np.log10(end) if log else end)
    assert (np.diff(at) > 0).all()
    if not log:
        np.testing.assert_allclose(y, 3 * at + 1)
    inside = x[(x >= start) & (x <= end)]
    assert np.isin(3 * inside + 1, y).all(), "every report in it is there"


def test_the_cursor_stands_where_plotext_draws_a_line() -> None:
    import plotext

    line = Line(np.arange(2001.0), np.linspace(2.0, 1.5, 2001), 7, "braille")
    for cursor in (0, 1, 333.3, 1000, 1999, 2000):
        texts = []
        for own in (False, True):
            plotext.clear_figure()
            plotext.theme("clear")
            plotext.plotsize(60, 10)
            plotext.xaxes(True, False)
            plotext.yaxes(True, False)
            plotext.plot(line.x.tolist(), line.values.tolist(), marker="braille")
            plotext.xlim(0, 2000)
            plotext.xticks([1500], ["1,500"])
            if not own:
                plotext.vertical_line(cursor)
            text = Text.from_ansi(plotext.build())
            drawn = with_cursor(text, Plot([line], 0, 2000), cursor if own else None, ChartColors(**ANSI))
            texts.append([row.rstrip() for row in drawn.plain.splitlines()])
        assert texts[0][:9] == texts[1][:9], cursor
