"""The target: task, classes, and targets that can not be predicted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from tests.deepnet_tui.data.tables import Table, csv, flip

TASKS: dict[str, tuple[Callable[[int], object], str, tuple[str, ...]]] = {
    "words, two": (flip, "binary", ("a", "b")),
    "words, three": (lambda row: "cab"[row % 3], "multiclass", ("a", "b", "c")),
    "yes and no": (lambda row: ["yes", "no"][row % 2], "binary", ("no", "yes")),
    "positive and negative": (lambda row: ["True", "False"][row % 2], "binary", ("False", "True")),
    "zero and one": (lambda row: row % 2, "binary", ("0", "1")),
    "one and two": (lambda row: row % 2 + 1, "binary", ("1", "2")),
    "few whole numbers": (lambda row: row % 3 * 5, "multiclass", ("0", "5", "10")),
    "many whole numbers": (lambda row: row * 7 % 31, "regression", ()),
    "numbers": (lambda row: row % 3 + 0.5, "regression", ()),
    "with gaps": (lambda row: "" if row % 4 == 0 else row % 2, "binary", ("0", "1")),
}


@pytest.mark.parametrize("name", TASKS)
def test_the_task_follows_from_the_target(name: str, table: Table) -> None:
    make, task, classes = TASKS[name]
    dataset = table(csv(n=lambda row: row * 13 % 47 / 3, y=make))
    assert (dataset.task, dataset.classes) == (task, classes)
    assert dataset.validation is not None
    rows = np.concatenate([dataset.train.rows, dataset.validation.rows])
    Y = np.hstack([dataset.train.Y, dataset.validation.Y])
    for row, label in zip(rows, Y.T, strict=True):
        if task == "regression":
            told = label[0] * dataset.scaling.scale + dataset.scaling.mean
            assert told == pytest.approx(float(str(make(int(row)))))
        else:
            number = int(label[0]) if task == "binary" else int(label.argmax())
            assert classes[number] == str(make(int(row)))
    missing = sum(make(row) == "" for row in range(60))
    assert len(rows) == 60 - missing
    assert any("have no 'y'" in sentence for sentence in dataset.dropped) == bool(missing)
    if task == "regression":
        assert dataset.train.Y.mean() == pytest.approx(0.0, abs=1e-12)
        assert dataset.train.Y.std() == pytest.approx(1.0)


WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "one value": ("n,y\n1,a\n2,a\n3,a\n", {}, "has only one value"),
    "one number": ("n,y\n1,3\n2,3\n3,3\n", {}, "has only one value"),
    "as many classes as rows": (csv(n=lambda r: r % 9, y=lambda r: f"k{r}"), {}, "60 different words in 60 rows"),
    "an id": (csv(n=lambda r: r % 9, y=lambda r: r + 5), {}, "neither classes nor numbers"),
    "empty target": ("n,y\n1,\n2,\n3,\n", {}, "has only one value"),
    "a date": (csv(n=lambda r: r % 9, y=lambda r: f"2024-01-{r % 28 + 1:02}"), {}, "is a date"),
    "no such target": ("n,y\n1,a\n2,b\n", {"target": "yy"}, "no column 'yy'; did you mean 'y'"),
    "no target": ("n,y\n1,a\n2,b\n", {"target": None}, "choose a target column: n, y"),
    "no feature": ("n,y\n1,a\n1,b\n1,a\n", {}, r"has no column to predict 'y' from; not used are 'n' \(always 1\)"),
    "only a target": ("y\na\nb\na\n", {}, "has no column to predict 'y' from; there is no other column"),
    "infinite target": (
        csv(n=lambda r: r % 9, y=lambda r: "inf" if r == 4 else r / 7),
        {},
        "table.csv, column 'y', row 5: the target is infinite",
    ),
    "mixed": (
        csv(n=lambda r: "oops" if r == 41 else r / 7, y=flip),
        {},
        "column 'n', row 42: 'oops' is not a finite number",
    ),
    "forced": ("n,y\nx,a\n2,b\n3,a\n", {"columns": {"n": {"kind": "numeric"}}}, "row 1: 'x' is not a finite number"),
    "forced block": ("n,y\n1,a\n2,b\n3,a\n", {"columns": {"n": {"kind": "block"}}}, "finite numbers only|block"),
    "forced date": ("n,y\n1,a\n2,b\n3,a\n", {"columns": {"n": {"kind": "date"}}}, "row 1: 1 is not a date"),
    "forced boolean": (
        "n,y\n1,a\n2,b\n3,a\n",
        {"columns": {"n": {"kind": "boolean"}}},
        "row 2: 2 is not false or true",
    ),
    "unknown column": ("n,y\n1,a\n2,b\n", {"columns": {"m": {"kind": "text"}}}, "no column 'm'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_data_that_can_not_be_used_say_why(name: str, table: Table) -> None:
    text, given_, message = WRONG[name]
    with pytest.raises(InputError, match=message) as caught:
        table(text, **{"target": "y", **given_})
    assert caught.value.field
    assert "\n" not in str(caught.value)


SPELLINGS = ["yes", "no", "1", "0", "true"]


def test_a_boolean_target_has_two_classes_in_any_spelling(table: Table) -> None:
    text = csv(n=lambda row: row * 13 % 47 / 3, y=lambda row: SPELLINGS[(0, 1, 0, 3, 4, 1, 2)[row % 7]])
    plain = table(text)
    assert plain.task == "multiclass"
    assert any("may be spellings of just two" in warning for warning in plain.warnings)
    dataset = table(text, columns={"y": {"kind": "boolean"}})
    assert (dataset.task, dataset.classes) == ("binary", ("no", "yes"))
    expected = [SPELLINGS[(0, 1, 0, 3, 4, 1, 2)[row % 7]] in ("yes", "1", "true") for row in dataset.train.rows]
    np.testing.assert_array_equal(dataset.train.Y[0], expected)
    assert not any("spellings" in warning for warning in dataset.warnings)
    cases = csv(n=lambda row: row * 13 % 47 / 3, y=lambda row: ["red", "Red", "blue"][row % 3])
    assert any("'Red' and 'red' differ in capital letters only" in warning for warning in table(cases).warnings)
    for wrong, message in (("maybe", "row 8: 'maybe' is not no or yes"), ("yes", "has only one value")):
        only = csv(n=lambda r: r % 9, y=lambda r, w=wrong: w if r == 7 or w == "yes" else SPELLINGS[r % 2])  # type: ignore[misc]
        with pytest.raises(InputError, match=message):
            table(only, columns={"y": {"kind": "boolean"}})
