"""Whole numbers that are names are found by what they say of the target, and by nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepnet_tui.data.load import load
from deepnet_tui.data.preparation.entries import Categorical, Numeric
from deepnet_tui.data.schema.number_names import ADVANTAGE, explained
from deepnet_tui.data.settings import ColumnSettings, DataSettings
from tests.deepnet_tui.data.peoples_files import predictions

SCHOOLS, PUPILS = 250, 12


def pupils(random: np.random.Generator) -> tuple[Any, Any]:
    """The number of a pupil's school (m,), and a mark that depends on which school it is."""
    school = np.repeat(random.permutation(np.arange(1000, 1000 + SCHOOLS)), PUPILS)
    mark = random.normal(size=2000)[school - 1000] + random.normal(size=SCHOOLS * PUPILS)
    return school.astype(float), mark


@pytest.fixture
def school_file(tmp_path: Path) -> Path:
    random = np.random.default_rng(5)
    school, mark = pupils(random)
    order = random.permutation(len(school))
    frame = pd.DataFrame({"school": school.astype(int), "age": random.integers(100, 200, len(school)), "mark": mark})
    path = tmp_path / "pupils.csv"
    frame.iloc[order].to_csv(path, index=False)
    return path


@pytest.mark.parametrize("classes", [None, 2, 4])
def test_schools_are_names(classes: int | None) -> None:
    school, mark = pupils(np.random.default_rng(1))
    if classes is None:
        Y = mark[np.newaxis]
    else:
        label = np.digitize(mark, np.quantile(mark, np.arange(1, classes) / classes))
        Y = (np.arange(classes)[:, np.newaxis] == label).astype(float)[-1 if classes == 2 else 0 :]
    found = explained(school, Y, seed=1)
    assert found is not None
    assert found[0] > found[1] + ADVANTAGE


@given(st.integers(0, 2**32 - 1), st.sampled_from(["none", "line", "wave", "steps"]), st.integers(70, 300))
@settings(max_examples=40, deadline=None)
def test_amounts_are_not(seed: int, shape: str, most: int) -> None:
    random = np.random.default_rng(seed)
    values = random.integers(0, most, 2000).astype(float)
    part = values / most
    effect = {"none": 0 * part, "line": 3 * part, "wave": np.sin(9 * part), "steps": np.floor(4 * part)}[shape]
    assert explained(values, (effect + random.normal(size=2000))[np.newaxis], seed=1) is None


@pytest.mark.parametrize("change", ["few", "fractions", "all different", "missing"])
def test_other_numbers_are_not_looked_at(change: str) -> None:
    school, mark = pupils(np.random.default_rng(1))
    if change == "few":
        school = school % 40
    elif change == "fractions":
        school = school + 0.5
    elif change == "all different":
        school = np.arange(len(school), dtype=float)
    else:
        school = np.full(len(school), np.nan)
    assert explained(school, mark[np.newaxis], seed=1) is None


def test_a_file_says_so_and_is_prepared_so(school_file: Path) -> None:
    dataset = load(DataSettings(source=str(school_file), target="mark", preparation="rich"))
    kinds = {info.name: info.kind for info in dataset.columns}
    assert kinds == {"school": "categorical", "age": "numeric", "mark": "numeric"}
    explanation = dataset.columns[0].explanation
    assert "statistics of the target" in explanation
    assert "whole numbers that act as names: by name they explain" in explanation
    assert isinstance(dataset.preparation.entries[0], Categorical)
    assert {"1000", "1249"} <= set(dataset.preparation.entries[0].known)


def test_a_chosen_kind_and_the_plain_preparation_stay(school_file: Path) -> None:
    numeric = {"school": ColumnSettings(kind="numeric")}
    for more in ({"preparation": "rich", "columns": numeric}, {"preparation": "plain"}):
        dataset = load(DataSettings.model_validate({"source": str(school_file), "target": "mark", **more}))
        assert isinstance(dataset.preparation.entries[0], Numeric)


def test_new_rows_are_predicted_by_name_in_every_form(school_file: Path, tmp_path: Path) -> None:
    rows = school_file.read_text().splitlines()
    forms = [rows[0], *rows[1:40], "5.0,150,0", ",150,0", *(f"{float(row.split(',')[0])},150,0" for row in rows[1:4])]
    (tmp_path / "new.csv").write_text("\n".join(forms) + "\n")
    found = predictions(school_file, "mark", tmp_path, tmp_path / "new.csv")
    assert any(
        "of 'school' are unknown to the model" in note or "of 'school' is unknown" in note for note in found.notes
    ), found.notes
    np.testing.assert_allclose(found.predicted, found.python, rtol=1e-9, atol=1e-12)
