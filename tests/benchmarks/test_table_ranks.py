"""Ranks, the critical difference and the plot, checked on the example of Demšar (JMLR 7, 2006, table 6)."""

from __future__ import annotations

import xml.etree.ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import plot
from benchmarks.tables.ranks import critical_difference, friedman, groups, ranks

NAMES = ("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf")
AREAS = [
    (0.763, 0.768, 0.771, 0.798),
    (0.599, 0.591, 0.590, 0.569),
    (0.954, 0.971, 0.968, 0.967),
    (0.628, 0.661, 0.654, 0.657),
    (0.882, 0.888, 0.886, 0.898),
    (0.936, 0.931, 0.916, 0.931),
    (0.661, 0.668, 0.609, 0.685),
    (0.583, 0.583, 0.563, 0.625),
    (0.775, 0.838, 0.866, 0.875),
    (1.000, 1.000, 1.000, 1.000),
    (0.940, 0.962, 0.965, 0.962),
    (0.619, 0.666, 0.614, 0.669),
    (0.972, 0.981, 0.9751, 0.975),  # printed as 0.975 twice, with ranks 2 and 3
    (0.957, 0.978, 0.946, 0.970),
]


def test_mean_ranks_as_published() -> None:
    means = ranks(AREAS, higher_is_better=True).mean(axis=0)
    np.testing.assert_allclose(means, [3.143, 2.000, 2.893, 1.964], atol=5e-4)


def test_friedman_as_published() -> None:
    statistic, chance = friedman(ranks(AREAS, higher_is_better=True))
    assert statistic == pytest.approx(9.28, abs=0.01)
    assert 0.02 < chance < 0.03  # above the table's 7.81 for 0.05 and 9.35 for 0.025, roughly


def test_critical_difference_as_published() -> None:
    assert critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)


def test_the_q_of_nemenyi_is_a_studentised_range() -> None:
    from scipy.stats import studentized_range

    for learners in range(2, 11):
        expected = studentized_range.ppf(0.95, learners, 1e6) / np.sqrt(2)
        found = critical_difference(learners, 1) / np.sqrt(learners * (learners + 1) / 6)
        assert found == pytest.approx(expected, abs=1e-3)


def test_losses_rank_the_other_way_and_failures_come_last() -> None:
    assert ranks([[0.3, 0.1, np.nan, 0.3]], higher_is_better=False).tolist() == [[2.5, 1, 4, 2.5]]
    assert ranks([[0.3, 0.1, np.nan, 0.3]], higher_is_better=True).tolist() == [[1.5, 3, 4, 1.5]]


def test_groups_are_the_largest_ones() -> None:
    assert groups({"a": 1.0, "b": 1.5, "c": 2.4, "d": 4.0}, 1.0) == [("a", "b"), ("b", "c")]
    assert groups({"a": 1.0, "b": 3.0}, 1.0) == []


@given(st.lists(st.floats(1, 9), min_size=2, max_size=9), st.floats(0.1, 5))
def test_two_learners_share_a_group_just_when_they_are_close(means: list[float], difference: float) -> None:
    named = {str(number): mean for number, mean in enumerate(means)}
    found = groups(named, difference)
    for first, mean in named.items():
        for second, other in named.items():
            if first < second:
                close = abs(mean - other) <= difference
                assert close == any(first in group and second in group for group in found)


def test_the_plot_has_every_name_and_bar() -> None:
    means = dict(zip(NAMES, (3.143, 2.0, 2.893, 1.964), strict=True))
    picture = plot.mean_ranks("Four trees", means, 1.25, groups(means, 1.25))
    root = xml.etree.ElementTree.fromstring(picture)  # noqa: S314 - our own text
    texts = [element.text or "" for element in root.iter() if element.tag.endswith("text")]
    assert all(any(text.startswith(f"{name} ") for text in texts) for name in NAMES)
    assert "critical difference 1.25" in texts
    bars = [element for element in root.iter() if element.get("stroke-width") == "4"]
    assert len(bars) == len(groups(means, 1.25)) == 1
