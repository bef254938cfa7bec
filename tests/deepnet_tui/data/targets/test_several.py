"""Several targets of a table: what is refused, which rows are used, and the scale of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.data.settings import DataSettings
from engine.ops.losses import LOSSES

ROWS = 200


def table(path: Path, gaps: bool = False) -> Path:
    random = np.random.default_rng(0)
    a, b = random.normal(size=(2, ROWS))
    y1, y2 = 3 * a - b + random.normal(size=ROWS), np.exp(2 * b + 0.3 * random.normal(size=ROWS))
    lines = ["a,b,word,y1,y2,churn,count"]
    for row in range(ROWS):
        first = "" if gaps and row < 5 else f"{y1[row]:.6f}"
        second = "" if gaps and 3 <= row < 10 else f"{y2[row]:.6f}"
        lines.append(f"{a[row]:.6f},{b[row]:.6f},{'pqr'[row % 3]},{first},{second},{'ny'[row % 2]},{row % 4}")
    path.write_text("\n".join(lines) + "\n")
    return path


def loaded(path: Path, *targets: str, **more: Any) -> Dataset:
    ignored = {name: {"role": "ignored"} for name in ("y1", "y2", "churn", "count") if name not in targets}
    settings = {"source": str(path), "target": targets, "columns": ignored, **more}
    return load(DataSettings.model_validate(settings))


def test_each_target_is_standardised_as_if_it_were_alone(tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv")
    both = loaded(path, "y2", "y1")
    assert (both.targets, both.task, both.outputs) == (("y2", "y1"), "regression", 2)
    for place, name in enumerate(both.targets):
        alone = loaded(path, name)
        assert alone.further_targets == {}
        assert alone.scaling == both.scalings[place]
        assert np.array_equal(alone.train.Y[0], both.train.Y[place])
        assert np.array_equal(alone.train.X, both.train.X)
    first = both.first_target()
    assert np.array_equal(first.train.Y, loaded(path, "y2").train.Y)
    assert [info.name for info in both.columns if info.role == "target"] == ["y1", "y2"]


def test_only_the_target_that_gains_by_it_is_on_a_logarithmic_scale(tmp_path: Path) -> None:
    both = loaded(table(tmp_path / "t.csv"), "y1", "y2", preparation="rich")
    assert [scaling.log for scaling in both.scalings] == [False, True]
    assert next(note for note in both.notes if "logarithmic" in note).startswith("y2 is trained on")
    assert np.allclose(both.train.Y.mean(axis=1), 0.0)
    assert np.allclose(both.train.Y.std(axis=1), 1.0)


def test_rows_without_one_of_the_targets_are_not_used(tmp_path: Path) -> None:
    both = loaded(table(tmp_path / "t.csv", gaps=True), "y1", "y2", validation=0.0)
    assert both.train.rows.min() == 10
    assert both.train.m == ROWS - 10
    assert "10 of 200 rows are not used: they lack one of the targets 'y1', 'y2'." in both.dropped


def test_a_test_file_needs_all_targets(tmp_path: Path) -> None:
    path, other = table(tmp_path / "t.csv"), table(tmp_path / "other.csv", gaps=True)
    both = loaded(path, "y1", "y2", test=str(other))
    assert both.test is not None
    assert both.test.Y.shape == (2, ROWS - 10)
    alone = loaded(path, "y2", test=str(path)).test
    whole = loaded(path, "y1", "y2", test=str(path)).test
    assert alone is not None
    assert whole is not None
    assert np.array_equal(alone.Y[0], whole.Y[1])
    other.write_text("a,b,word,y1\n1,2,p,3\n")
    with pytest.raises(InputError, match="has no column 'y2'"):
        loaded(path, "y1", "y2", test=str(other))


@pytest.mark.parametrize(
    ("targets", "more", "says"),
    [
        (("y1", "churn"), {}, "several targets must all be numbers, and 'churn' is a class$"),
        (("count", "y1"), {}, "'count' is a class with so few values, unless its kind is set to \"numeric\""),
        (("y1", "y1"), {}, "the target 'y1' is named twice"),
        (("y1", "nothing"), {}, "there is no column 'nothing'"),
        (("y1", "y2"), {"columns": {"y2": {"role": "ignored"}}}, "'y2' can't be a target and ignored"),
    ],
)
def test_refused_in_one_sentence(tmp_path: Path, targets: tuple[str, ...], more: Any, says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        loaded(table(tmp_path / "t.csv"), *targets, **more)
    assert raised.value.field == "target"


def test_few_values_are_numbers_where_that_is_said(tmp_path: Path) -> None:
    columns = {"count": {"kind": "numeric"}, "churn": {"role": "ignored"}, "y2": {"role": "ignored"}}
    assert loaded(table(tmp_path / "t.csv"), "y1", "count", columns=columns).outputs == 2


def test_one_name_in_a_list_is_one_target() -> None:
    assert DataSettings.model_validate({"target": ["y"]}) == DataSettings(target="y")
    assert DataSettings(target=("y", "z")).targets == ("y", "z")


def test_a_loss_for_amounts_takes_one_target(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="for one target, not for 2"):
        loaded(table(tmp_path / "t.csv"), "y1", "y2").for_loss(LOSSES["poisson"])
