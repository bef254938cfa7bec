"""The chart that `train` prints."""

from __future__ import annotations

import re

import pytest

from deepnet_tui.cli.chart import cost_chart
from engine.training.events import Progress


@pytest.mark.parametrize(("first", "last"), [(0, 1), (0, 3), (0, 250), (0, 2_400), (1_000, 1_007), (0, 10**7)])
def test_iterations_are_whole_numbers(first: int, last: int) -> None:
    chart = cost_chart([Progress(first, 1.0), Progress(last, 0.5)], 80, colour=False)
    axis, below = chart.splitlines()[-2:]
    assert below.strip() == "iteration"
    numbers = [int(word.replace(",", "")) for word in axis.split()]
    assert re.fullmatch(r"[\d, ]+", axis)
    assert numbers == sorted(set(numbers))
    assert len(numbers) >= 2
    assert first <= numbers[0]
    assert numbers[-1] <= last
