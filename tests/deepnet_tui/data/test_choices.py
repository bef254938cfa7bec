"""What is decided on columns and the split, as settings."""

from __future__ import annotations

import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data import choices
from deepnet_tui.data.settings import ColumnSettings, DataSettings


def test_decisions_can_be_taken_back() -> None:
    settings = DataSettings(source="x.csv", target="a")
    changed = choices.with_column(choices.with_column(settings, "b", kind="categorical"), "b", role="ignored")
    assert changed.columns == {"b": ColumnSettings(kind="categorical", role="ignored")}
    assert choices.with_column(changed, "b", kind=None, role=None) == settings
    assert choices.with_target(changed, "b").columns == {"b": ColumnSettings(kind="categorical")}
    assert choices.next_kind("block", 1) == "block"
    kind = "numeric"
    for _ in choices.KINDS:
        kind = choices.next_kind(choices.next_kind(choices.next_kind(kind, 1), 1), -1)
    assert kind == "numeric"


@pytest.mark.parametrize(("text", "share"), [("20%", 0.2), ("20", 0.2), ("0.2", 0.2), ("0", 0.0), ("0,25", 0.25)])
def test_a_share_may_be_typed_in_several_ways(text: str, share: float) -> None:
    assert choices.parse_share(text) == share


@pytest.mark.parametrize("text", ["91", "-1", "nan", "half", "1e9"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        choices.parse_share(text)
    assert caught.value.field == "validation"


@pytest.mark.parametrize("text", ["-1", "1.5", "x", str(2**32)])
def test_what_is_no_seed_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        choices.parse_seed(text)
    assert caught.value.field == "seed"
