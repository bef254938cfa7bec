"""The title of the cost pane, in any width."""

from __future__ import annotations

import pytest
from textual.content import Content

from deepnet_tui.drawing.theme import ANSI, ChartColors
from deepnet_tui.widgets.panes.cost_legend import CostsShown, legend

COLORS = ChartColors(**ANSI)
ONE = CostsShown(0.5, 0.6, penalised=True)
EIGHT = CostsShown(0.5, 0.6, 0.25, 0.75, members=8)
EVERYTHING = CostsShown(0.5, 0.6, 0.25, 0.75, 0.55, members=64, penalised=True)


def text(costs: CostsShown, room: int, *, plain: bool = False, more: str = "") -> str:
    return legend(costs, COLORS, plain=plain, more=Content(more), room=room).plain


@pytest.mark.parametrize("room", [10, 60, 200])
def test_one_network_has_the_same_legend_in_any_width(room: int) -> None:
    assert text(ONE, room) == "Cost  ━ train with penalty 0.5000  ╍ validation 0.6000"


def test_all_is_written_where_there_is_room() -> None:
    assert text(EIGHT, 100) == "Cost  ━ mean of 8 0.5000  ━ lowest 0.2500 highest 0.7500  ╍ validation 0.6000"
    assert "internal 0.5500" in text(EVERYTHING, 200)


def test_without_colour_marks_tell_the_lines_apart() -> None:
    marks = [part.split()[0] for part in text(EVERYTHING, 200, plain=True).split("  ")[1:]]
    assert marks == ["━", "·", "+", "•"]


@pytest.mark.parametrize("costs", [EIGHT, EVERYTHING])
@pytest.mark.parametrize("more", ["", "  at 1,800"])
def test_it_fits_80_columns(costs: CostsShown, more: str) -> None:
    found = text(costs, 74, more=more)
    assert len(found) <= 74
    assert found.endswith(more)
    for word in (f"mean of {costs.members} ", "lowest", "highest", "0.6000"):
        assert word in found
