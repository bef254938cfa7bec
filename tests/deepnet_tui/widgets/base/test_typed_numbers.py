"""Numbers as people type them."""

from __future__ import annotations

import pytest

from deepnet_tui.widgets.base.typed_numbers import read_number, read_whole


@pytest.mark.parametrize(("text", "value"), [("1,000", 1000), (" 12 ", 12), ("1_0", 10)])
def test_whole_numbers_as_people_type_them(text: str, value: int) -> None:
    assert read_whole(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("0,01", 0.01), ("1e-3", 0.001), (" .5", 0.5), ("0,125", 0.125), ("1,5", 1.5)]
)
def test_numbers_as_people_type_them(text: str, value: float) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(("text", "said"), [("1,000", "could be 1 or 1000"), ("12,500", "could be 12.5 or 12500")])
def test_a_number_that_may_mean_two_things_is_asked_for_again(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_number(text)


@pytest.mark.parametrize("text", ["", "a lot", "1.5.2", "--3"])
def test_what_is_no_number_is_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        read_whole(text)
    with pytest.raises(ValueError, match="is not a"):
        read_number(text)
