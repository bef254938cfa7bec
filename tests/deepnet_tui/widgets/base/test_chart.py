"""The axis of the cost and its labels."""

from __future__ import annotations

from deepnet_tui.drawing import numbers
from deepnet_tui.drawing.theme import ANSI, ChartColors
from deepnet_tui.training.history import History
from deepnet_tui.widgets.base.chart import Drawing, extent, labels, lines
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
    beside = lines(Drawing(curves, other=curves), ChartColors(**ANSI), plain=False)
    assert [line.values[0] for line in beside] == [0.5, 0.5]
