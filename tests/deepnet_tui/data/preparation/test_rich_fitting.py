"""The rich preparation against scikit-learn and NumPy, and that validation rows leave no trace in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.data.preparation import rich_fitting
from deepnet_tui.data.preparation.entries import Categorical, Numeric, entry_from_dict, entry_to_dict
from deepnet_tui.data.preparation.inverse import raw_row
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.preparation.rich_fitting import bin_count, bin_edges
from deepnet_tui.data.settings import ColumnSettings, DataSettings

ROWS = 400


BINS = 10


@pytest.fixture(autouse=True)
def ten_bins(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the tests don't depend on how many bins suit so many rows."""
    monkeypatch.setattr(rich_fitting, "bin_count", lambda _m, _columns: BINS)


def test_more_rows_mean_more_bins() -> None:
    assert [bin_count(m, 20) for m in (0, 100, 500, 1_000, 5_000, 10**6)] == [3, 3, 4, 8, 40, 64]
    assert [bin_count(1_000, columns) for columns in (0, 1, 2, 4, 20)] == [40, 40, 20, 10, 8]


def frame(m: int = ROWS) -> pd.DataFrame:
    random = np.random.default_rng(5)
    towns = np.array([f"town{number}" for number in range(90)] + ["once1", "once2"], dtype=object)
    return pd.DataFrame(
        {
            "size": np.where(random.random(m) < 0.1, np.nan, random.normal(50, 9, m)),
            "count": random.integers(0, 6, m),
            "zeros": np.where(random.random(m) < 0.95, 0.0, random.normal(size=m)),
            "colour": random.choice(np.array(["red", "green", "blue", None], dtype=object), m),
            "town": [*towns, *random.choice(towns[:90], m - len(towns))],
            "happy": random.choice(np.array(["yes", "no", None], dtype=object), m),
            "day": pd.date_range("2020-01-01", periods=m).strftime("%Y-%m-%d"),
            "moment": pd.date_range("2020-01-01", periods=m, freq="h").strftime("%Y-%m-%d %H:%M"),
            "y": random.choice(np.array(["a", "b", "c"]), m),
            "z": random.normal(size=m),
        }
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    frame().to_csv(path, index=False)
    return path


def rich(source: Path, target: str = "y", **more: Any) -> Dataset:
    columns = {"town": ColumnSettings(kind="categorical")}
    return load(DataSettings(source=str(source), target=target, preparation="rich", columns=columns, **more))


def inputs(dataset: Dataset, *names: str) -> Any:
    return dataset.train.X[[dataset.inputs.index(name) for name in names]]


def test_scales_are_those_of_robust_scaler(source: Path) -> None:
    from sklearn.preprocessing import RobustScaler

    dataset = rich(source)
    train = frame().iloc[dataset.train.rows]
    z = RobustScaler().fit(train[["size"]]).transform(train[["size"]].fillna(train["size"].median()))[:, 0]
    found = inputs(dataset, "size")[0]
    np.testing.assert_allclose(found, z / np.sqrt(1 + (z / 3) ** 2), atol=1e-12)
    np.testing.assert_array_equal(inputs(dataset, "size missing")[0], train["size"].isna())
    assert "count missing" not in dataset.inputs


def test_bins_are_linear_between_quantiles(source: Path) -> None:
    dataset = rich(source)
    sizes = frame().iloc[dataset.train.rows]["size"]
    n = BINS
    edges = np.nanquantile(sizes, np.arange(n + 1) / n)
    filled = sizes.fillna(sizes.median())
    whole = sum(inputs(dataset, f"size bin {number}")[0] + 0.5 for number in range(1, n + 1))
    np.testing.assert_allclose(whole, np.interp(filled, edges, np.arange(n + 1)), atol=1e-9)
    entries = {entry.name: entry for entry in dataset.preparation.entries}
    assert entries["count"].edges == (0, 1, 2, 3, 4, 5)  # type: ignore[union-attr]
    assert entries["zeros"].bins < n  # type: ignore[union-attr]


def test_words_are_those_of_one_hot_encoder(source: Path) -> None:
    from sklearn.preprocessing import OneHotEncoder

    dataset = rich(source)
    assert dataset.validation is not None
    entry = next(entry for entry in dataset.preparation.entries if entry.name == "town")
    assert isinstance(entry, Categorical)
    raw = frame()
    theirs = OneHotEncoder(sparse_output=False, min_frequency=2, handle_unknown="infrequent_if_exist").fit(
        raw.iloc[dataset.train.rows][["town"]]
    )
    counts = raw.iloc[dataset.train.rows]["town"].value_counts()
    assert len(entry.categories) == 64
    assert counts[list(entry.categories)].min() >= max(2, counts[[*entry.rare]].max())
    assert set(entry.categories) | set(entry.rare) == set(counts.index)
    names = [f"town_{word}" for word in entry.categories]
    for part in (dataset.train, dataset.validation):
        hot = pd.DataFrame(theirs.transform(raw.iloc[part.rows][["town"]]), columns=theirs.get_feature_names_out())
        start = dataset.inputs.index(f"town={entry.categories[0]}")
        np.testing.assert_array_equal(part.X[start : start + 64].T, hot[names])
        np.testing.assert_array_equal(part.X[start + 64], 1 - hot[names].sum(axis=1))
    assert not any(entry.other for entry in dataset.preparation.entries if entry.name == "colour")  # type: ignore[union-attr]


def test_dates_show_weekday_month_and_hour_where_they_can(source: Path) -> None:
    periods = {entry.name: entry.periods for entry in rich(source).preparation.entries if isinstance(entry, Numeric)}
    assert periods["day"] == (7.0, 365.2425)
    assert periods["moment"] == (7.0, 1.0)
    assert periods["size"] == ()


def test_the_inputs_of_a_column_stand_together(source: Path) -> None:
    dataset = rich(source, "z")
    columns = [entry.name for entry in dataset.preparation.entries for _ in entry.inputs]
    assert dataset.inputs == tuple(name for entry in dataset.preparation.entries for name in entry.inputs)
    assert len(dataset.inputs) == len(columns) == dataset.train.X.shape[0]
    assert all(name.startswith(column) for name, column in zip(dataset.inputs, columns, strict=True))
    place = dataset.inputs.index("moment bin 10")
    assert dataset.inputs[place + 1 : place + 5] == ("moment sin 7d", "moment cos 7d", "moment sin 1d", "moment cos 1d")


def test_validation_rows_leave_no_trace(source: Path) -> None:
    dataset = rich(source)
    assert dataset.validation is not None
    raw = pd.read_csv(source)
    held = dataset.validation.rows
    raw.loc[held, "size"] = 1e6
    raw.loc[held, "town"] = "atlantis"
    raw.loc[held, "zeros"] = np.nan
    raw.to_csv(source, index=False)
    changed = rich(source)
    assert changed.preparation == dataset.preparation
    np.testing.assert_array_equal(changed.train.X, dataset.train.X)


def test_plain_is_what_it_was(source: Path) -> None:
    settings = DataSettings(source=str(source), target="y")
    plain = load(settings)
    assert settings.preparation == "plain"
    assert all(entry_to_dict(entry).keys().isdisjoint(rich_fitting_fields()) for entry in plain.preparation.entries)
    assert not any(info.becomes for info in plain.columns)


def rich_fitting_fields() -> set[str]:
    return {"clip", "edges", "periods", "missing", "other", "rare", "statistics"}


def test_a_rich_preparation_survives_json_and_pieces(source: Path) -> None:
    dataset = rich(source)
    preparation = Preparation.from_dict(json.loads(json.dumps(dataset.preparation.to_dict())))
    assert preparation == dataset.preparation
    natural = pd.read_csv(source)
    expected = preparation.apply(natural)
    text = pd.read_csv(source, dtype=str, keep_default_na=False)
    np.testing.assert_array_equal(preparation.apply(text).X, expected.X)
    pieces = [preparation.apply(natural.iloc[start : start + 37]).X for start in range(0, len(natural), 37)]
    np.testing.assert_array_equal(np.hstack(pieces), expected.X)
    for place in range(0, ROWS, 7):
        row = raw_row(preparation.entries, expected.X[:, place])
        again = preparation.apply({name: np.array([value], dtype=object) for name, value in row.items()}).X
        np.testing.assert_allclose(again[:, 0], expected.X[:, place], atol=1e-6)


def test_too_many_inputs_mean_fewer_bins(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for most, bins in ((4_000, 10), (120, 5), (105, 2), (95, 0)):
        monkeypatch.setattr(rich_fitting, "MOST_INPUTS", most)
        dataset = rich(source)
        edges = next(entry.bins for entry in dataset.preparation.entries if isinstance(entry, Numeric))
        assert edges == bins
        said = [note for note in dataset.notes if "bins a column" in note]
        assert said == (
            [] if bins == 10 else [f"10 bins a column would make too many inputs; there are {bins or 'none'}."]
        )


def test_what_columns_become_is_said(source: Path) -> None:
    said = {info.name: info.becomes for info in rich(source).columns}
    assert said["size"] == "10 bins, missing marked"
    assert said["day"] == "date, weekday and month, 10 bins"
    assert said["moment"] == "date, weekday and hour, 10 bins"
    assert said["colour"] == ""
    assert said["town"].startswith("64 words, ")
    assert said["town"].endswith(" rare ones together, statistics of the target")
    assert said["happy"] == "missing marked"
    assert said["y"] == ""


def test_built_in_sets_stay_plain() -> None:
    with pytest.raises(InputError, match="only the plain preparation") as caught:
        load(DataSettings(source="iris", preparation="rich"))
    assert caught.value.field == "preparation"


NUMBERS = st.one_of(
    st.floats(-1e100, 1e100), st.integers(-5, 5).map(float), st.sampled_from([1.0, 1.0 + 1e-15, 1e-300, 0.0])
)


@given(st.lists(NUMBERS, min_size=1, max_size=80), st.integers(0, 20))
def test_edges_always_increase_by_more_than_rounding(values: list[float], bins: int) -> None:
    ordered = np.sort(np.array(values))
    edges = bin_edges(ordered, bins)
    assert len(edges) in (0, *range(3, bins + 2))
    assert (np.diff(edges) > 0).all()
    if edges:
        assert edges[0] == ordered[0]
        assert edges[-1] <= ordered[-1]
        rows = np.empty((len(edges), len(values)))
        entry = Numeric("x", mean=0.0, scale=1.0, clip=3.0, edges=edges)
        prepared = Preparation((entry,)).apply({"x": np.array(values)}).X
        assert np.isfinite(prepared).all()
        assert (np.abs(prepared[1:]) <= 0.5).all()
        assert prepared.shape == rows.shape


@given(st.lists(st.one_of(NUMBERS, st.just(np.nan)), min_size=2, max_size=60))
def test_any_column_can_be_fitted_and_prepared(values: list[float]) -> None:
    from deepnet_tui.data.columns import ColumnInfo

    column = np.array(values)
    rows = np.arange(len(values))
    for kind in ("numeric", "boolean"):
        if kind == "boolean":
            column = np.where(np.isnan(column), np.nan, (column > 0).astype(float))
        info = ColumnInfo("x", kind, "feature")
        preparation, _ = rich_fitting.fit_rich([info], {"x": column}, rows, np.zeros((1, len(rows))), 10**6)
        prepared = preparation.apply({"x": column}).X
        assert np.isfinite(prepared).all()
        assert (np.abs(prepared) <= 3.0 + 1e-12).all()
        assert entry_from_dict(json.loads(json.dumps(entry_to_dict(preparation.entries[0])))) == preparation.entries[0]
