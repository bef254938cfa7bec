"""How examples are dealt out: properties for any labels, groups and times, and scikit-learn as the oracle."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, StratifiedKFold, TimeSeriesSplit

from deepnet_tui.data.preparation.split import Rows
from deepnet_tui.folds.split import grouped, in_time, parts_of, stratified
from engine.arrays import Array

COUNTS = st.integers(2, 6)
SEEDS = st.integers(0, 1000)


def whole_numbers(below: int) -> st.SearchStrategy[Array]:
    return arrays.arrays(np.int64, st.integers(8, 80), elements=st.integers(0, below - 1))


def check_complete(parts: tuple[Rows, ...], m: int) -> None:
    """Every example is tested on once, and never by a network that was trained on it."""
    assert sorted(row for _, test in parts for row in test) == list(range(m))
    for train, test in parts:
        assert sorted([*train, *test]) == list(range(m))
        assert (np.diff(train) > 0).all()
        assert (np.diff(test) > 0).all()
        assert len(test)


@given(whole_numbers(4), COUNTS, SEEDS)
def test_every_fold_has_as_many_of_a_class_within_one(classes: Array, count: int, seed: int) -> None:
    folds = stratified(count, len(classes), seed, classes)
    check_complete(parts_of(folds, count), len(classes))
    sizes = np.bincount(folds, minlength=count)
    assert np.ptp(sizes) <= 1
    for number in np.unique(classes):
        assert np.ptp(np.bincount(folds[classes == number], minlength=count)) <= 1


@given(whole_numbers(3), COUNTS, SEEDS)
def test_folds_have_the_class_counts_of_scikit_learn(classes: Array, count: int, seed: int) -> None:
    there, classes = np.unique(classes, return_inverse=True)
    assume(np.bincount(classes).min() >= count)
    folds = stratified(count, len(classes), seed, classes)
    ours = sorted(tuple(np.bincount(classes[folds == fold], minlength=len(there))) for fold in range(count))
    splits = StratifiedKFold(count).split(classes, np.sort(classes))
    theirs = sorted(tuple(np.bincount(np.sort(classes)[test], minlength=len(there))) for _, test in splits)
    assert ours == theirs


@given(st.integers(8, 80), COUNTS, SEEDS)
def test_numbers_are_dealt_out_at_random_in_equal_folds(m: int, count: int, seed: int) -> None:
    folds = stratified(count, m, seed)
    check_complete(parts_of(folds, count), m)
    assert np.ptp(np.bincount(folds, minlength=count)) <= 1
    assert (folds == stratified(count, m, seed)).all()


@given(whole_numbers(20), COUNTS, SEEDS, st.booleans())
def test_no_group_is_in_two_folds(groups: Array, count: int, seed: int, with_classes: bool) -> None:
    assume(len(np.unique(groups)) >= count)
    classes = np.arange(len(groups)) * 7 % 3 if with_classes else None
    folds = grouped(count, groups, seed, classes)
    check_complete(parts_of(folds, count), len(groups))
    for group in np.unique(groups):
        assert len(np.unique(folds[groups == group])) == 1


@given(whole_numbers(20), COUNTS, SEEDS)
def test_groups_make_folds_of_the_sizes_of_scikit_learn(groups: Array, count: int, seed: int) -> None:
    assume(len(np.unique(groups)) >= count)
    ours = sorted(np.bincount(grouped(count, groups, seed), minlength=count))
    theirs = sorted(len(test) for _, test in GroupKFold(count).split(groups, groups=groups))
    assert ours == theirs


@pytest.mark.parametrize("seed", range(5))
def test_classes_are_spread_over_groups_as_well_as_by_scikit_learn(seed: int) -> None:
    generator = np.random.default_rng(seed)
    groups = generator.integers(0, 60, 600)
    classes = (generator.random(600) < 0.1 + 0.3 * (groups % 3)).astype(np.int64)

    def unevenness(parts: tuple[Rows, ...]) -> float:
        return float(np.std([classes[test].mean() for _, test in parts]))

    ours = unevenness(parts_of(grouped(5, groups, seed, classes), 5))
    theirs = unevenness(tuple(StratifiedGroupKFold(5).split(groups, classes, groups)))
    assert ours < max(2 * theirs, 0.02)


@given(whole_numbers(30), COUNTS)
def test_a_fold_forward_in_time_is_tested_on_what_comes_later(times: Array, count: int) -> None:
    assume(len(np.unique(times)) > count)
    parts = in_time(count, times.astype(float))
    assert len(parts) == count
    for train, test in parts:
        assert len(train)
        assert len(test)
        assert times[train].max() < times[test].min()
    for (before, test), (train, _) in pairwise(parts):
        assert sorted([*before, *test]) == train.tolist()
    assert sorted([*parts[-1][0], *parts[-1][1]]) == list(range(len(times)))


@given(st.permutations(range(25)), COUNTS)
def test_different_times_are_cut_as_by_scikit_learn(times: list[int], count: int) -> None:
    ours = in_time(count, np.array(times, dtype=float))
    order = np.argsort(times)
    theirs = [(order[train], order[test]) for train, test in TimeSeriesSplit(count).split(times)]
    for (train, test), (their_train, their_test) in zip(ours, theirs, strict=True):
        assert train.tolist() == sorted(their_train)
        assert test.tolist() == sorted(their_test)
