"""Splitting: every row once, every class in proportion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.data.preparation.split import split

SHARES = st.floats(0.01, 0.9)


@given(st.integers(2, 300), SHARES, st.integers(0, 2**32 - 1))
def test_every_row_is_in_one_part(m: int, share: float, seed: int) -> None:
    train, held = split(m, share, seed)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, held])), np.arange(m))
    assert len(held) == min(max(round(share * m), 1), m - 1)
    assert np.all(np.diff(train) > 0)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=300), SHARES, st.integers(0, 1000))
def test_every_class_keeps_its_share(labels: list[int], share: float, seed: int) -> None:
    classes = np.array(labels)
    train, held = split(len(classes), share, seed, classes)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, held])), np.arange(len(classes)))
    for label in set(labels):
        total, drawn = (classes == label).sum(), (classes[held] == label).sum()
        assert drawn < total
        assert drawn == total - 1 or abs(drawn - share * total) <= 1.5 + share


def test_classes_are_split_as_scikit_learn_splits_them() -> None:
    from sklearn.model_selection import train_test_split

    classes = np.repeat([0, 1, 2], [50, 120, 330])
    _, held = split(500, 0.2, 7, classes)
    theirs = train_test_split(classes, test_size=0.2, stratify=classes, random_state=7)[1]
    np.testing.assert_array_equal(np.bincount(classes[held]), np.bincount(theirs))


@pytest.mark.parametrize("stratified", [False, True])
def test_the_seed_decides(stratified: bool) -> None:
    classes = np.arange(100) % 2 if stratified else None
    first, again, other = (split(100, 0.3, seed, classes)[1] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_validation_part_keeps_the_order() -> None:
    train, held = split(5, 0.0, 1)
    np.testing.assert_array_equal(train, np.arange(5))
    assert len(held) == 0
