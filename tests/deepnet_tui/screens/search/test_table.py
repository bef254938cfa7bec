"""The table of trials and the texts around it."""

from __future__ import annotations

import pytest
from rich.style import Style
from rich.text import Text

from deepnet_tui.screens.search.lines import ranges as range_lines
from deepnet_tui.screens.search.table import cells, heading, table
from deepnet_tui.search.background import BackgroundSearch
from deepnet_tui.search.ranges.written import written
from deepnet_tui.search.search import SearchProgress
from deepnet_tui.search.trial import Trial

RANGES = written(("learning_rate=0.001..0.1:log", "hidden=16,8;4;none", "l2=0..10:log", "dropout=0..0.5"), {})
VALUES = {"learning_rate": 0.001, "hidden": (4,), "l2": 0.0, "dropout": 0.5}
TRIALS = (
    Trial(3, "done", VALUES, 0.25),
    Trial(0, "done", {**VALUES, "learning_rate": 0.5}, 0.5),
    Trial(4, "running", VALUES),
    Trial(5, "pruned", VALUES, 0.75),
)
STYLES = {"muted": Style(dim=True), "best": Style(bold=True), "chosen": Style(reverse=True)}


def shown(width: int) -> list[Text]:
    return table(TRIALS, slice(0, 4), RANGES, width, chosen=TRIALS[1], best=TRIALS[0], styles=STYLES)


def test_a_bar_shows_where_a_value_lies_in_its_range() -> None:
    assert cells(TRIALS[0], RANGES) == ("3", "0.2500", "0.001 ▁", "4 ▅", "0 ▁", "0.5 █")
    assert cells(TRIALS[1], RANGES)[:3] == ("default", "0.5000", "0.5  ")  # outside of it there is none
    assert cells(TRIALS[2], RANGES, marks=False) == ("4", "…", "0.001", "4", "0", "0.5")
    assert cells(TRIALS[3], RANGES)[1] == "pruned"


@pytest.mark.parametrize(("width", "columns", "bars"), [(80, 6, True), (46, 6, False), (34, 4, False), (10, 3, False)])
def test_bars_and_then_the_last_columns_give_way_where_there_is_little_room(
    width: int, columns: int, bars: bool
) -> None:
    lines = shown(width)
    assert lines[0].plain.split() == list(heading(RANGES)[:columns])
    assert ("▁" in lines[1].plain) == bars
    assert [line.plain[0] for line in lines[1:]] == [" ", "▸", " ", " "]


def test_the_importance_of_settings_takes_the_place_of_their_ranges() -> None:
    search = BackgroundSearch.__new__(BackgroundSearch)
    search.ranges, search.progress = RANGES, SearchProgress()
    before = [line.plain for line in range_lines(search, 40, Style(), Style())]
    assert before[0] == "learning rate  0.001..0.1:log"
    search.progress = SearchProgress(importance={"l2": 0.75, "learning_rate": 0.25})
    after = [line.plain.split() for line in range_lines(search, 40, Style(), Style())]
    assert after[0] == ["L2", "█" * 20, "75%"]
    assert after[1] == ["learning", "rate", "█" * 7, "25%"]
    assert after[3][-1] == "0%"
