"""What is understood of a file: kinds, roles, tasks, leaks; and what can't be learnt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.from_file import preview
from deepnet_tui.data.load import load
from deepnet_tui.data.settings import DataSettings

Table = Callable[..., Dataset]


def csv(rows_: int = 60, /, **columns: Callable[[int], object]) -> str:
    """A table of some rows from a function of the row for each column."""
    rows = [",".join(columns), *(",".join(str(make(row)) for make in columns.values()) for row in range(rows_))]
    return "\n".join(rows) + "\n"


def flip(row: int) -> str:
    return "ab"[row * row // 7 % 2]


KINDS: dict[str, tuple[Callable[[int], object], str, str]] = {
    "number": (lambda row: row * 37 % 61 / 4, "numeric", "feature"),
    "whole": (lambda row: row % 7, "numeric", "feature"),
    "gaps": (lambda row: "" if row % 5 == 0 else row * 31 % 59, "numeric", "feature"),
    "id": (lambda row: row * 17 % 1009, "identifier", "ignored"),
    "number of the row": (lambda row: row + 100, "identifier", "ignored"),
    "key of letters": (lambda row: f"k{row}x", "identifier", "ignored"),
    "text": (lambda row: f"once upon {row}", "text", "ignored"),
    "constant": (lambda row: "always", "constant", "ignored"),
    "constant number": (lambda row: 3.5, "constant", "ignored"),
    "empty": (lambda row: "", "constant", "ignored"),
    "zero or one": (lambda row: row % 2, "boolean", "feature"),
    "true or false": (lambda row: row % 3 == 0, "boolean", "feature"),
    "yes or no": (lambda row: ["yes", "no", ""][row % 3], "boolean", "feature"),
    "word": (lambda row: ["red", "green", "blue"][row % 3], "categorical", "feature"),
    "one word or none": (lambda row: ["x", ""][row % 2], "categorical", "feature"),
    "date": (lambda row: f"2024-01-{row % 28 + 1:02}", "date", "feature"),
    "moment": (lambda row: f"2024-01-01T10:00:{row:02}", "date", "feature"),
}


@pytest.mark.parametrize("name", KINDS)
def test_kinds_and_roles(name: str, table: Table) -> None:
    make, kind, role = KINDS[name]
    columns: dict[str, Callable[[int], object]] = {name: make, "n": lambda row: row * 13 % 47 / 3, "y": flip}
    dataset = table(csv(**columns))
    info = dataset.columns[0]
    assert (info.kind, info.role) == (kind, role)
    assert info.reason
    assert info.missing == sum(str(make(row)) == "" for row in range(60))
    mentioned = any(repr(name) in sentence for sentence in dataset.dropped)
    assert mentioned == (role == "ignored")
    assert (name in dataset.preparation.columns) == (role == "feature")


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
            told = label[0] * dataset.target_scale + dataset.target_mean
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


def test_a_kind_can_be_given(table: Table) -> None:
    text = csv(n=lambda row: row % 4, y=lambda row: row % 3, more=lambda row: row * 13 % 47 / 3)
    dataset = table(text, columns={"n": {"kind": "categorical"}, "y": {"kind": "numeric"}, "more": {"role": "ignored"}})
    assert dataset.task == "regression"
    assert dataset.inputs == ("n=0", "n=1", "n=2", "n=3")
    assert "'more' is not used: numbers; set to ignored." in dataset.dropped
    assert table(text, target=None, columns={"y": {"role": "target"}}).task == "multiclass"


def test_what_gives_the_target_away_is_left_out(table: Table) -> None:
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
    assert any("as asked for" in warning for warning in asked.warnings)
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
def test_what_may_give_the_target_away_is_warned_of(name: str, table: Table) -> None:
    leak, y = SUSPECTS[name]
    columns: dict[str, Callable[[int], object]] = {"n": lambda row: row * 13 % 47 / 3, "a b": leak, "y": y}
    dataset = table(csv(400, **columns))
    assert any(info.name == "a b" and info.role == "feature" for info in dataset.columns)
    assert [warning for warning in dataset.warnings if "all but tells" in warning] == [
        "'a b' all but tells the target alone: make sure that it is known before the target is; "
        "otherwise --ignore 'a b', or leave it out in the data screen."
    ]
    asked = table(csv(400, **columns), columns={"a b": {"role": "feature"}})
    assert not any("all but tells" in warning for warning in asked.warnings)


def test_many_suspects_are_one_warning(table: Table) -> None:
    columns: dict[str, Callable[[int], object]] = {
        f"n{place}": lambda row, place=place: 10 * (flip(row) == "b") + NOISE[row] + place  # type: ignore[misc]
        for place in range(7)
    }
    (warning,) = table(csv(400, **columns, y=flip)).warnings
    assert warning.startswith("'n0', 'n1', 'n2', 'n3', 'n4' and 2 others each all but tell the target alone")


@pytest.mark.parametrize("name", ["breast_cancer", "iris", "wine", "digits", "diabetes", "gaussians", "moons"])
def test_good_features_raise_no_alarm(name: str, table: Table) -> None:
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
        assert not any("tells" in warning or "away" in warning for warning in dataset.warnings)


def test_an_honest_good_feature_stays(table: Table) -> None:
    dataset = table(csv(300, n=lambda row: row % 2 * 10 + row * 13 % 9, y=lambda row: "ab"[row % 2 or row % 50 == 0]))
    assert "n" in dataset.inputs
    assert not dataset.warnings


def test_warnings(table: Table) -> None:
    rare = table(csv(200, n=lambda row: row * 13 % 47 / 3, y=lambda row: "ab"[row % 20 == 0]))
    assert any("out of balance: 'b' is 5.0%" in warning for warning in rare.warnings)
    small = table(csv(40, n=lambda row: row * 13 % 47 / 3, y=flip))
    assert any("only 8 examples" in warning for warning in small.warnings)


WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "one value": ("n,y\n1,a\n2,a\n3,a\n", {}, "has only one value"),
    "one number": ("n,y\n1,3\n2,3\n3,3\n", {}, "has only one value"),
    "as many classes as rows": (csv(n=lambda r: r % 9, y=lambda r: f"k{r}"), {}, "60 different words in 60 rows"),
    "an id": (csv(n=lambda r: r % 9, y=lambda r: r + 5), {}, "neither classes nor numbers"),
    "empty target": ("n,y\n1,\n2,\n3,\n", {}, "has only one value"),
    "a date": (csv(n=lambda r: r % 9, y=lambda r: f"2024-01-{r % 28 + 1:02}"), {}, "is a date"),
    "no such target": ("n,y\n1,a\n2,b\n", {"target": "yy"}, "no column 'yy'; did you mean 'y'"),
    "no target": ("n,y\n1,a\n2,b\n", {"target": None}, "Choose a target out of n, y"),
    "no feature": ("n,y\n1,a\n1,b\n1,a\n", {}, r"has no column to learn 'y' from; not used are 'n' \(always 1\)"),
    "only a target": ("y\na\nb\na\n", {}, "has no column to learn 'y' from; there is no other column"),
    "infinity": ("n,y\n1,a\n2,b\ninf,a\n4,b\n", {}, "table.csv, column 'n', row 3: inf is not a finite number"),
    "infinite target": (csv(n=lambda r: r % 9, y=lambda r: "inf" if r == 4 else r / 7), {}, "column 'y', row 5: inf"),
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
def test_what_can_not_be_learnt_is_said(name: str, table: Table) -> None:
    text, given_, message = WRONG[name]
    with pytest.raises(InputError, match=message) as caught:
        table(text, **{"target": "y", **given_})
    assert caught.value.field
    assert "\n" not in str(caught.value)


def test_a_test_file_is_measured_on_only(table: Table, tmp_path: Path) -> None:
    text = csv(n=lambda row: row * 13 % 47 / 3, w=lambda row: "uv"[row % 2], y=flip)
    test = tmp_path / "test.csv"
    test.write_text("y,w,n\na,u,5\n,u,5\nb,z,6\n")
    dataset = table(text, test=str(test))
    assert dataset.test is not None
    np.testing.assert_array_equal(dataset.test.rows, [0, 2])
    np.testing.assert_array_equal(dataset.test.Y, [[0, 1]])
    np.testing.assert_array_equal(dataset.test.X[1:], [[1, 0], [0, 0]])
    assert "test.csv: 1 word of 'w' was never seen in training." in dataset.notes
    assert "1 of 3 rows of test.csv have no 'y'." in dataset.dropped
    np.testing.assert_array_equal(dataset.train.X, table(text).train.X)
    for wrong, message in (
        ("y,w\na,u\n", "has no column 'n'"),
        ("y,w,n\nc,u,1\n", "row 1: the class 'c' is not one of a, b"),
    ):
        test.write_text(wrong)
        with pytest.raises(InputError, match=message):
            table(text, test=str(test))


SPELLINGS = ["yes", "no", "1", "0", "true"]


def test_a_boolean_target_has_two_classes_however_they_are_spelled(table: Table) -> None:
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
    assert any("'Red' and 'red' differ in capital letters alone" in warning for warning in table(cases).warnings)
    for wrong, message in (("maybe", "row 8: 'maybe' is not no or yes"), ("yes", "has only one value")):
        only = csv(n=lambda r: r % 9, y=lambda r, w=wrong: w if r == 7 or w == "yes" else SPELLINGS[r % 2])  # type: ignore[misc]
        with pytest.raises(InputError, match=message):
            table(only, columns={"y": {"kind": "boolean"}})


def test_a_boolean_target_of_a_test_file_may_be_spelled_otherwise(table: Table, tmp_path: Path) -> None:
    text = csv(n=lambda row: row * 13 % 47 / 3, y=lambda row: ["no", "yes"][row * row // 7 % 2])
    test = tmp_path / "test.csv"
    test.write_text("n,y\n1,NO\n2,\n3,true\n")
    dataset = table(text, test=str(test))
    assert dataset.test is not None
    np.testing.assert_array_equal(dataset.test.Y, [[0, 1]])
    test.write_text("n,y\n1,no\n2,perhaps\n")
    with pytest.raises(InputError, match=r"test.csv, column 'y', row 2: 'perhaps' is not no or yes"):
        table(text, test=str(test))


def test_a_boolean_feature_may_be_spelled_in_many_ways(table: Table) -> None:
    words = ["no", "NO", "yes", "Yes"]
    text = csv(n=lambda row: row * 13 % 47 / 3, b=lambda row: words[row % 4], y=flip)
    dataset = table(text, columns={"b": {"kind": "boolean"}})
    assert [x > 0 for x in dataset.train.X[1]] == [row % 4 > 1 for row in dataset.train.rows]


def test_a_number_that_looks_like_an_identifier_is_a_number_when_asked_for(table: Table) -> None:
    text = csv(serial=lambda row: 1900 + row, n=lambda row: row * 13 % 47 / 3, y=flip)
    assert table(text).inputs == ("n",)
    dataset = table(text, columns={"serial": {"role": "feature"}})
    assert dataset.inputs == ("serial", "n")
    words = table(text, columns={"serial": {"role": "feature", "kind": "categorical"}})
    assert any("Most held-out words of 'serial', 12 of 12" in warning for warning in words.warnings)


def test_what_only_the_held_out_part_holds_is_counted(table: Table) -> None:
    text = csv(n=lambda row: row * 13 % 47 / 3, w=lambda row: "uv"[row % 2], y=flip)
    held = table(text).validation
    assert held is not None
    first, second = held.rows[:2].tolist()
    lines = text.splitlines()
    for row, word in ((first, "z"), (second, "")):
        n, _, y = lines[row + 1].split(",")
        lines[row + 1] = f"{n},{word},{y}"
    dataset = table("\n".join(lines) + "\n")
    assert dataset.validation is not None
    np.testing.assert_array_equal(dataset.validation.X[1:, :2], 0.0)
    assert "The held-out part has 1 word of 'w' that training never saw, the first is 'z'; they give zeros." in (
        dataset.notes
    )
    assert "The held-out part has 1 missing value of 'w', the training part none; they give zeros." in dataset.notes


def test_pictures_with_nothing_held_out(tmp_path: Path) -> None:
    path = tmp_path / "pictures.npz"
    np.savez(path, x=np.arange(160, dtype=np.uint8).reshape(10, 4, 4), y=np.arange(10) % 2)
    dataset = load(DataSettings(source=str(path), target="y", validation=0.0))
    assert dataset.validation is None
    assert dataset.train.X.shape == (16, 10)


def test_a_preview_needs_no_target(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(csv(n=lambda row: row / 3, y=flip))
    seen = preview(DataSettings(source=str(path)), rows=2)
    assert [info.name for info in seen.columns] == ["n", "y"]
    assert seen.rows == (("0", "a"), (str(1 / 3), "a"))
    assert seen.m == 60


@pytest.mark.parametrize(
    ("name", "target", "task", "m"),
    [
        ("titanic", "survived", "binary", 891),
        ("penguins", "species", "multiclass", 344),
        ("mpg", "mpg", "regression", 398),
    ],
)
def test_real_tables(name: str, target: str, task: str, m: int, shared: Callable[[str], Path]) -> None:
    dataset = load(DataSettings(source=str(shared(f"{name}.csv")), target=target))
    assert dataset.validation is not None
    assert (dataset.task, dataset.train.m + dataset.validation.m) == (task, m)
    ignored = {info.name for info in dataset.columns if info.role == "ignored"}
    assert ignored == {"titanic": {"alive"}, "penguins": set(), "mpg": {"name"}}[name]
    assert any("'alive' is left out" in warning for warning in dataset.warnings) == (name == "titanic")


def scikit_learns(dataset: Dataset, seed: int) -> float:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    from deepnet_tui.evaluate.metrics import in_units

    train, held = dataset.train, dataset.validation
    assert held is not None
    if dataset.task == "regression":
        network: Any = MLPRegressor(max_iter=1000, random_state=seed).fit(train.X.T, in_units(dataset, train.Y))
        return float(network.score(held.X.T, in_units(dataset, held.Y)))

    def numbers(Y: Any) -> Any:
        return Y[0] if dataset.task == "binary" else Y.argmax(axis=0)

    network = MLPClassifier(max_iter=1000, random_state=seed).fit(train.X.T, numbers(train.Y))
    return float(network.score(held.X.T, numbers(held.Y)))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("name", "target"), [("titanic", "survived"), ("penguins", "species"), ("mpg", "mpg")])
def test_defaults_are_as_good_as_scikit_learn(name: str, target: str, shared: Callable[[str], Path]) -> None:
    from deepnet_tui.evaluate.metrics import baseline, evaluate
    from deepnet_tui.experiment import Experiment

    scores = []
    for seed in range(1, 6):
        experiment = Experiment.default(str(shared(f"{name}.csv")), target)
        experiment = experiment.replace("data", seed=seed).replace("training", seed=seed)
        dataset = load(experiment.data)
        experiment = experiment.suited(dataset, ())
        trainer = experiment.trainer(dataset)
        trainer.advance(experiment.training.iterations)
        measure = "r2" if dataset.task == "regression" else "accuracy"
        ours, line = evaluate(dataset, trainer.predict)["validation"], (baseline(dataset) or {})["validation"]
        assert ours is not None
        assert line is not None
        scores.append((ours[measure] or 0.0, scikit_learns(dataset, seed), line[measure] or 0.0))
    ours_, theirs, lines = np.mean(scores, axis=0)
    assert ours_ >= theirs
    assert ours_ >= lines


def test_defaults_for_pictures_beat_a_line(shared: Callable[[str], Path]) -> None:
    from deepnet_tui.evaluate.metrics import baseline, evaluate
    from deepnet_tui.experiment import Experiment

    experiment = Experiment.default(str(shared("train_catvnoncat.h5")))
    experiment = experiment.replace("data", test=str(shared("test_catvnoncat.h5")), validation=0.0)
    dataset = load(experiment.data)
    found = []
    for seed in range(1, 6):
        trainer = experiment.replace("training", seed=seed).trainer(dataset)
        trainer.advance(experiment.training.iterations)
        test = evaluate(dataset, trainer.predict)["test"]
        assert test is not None
        found.append(test["accuracy"] or 0.0)
    line = (baseline(dataset) or {})["test"]
    assert line is not None
    assert np.mean(found) >= (line["accuracy"] or 0.0)


def test_the_cats(shared: Callable[[str], Path]) -> None:
    from deepnet_tui.evaluate.metrics import evaluate
    from deepnet_tui.experiment import Experiment

    experiment = Experiment.default(str(shared("train_catvnoncat.h5")))
    experiment = experiment.replace("data", test=str(shared("test_catvnoncat.h5")), validation=0.0, seed=1)
    experiment = experiment.replace("network", initializer="lecun", hidden=[20, 7, 5])
    experiment = experiment.replace("training", learning_rate=0.0075, iterations=2500, seed=1)
    dataset = load(experiment.data)
    assert dataset.classes == ("non-cat", "cat")
    trainer = experiment.trainer(dataset)
    costs = [event.cost for event in trainer.run()][:4]
    np.testing.assert_allclose(costs, [0.771749, 0.672053, 0.648263, 0.611507], atol=1e-4)
    test = evaluate(dataset, trainer.predict)["test"]
    assert test is not None
    assert float(test["accuracy"] or 0) >= 0.78


ODD_CELLS = st.sampled_from(
    ["", "1", "0", "2.5", "-3e4", "1e308", "-1e308", "1e400", "inf", "nan", "yes", "no", "true", "x", "y z", "NA",
     "2024-01-01", "2024-13-45", "0001-01-01", "99999999999999999999", "é", "1_0", "٣", "0x1", "1,5", "  7 ", "None"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_table_is_a_problem_or_a_sentence(data: st.DataObject) -> None:
    import csv as writer
    import tempfile

    width = data.draw(st.integers(1, 4))
    pools = [data.draw(st.lists(ODD_CELLS, min_size=1, max_size=4)) for _ in range(width)]
    rows = data.draw(st.integers(1, 40))
    random = data.draw(st.randoms(use_true_random=False))
    cells = [[random.choice(pool) for pool in pools] for _ in range(rows)]
    validation = data.draw(st.sampled_from([0.0, 0.2, 0.9]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "odd.csv"
        with path.open("w", newline="", encoding="utf-8") as text:
            writer.writer(text).writerows([[f"c{place}" for place in range(width)], *cells])
        try:
            dataset = load(DataSettings(source=str(path), target="c0", separator=",", validation=validation))
        except InputError as error:
            assert "\n" not in str(error)  # noqa: PT017
            return
    parts = [part for part in (dataset.train, dataset.validation) if part is not None]
    assert all(np.isfinite(part.X).all() and np.isfinite(part.Y).all() for part in parts)
    assert sum(part.m for part in parts) <= rows
    assert len(dataset.inputs) == dataset.train.X.shape[0] > 0
    lost = rows - sum(part.m for part in parts)
    assert bool(lost) == any("rows are not used" in sentence for sentence in dataset.dropped)


@pytest.mark.parametrize("name", ["paid", "humid", "bid", "grid", "Year", "birth_year"])
def test_a_number_is_not_an_id_for_the_end_of_its_name(name: str, table: Table) -> None:
    years = name.lower().endswith("year")
    cells = [1950 + row if years else row * 17 % 1009 for row in range(60)]
    text = f"{name},y\n" + "".join(f"{cell},{row % 7}.5\n" for row, cell in enumerate(cells))
    assert table(text).columns[0].kind == "numeric"


@pytest.mark.parametrize("name", ["customerId", "PassengerID", "user_id", "user-id", "Id", "ID", "index"])
def test_an_id_by_its_name_is_one_unless_it_is_the_target(name: str, table: Table) -> None:
    text = f"{name},y\n" + "".join(f"{row * 17 % 1009},{row % 7}.5\n" for row in range(60))
    with pytest.raises(InputError, match="no column to learn 'y' from"):
        table(text)
    assert table(text, target=name).task == "regression"


def test_numbers_that_begin_with_a_zero_are_words(table: Table) -> None:
    text = "zip,n,y\n" + "".join(f"0{1230 + row % 4},{row % 10},{'ab'[row % 3 % 2]}\n" for row in range(80))
    dataset = table(text)
    assert dataset.columns[0].kind == "categorical"
    assert dataset.preparation.inputs[:4] == tuple(f"zip=0{number}" for number in (1230, 1231, 1232, 1233))
    assert dataset.columns[1].kind == "numeric"


def test_a_test_file_is_read_with_the_types_of_training(table: Table, tmp_path: Path) -> None:
    text = "dep,n,y\n" + "".join(f"{('01', '02', '2A', '75')[row % 4]},{row % 9},{row % 3 % 2}\n" for row in range(80))
    test = tmp_path / "test.csv"
    seen = {}
    for name, rows in {"alone": "01,1,1.0\n02,2,0.0\n", "with a word": "01,1,1\n02,2,0\n2A,3,1\n"}.items():
        test.write_text("dep,n,y\n" + rows)
        part = table(text, test=str(test)).test
        assert part is not None
        seen[name] = part.X[:, :2], part.Y[:, :2]
    np.testing.assert_array_equal(seen["alone"][0], seen["with a word"][0])
    np.testing.assert_array_equal(seen["alone"][1], seen["with a word"][1])
    assert seen["alone"][0][:4].sum() == 2


def test_a_test_file_with_a_picture_where_a_number_belongs(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    np.savez(tmp_path / "a.npz", x=random.standard_normal(50), y=np.arange(50) % 3 % 2)
    np.savez(tmp_path / "b.npz", x=random.standard_normal((9, 2, 2)), y=np.arange(9) % 2)
    np.savez(tmp_path / "c.npz", x=random.standard_normal(9), y=random.standard_normal((9, 2, 2)))
    for name, says in (("b.npz", "'x' holds 4 numbers a row where"), ("c.npz", "'y' holds many numbers a row")):
        with pytest.raises(InputError, match=says):
            load(DataSettings(source=str(tmp_path / "a.npz"), test=str(tmp_path / name)))


def test_a_test_file_with_a_gap_in_a_picture(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    pictures = random.standard_normal((50, 2, 2))
    np.savez(tmp_path / "a.npz", x=pictures, y=np.arange(50) % 3 % 2)
    pictures[7, 1, 0] = np.nan
    np.savez(tmp_path / "b.npz", x=pictures, y=np.arange(50) % 3 % 2)
    with pytest.raises(InputError, match=r"b\.npz, column 'x', row 8: a number is missing"):
        load(DataSettings(source=str(tmp_path / "a.npz"), test=str(tmp_path / "b.npz")))


def test_a_held_out_part_without_a_class_says_so(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("n,y\n" + "".join(f"{row % 17},{'no' if row % 3 else 'yes'}\n" for row in range(300)))
    warnings = load(DataSettings(source=str(path), target="y", validation=0.001)).warnings
    assert any("held-out part has no example of the class '" in warning for warning in warnings)
    assert not any("0 examples" in warning for warning in warnings)


def test_a_count_of_different_values_says_that_there_may_be_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deepnet_tui.data.schema.inference.LOOKED_AT", 30)
    path = tmp_path / "table.csv"
    path.write_text("n,flag,word,y\n" + "".join(f"{row / 8},{row % 2},w{row % 5},{row % 7}\n" for row in range(100)))
    infos = {info.name: info for info in preview(DataSettings(source=str(path))).columns}
    assert (infos["n"].distinct, infos["n"].more) == (30, True)
    assert not infos["flag"].more
    assert (infos["word"].distinct, infos["word"].more) == (5, False)
    from deepnet_tui.screens.data.column_list import _row

    assert " 30+ " in _row(infos["n"], 9).plain
    assert " 5 " in _row(infos["word"], 9).plain
