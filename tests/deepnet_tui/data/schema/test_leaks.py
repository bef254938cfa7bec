"""Columns that leak the target, or may."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from deepnet_tui.common.text import in_app
from tests.deepnet_tui.data.tables import Table, csv, flip


def test_a_leaking_column_is_left_out(table: Table) -> None:
    columns: dict[str, Callable[[int], object]] = {
        "n": lambda row: row * 13 % 47 / 3,
        "spoiler": lambda row: {"a": "no", "b": "yes"}[flip(row)],
        "code": lambda row: {"a": 17, "b": 23}[flip(row)],
        "y": flip,
    }
    dataset = table(csv(**columns))
    assert dataset.inputs == ("n",)
    assert sum("gives the target away" in warning for warning in dataset.warnings) == 2
    asked = table(csv(**columns), columns={"spoiler": {"role": "feature"}})
    assert asked.inputs == ("n", "spoiler")
    assert any("as requested" in warning for warning in asked.warnings)
    celsius = csv(n=lambda row: row * 13 % 47, y=lambda row: row * 31 % 59 / 2, f=lambda row: row * 31 % 59 * 0.9 + 32)
    assert table(celsius).inputs == ("n",)


RANDOM = np.random.default_rng(0)
NUMBERS, NOISE = RANDOM.normal(20, 6, 400).round(3), RANDOM.normal(0, 1, 400).round(3)
SUSPECTS: dict[str, tuple[Callable[[int], object], Callable[[int], object]]] = {
    "gaps": (lambda row: "" if row % 10 == 4 else {"a": "no", "b": "yes"}[flip(row)], flip),
    "numbers with gaps": (lambda row: "" if row % 10 == 4 else {"a": 3, "b": 5}[flip(row)], flip),
    "one wrong row": (lambda row: {"a": "no", "b": "yes"}[flip(row if row != 7 else 0)], flip),
    "one wrong number": (lambda row: {"a": 3, "b": 5}[flip(row if row != 7 else 0)], flip),
    "apart": (lambda row: 10 * (flip(row) == "b") + NOISE[row], flip),
    "three apart": (lambda row: (10, 0, 20)[row % 3] + NOISE[row], lambda row: "uvw"[row % 3]),
    "another scale": (lambda row: np.exp(NUMBERS[row] / 5), lambda row: NUMBERS[row]),
    "rounded": (lambda row: round(NUMBERS[row], 1), lambda row: NUMBERS[row]),
    "in words": (lambda row: f"k{row * row % 9}", lambda row: row * row % 9 + NOISE[row] / 1000),
}


@pytest.mark.parametrize("name", SUSPECTS)
def test_a_suspicious_column_gives_a_warning(name: str, table: Table) -> None:
    leak, y = SUSPECTS[name]
    columns: dict[str, Callable[[int], object]] = {"n": lambda row: row * 13 % 47 / 3, "a b": leak, "y": y}
    dataset = table(csv(400, **columns))
    assert any(info.name == "a b" and info.role == "feature" for info in dataset.columns)
    assert [warning for warning in dataset.warnings if "almost determines" in warning] == [
        "'a b' almost determines the target: make sure that it is known before the target is; "
        "otherwise --ignore 'a b', or leave it out in the data screen."
    ]
    assert [in_app(warning) for warning in dataset.warnings if "almost determines" in warning] == [
        "'a b' almost determines the target: unless it is known before, leave it out in the data screen."
    ]
    asked = table(csv(400, **columns), columns={"a b": {"role": "feature"}})
    assert not any("almost determines" in warning for warning in asked.warnings)


def test_many_suspects_are_one_warning(table: Table) -> None:
    columns: dict[str, Callable[[int], object]] = {
        f"n{place}": lambda row, place=place: 10 * (flip(row) == "b") + NOISE[row] + place  # type: ignore[misc]
        for place in range(7)
    }
    (warning,) = table(csv(400, **columns, y=flip)).warnings
    assert warning.startswith("'n0', 'n1', 'n2', 'n3', 'n4' and 2 others each almost determine the target")


@pytest.mark.parametrize("name", ["breast_cancer", "iris", "wine", "digits", "diabetes", "gaussians", "moons"])
def test_good_features_give_no_warning(name: str, table: Table) -> None:
    from deepnet_tui.data.builtin import BUILTIN

    examples = BUILTIN[name].make()
    X = np.hstack([values.reshape(len(values), -1) for values in examples.columns.values()])
    y = [examples.classes[place] for place in examples.y] if examples.classes else examples.y
    columns: dict[str, Callable[[int], object]] = {
        f"x{place}": lambda row, place=place: X[row, place]  # type: ignore[misc]
        for place in range(X.shape[1])
    }
    for seed in range(5):
        dataset = table(csv(len(X), **columns, y=lambda row: y[row]), seed=seed)
        assert not any("determine" in warning or "away" in warning for warning in dataset.warnings)


def test_an_honest_good_feature_stays(table: Table) -> None:
    dataset = table(csv(300, n=lambda row: row % 2 * 10 + row * 13 % 9, y=lambda row: "ab"[row % 2 or row % 50 == 0]))
    assert "n" in dataset.inputs
    assert not dataset.warnings


def test_an_honest_number_with_few_values_stays(table: Table) -> None:
    """Each of its values belongs to one class, but there are more of them than classes: a threshold, not a code."""
    columns: dict[str, Callable[[int], object]] = {
        "n": lambda row: row * 13 % 47 / 3,
        "steps": lambda row: (-3, -2, 2, 3)[row // 2 % 2 + row % 2 * 2],
        "words": lambda row: ("died at sea", "died on land", "lived", "left")[row // 2 % 2 + row % 2 * 2],
        "y": lambda row: int(row % 2),
    }
    dataset = table(csv(400, **columns))
    roles = {info.name: info.role for info in dataset.columns}
    assert roles == {"n": "feature", "steps": "feature", "words": "ignored", "y": "target"}
    assert any("'steps' almost determines the target" in warning for warning in dataset.warnings)


@pytest.mark.parametrize(
    "columns",
    [
        {"x": lambda row: (1000.0, -1000.0)[row % 2], "y": lambda row: row % 2},
        {"x": lambda row: 20 + row / 100, "z": lambda row: -3 * row, "y": lambda row: 1_240_000 + row / 2},
    ],
)
def test_where_all_columns_seem_to_leak_they_are_kept_with_a_warning(
    columns: dict[str, Callable[[int], object]], table: Table
) -> None:
    dataset = table(csv(120, **columns))
    features = [name for name in columns if name != "y"]
    assert list(dataset.preparation.columns) == features
    (warning,) = [warning for warning in dataset.warnings if "determine" in warning]
    assert all(repr(name) in warning for name in features)
    asked = table(csv(120, **columns), columns={"x": {"role": "feature"}})
    assert "x" in asked.preparation.columns
