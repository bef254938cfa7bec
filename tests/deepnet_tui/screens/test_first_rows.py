"""Numbers of the first rows stand with their decimal marks beneath one another."""

from __future__ import annotations

import pytest

from deepnet_tui.screens.data.first_rows import aligned


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["0.5", "10", "-2.25", ""], [" 0.5 ", "10   ", "-2.25", "     "]),
        (["1,5", "10"], [" 1,5", "10  "]),
        (["1e-5", "2.5e3"], ["1e-5 ", "2.5e3"]),
        (["a", "10"], ["a", "10"]),
        (["", ""], ["", ""]),
        ([], []),
    ],
)
def test_decimal_marks_are_beneath_one_another(words: list[str], wanted: list[str]) -> None:
    assert aligned(words) == wanted
