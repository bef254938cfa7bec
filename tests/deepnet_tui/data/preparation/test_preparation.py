"""The preparation against scikit-learn's, and the same rows the same whatever they come in."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.load import load
from deepnet_tui.data.preparation.entries import Block, Categorical, Numeric
from deepnet_tui.data.preparation.preparation import MANY, Preparation
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.data.values.words import to_word
from engine.arrays import Array


def frame(m: int = 400) -> pd.DataFrame:
    random = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "size": np.where(random.random(m) < 0.1, np.nan, random.normal(50, 9, m)),
            "count": random.integers(0, 40, m),
            "colour": random.choice(np.array(["red", "green", "blue", None], dtype=object), m),
            "happy": random.choice(np.array(["yes", "no"]), m),
            "day": pd.date_range("2020-01-01", periods=m).strftime("%Y-%m-%d"),
            "y": random.choice(np.array(["a", "b", "c"]), m),
        }
    )


@pytest.fixture
def source(tmp_path: Any) -> str:
    path = str(tmp_path / "table.csv")
    frame().to_csv(path, index=False)
    return path


def test_the_inputs_are_those_of_scikit_learn(source: str) -> None:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    dataset = load(DataSettings(source=source, target="y"))
    assert dataset.validation is not None
    raw = frame()
    raw["colour"] = raw["colour"].fillna("")
    raw["happy"] = (raw["happy"] == "yes").astype(float)
    raw["day"] = (pd.to_datetime(raw["day"]) - pd.Timestamp(0)).dt.days
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    theirs = ColumnTransformer(
        [
            ("numbers", numbers, ["size", "count"]),
            ("words", OneHotEncoder(sparse_output=False), ["colour"]),
            ("rest", numbers, ["happy", "day"]),
        ]
    ).fit(raw.iloc[dataset.train.rows])
    for part in (dataset.train, dataset.validation):
        np.testing.assert_allclose(part.X.T, theirs.transform(raw.iloc[part.rows]), atol=1e-12)
    assert dataset.inputs == (
        "size", "count", "colour=(missing)", "colour=blue", "colour=green", "colour=red", "happy", "day",
    )  # fmt: skip


def test_validation_rows_leave_no_trace(source: str) -> None:
    dataset = load(DataSettings(source=source, target="y"))
    assert dataset.validation is not None
    raw = pd.read_csv(source)
    held = dataset.validation.rows
    raw.loc[held, "size"] = 1e6
    raw.loc[held, "colour"] = "purple"
    raw.to_csv(source, index=False)
    changed = load(DataSettings(source=source, target="y"))
    assert changed.preparation == dataset.preparation
    np.testing.assert_array_equal(changed.train.X, dataset.train.X)


def test_a_preparation_survives_json(source: str) -> None:
    dataset = load(DataSettings(source=source, target="y"))
    preparation = Preparation.from_dict(json.loads(json.dumps(dataset.preparation.to_dict())))
    assert preparation == dataset.preparation
    text = pd.read_csv(source, dtype=str, keep_default_na=False)
    natural = pd.read_csv(source)
    lists = {name: np.array(text[name], dtype=object) for name in text}
    expected = dataset.preparation.apply(dataset.table)
    for raw in (text, natural, lists, natural.astype({"colour": "category"})):
        prepared = preparation.apply(raw)
        np.testing.assert_array_equal(prepared.X, expected.X)
        assert prepared.filled == expected.filled
    pieces = [preparation.apply(natural.iloc[start : start + 37]).X for start in range(0, len(natural), 37)]
    np.testing.assert_array_equal(np.hstack(pieces), expected.X)


def test_what_is_unknown_or_missing_is_counted() -> None:
    preparation = Preparation((Numeric("n", fill=7.0, mean=5.0, scale=2.0), Categorical("w", ("", "red"))))
    prepared = preparation.apply({"n": ["1", "", None, "NA"], "w": ["red", "pink", "pink", None], "more": [1, 2, 3, 4]})
    np.testing.assert_array_equal(prepared.X, [[-2, 1, 1, 1], [0, 0, 0, 1], [1, 0, 0, 0]])
    assert prepared.unknown == {"w": 2}
    assert prepared.filled == {"n": 3}


@pytest.mark.parametrize(
    ("entry", "values", "message"),
    [
        (Numeric("n"), ["1", "x"], r"column 'n', row 12: 'x' is not a finite number"),
        (Numeric("b", "boolean", words=("no", "yes")), ["yes", "maybe"], r"row 12: 'maybe' is not no or yes"),
        (Numeric("d", "date"), ["2024-01-31", "31.1.2024"], r"row 12: '31.1.2024' is not a date"),
        (Block("p", (2, 2)), np.zeros((3, 5)), r"'p' must have 2 x 2 numbers an example"),
        (Numeric("absent"), None, r"no column 'absent', which the model needs"),
    ],
)
def test_values_that_can_not_be_prepared_are_named(entry: Any, values: Any, message: str) -> None:
    raw = {} if values is None else {entry.name: values}
    with pytest.raises(InputError, match=message) as caught:
        Preparation((entry,)).apply(raw, first_row=11)
    assert caught.value.field == entry.name


@given(st.one_of(st.integers(-(10**6), 10**6), st.booleans(), st.text(max_size=5)))
def test_a_value_has_the_same_word_as_its_text(value: Any) -> None:
    assert to_word(str(value)) == to_word(value)
    assert to_word(to_word(value)) == to_word(value)
    if isinstance(value, int) and not isinstance(value, bool):
        assert to_word(float(value)) == to_word(value)


def test_dates_and_moments_are_days() -> None:
    preparation = Preparation((Numeric("d", "date"),))
    for values in (["1970-01-02", "1969-12-31 12:00"], np.array(["1970-01-02", "1969-12-31T12:00"], "datetime64[ns]")):
        np.testing.assert_array_equal(preparation.apply({"d": values}).X, [[1.0, -0.5]])


@pytest.mark.parametrize("values", [np.array([1.0, np.inf, -np.inf, np.nan]), ["1", "inf", "-Infinity", "NA"]])
def test_infinite_numbers_are_missing(values: object) -> None:
    prepared = Preparation((Numeric("n", fill=7.0),)).apply({"n": values})
    assert prepared.X.tolist() == [[1.0, 7.0, 7.0, 7.0]]
    assert prepared.filled == {"n": 3}


@given(
    arrays(np.float64, (MANY + 1, 6), elements=st.floats(-1e12, 1e12) | st.sampled_from([np.nan, np.inf, 1e99])),
    st.lists(st.sampled_from([0.0, 3.0]), min_size=MANY + 1, max_size=MANY + 1),
)
@settings(max_examples=20)
def test_many_columns_of_numbers_become_what_each_of_them_becomes(table: Array, clips: list[float]) -> None:
    entries = tuple(Numeric(f"x{i}", "numeric", 2.0, 0.1, 3.0 + i, clip=clip) for i, clip in enumerate(clips))
    raw = {entry.name: values for entry, values in zip(entries, table, strict=True)}
    together = Preparation(entries).apply(raw)
    alone = [Preparation((entry,)).apply(raw) for entry in entries]
    np.testing.assert_array_equal(together.X, np.vstack([each.X for each in alone]))
    assert together.filled == {name: count for each in alone for name, count in each.filled.items()}


def test_one_of_many_columns_that_is_too_large_is_named() -> None:
    entries = tuple(Numeric(f"x{i}") for i in range(MANY + 1))
    raw = {entry.name: np.array([1.0, 1e300 if entry.name == "x7" else 2.0]) for entry in entries}
    with pytest.raises(InputError, match=r"column 'x7', row 2: 1e\+300 is not a number up to 1e\+100"):
        Preparation(entries).apply(raw)
