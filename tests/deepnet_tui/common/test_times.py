"""Times as people say them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.common.times import short_time_left, spoken, time_left


@pytest.mark.parametrize(
    ("seconds", "said", "short"),
    [
        (0.0, "a few seconds left", "seconds left"),
        (12.3, "about 10 seconds left", "~10 s left"),
        (57.4, "about 55 seconds left", "~55 s left"),
        (61.0, "about a minute left", "~1 min left"),
        (127.3, "about 2 minutes left", "~2 min left"),
        (1_799.0, "about 30 minutes left", "~30 min left"),
        (3_590.0, "about an hour left", "~1 h left"),
        (5_000.0, "about 1 hour 25 minutes left", "~1 h 25 min left"),
        (7_200.0, "about 2 hours left", "~2 h left"),
        (200_000.0, "about 2 days 8 hours left", "~2 d 8 h left"),
    ],
)
def test_time_left(seconds: float, said: str, short: str) -> None:
    assert time_left(seconds) == said
    assert short_time_left(seconds) == short


UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@given(st.floats(1, 1e7))
def test_what_is_said_is_near_the_truth(seconds: float) -> None:
    said = spoken(seconds)
    parts = re.findall(r"(\d+) (second|minute|hour|day)", said)
    assert sum(int(count) * UNITS[unit] for count, unit in parts) == pytest.approx(seconds, rel=0.3, abs=0.5)
    assert "." not in said
    assert "0 " not in said.split()[0] or int(parts[0][0]) > 0
