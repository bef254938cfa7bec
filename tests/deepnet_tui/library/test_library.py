"""What `import deepnet_tui as dn` offers: the same models as the command line, and the same predictions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import deepnet_tui as dn
from deepnet_tui.cli import main
from deepnet_tui.export import FORMATS
from deepnet_tui.library.frames import column_of
from tests.deepnet_tui.library.tables import QUICK, customers


def same_parameters(one: dn.TrainedModel, other: dn.TrainedModel) -> bool:
    return all(
        value.tobytes() == other.model.parameters[name].tobytes() for name, value in one.model.parameters.items()
    )


def test_a_frame_a_dict_a_file_and_the_command_line_give_the_same_model(
    model: dn.TrainedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    frame, path = customers(), tmp_path / "customers.csv"
    frame.to_csv(path, index=False)
    of_dict = dn.train({name: frame[name].tolist() for name in frame}, target="churn", seed=1, **QUICK)
    of_file = dn.train(path, target="churn", seed=1, **QUICK)
    options = ["--hidden", "6", "--ensemble", "1", "--iterations", "24", "--report-every", "8", "--seed", "1"]
    saved = tmp_path / "churn.npz"
    assert main(["train", str(path), "--target", "churn", *options, "--quiet", "--export", str(saved)]) == 0
    for other in (of_dict, of_file, dn.load(saved)):
        assert same_parameters(model, other)
        assert np.array_equal(other.predict_proba(frame), model.predict_proba(frame))
    assert dn.load(saved).metrics == model.metrics == of_file.metrics
    assert np.array_equal(model.predict_proba(path), model.predict_proba(frame))


@pytest.mark.parametrize("suffix", [suffix for suffix, entry in FORMATS.items() if entry.load])
def test_what_is_saved_is_loaded(model: dn.TrainedModel, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"churn{suffix}"
    assert "verified" in model.save(path).sentence
    same = dn.load(path)
    assert np.array_equal(same.predict_proba(customers()), model.predict_proba(customers()))
    assert same.classes == ("no", "yes")
    assert same.history is None
    with pytest.raises(ValueError, match="overwrite"):
        model.save(path)


FORMS: dict[str, Callable[[Any], Any]] = {
    "nullable": lambda f: f.convert_dtypes(),
    "arrow types": lambda f: pytest.importorskip("pyarrow") and f.convert_dtypes(dtype_backend="pyarrow"),
    "objects": lambda f: f.astype(object).where(f.notna(), None),
    "categories": lambda f: f.assign(plan=f["plan"].astype("category")),
    "zone": lambda f: f.assign(since=f["since"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")),
    "arrow": lambda f: pytest.importorskip("pyarrow").Table.from_pandas(f),
    "rows": lambda f: f.astype(object).where(f.notna(), None).to_dict("records"),
    "columns": lambda f: {name: f[name].to_numpy() for name in f},
    "other order": lambda f: f[f.columns[::-1]].set_index(pd.Index(range(7, 7 + len(f)))),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_new_data_does_not_matter(model: dn.TrainedModel, form: str) -> None:
    frame = customers(30)
    before = frame.copy()
    assert np.array_equal(model.predict_proba(FORMS[form](frame)), model.predict_proba(frame))
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("cells", "kind", "expected"),
    [
        ([1, 2, None], "f", [1.0, 2.0, np.nan]),
        ([Decimal("1.5"), 2, pd.NA], "f", [1.5, 2.0, np.nan]),
        ([True, None, False], "f", [1.0, np.nan, 0.0]),
        ([np.int8(3), 2**70, 1], "f", [3.0, 2.0**70, 1.0]),
        ([dt.timedelta(minutes=1), None], "f", [60.0, np.nan]),
        (pd.Series(["1 day", None]).astype("timedelta64[ns]"), "f", [86400.0, np.nan]),
        ([dt.date(2024, 3, 1), None], "M", [19783 * 86400, np.nan]),
        ([dt.datetime(2024, 3, 1, 9, tzinfo=dt.timezone(dt.timedelta(hours=9)))], "M", [19783 * 86400]),
        (pd.Series(pd.period_range("2024-03", periods=1, freq="M")), "M", [19783 * 86400]),
        (["a", 1, 1.0, True, None, " ? "], "words", ["a", "1", "1", "True", None, None]),
        ([b"x", float("nan")], "words", ["x", None]),
        (pd.Categorical([2, 1, None]), "words", ["2", "1", None]),
    ],
    ids=str,
)
def test_cells_of_python_objects(cells: Any, kind: str, expected: list[Any]) -> None:
    found = column_of(cells)
    if kind == "words":
        assert found.astype(object).where(found.notna(), None).tolist() == expected
    else:
        assert found.dtype.kind == kind
        moments = found.astype("datetime64[s]") if kind == "M" else found
        numbers = moments.astype("int64").where(found.notna()) if kind == "M" else found
        assert np.array_equal(numbers.to_numpy(dtype=float, na_value=np.nan), expected, equal_nan=True)


def test_unknown_words_and_gaps_are_counted(model: dn.TrainedModel) -> None:
    frame = customers(10).assign(plan="never seen", paid=np.nan)
    found = model.prediction(frame)
    assert found.unknown == {"plan": 10}
    assert found.filled == {"paid": 10}


def test_labels_are_what_pandas_makes_of_them() -> None:
    random = np.random.RandomState(1)
    x = random.randn(60)
    for y in (np.where(x > 0, 2, -1), x > 0, np.where(x > 0, "b", "a")):
        found = dn.train({"x": x, "z": random.randn(60), "y": y}, target="y", seed=1, validation=0, **QUICK)
        answers = found.predict({"x": x, "z": x})
        assert answers.dtype.kind == {"i": "i", "b": "b", "U": "O"}[y.dtype.kind]
        assert set(answers.tolist()) <= set(y.tolist()) == set(found.classes)


def test_several_targets_and_built_in_sets() -> None:
    random = np.random.RandomState(2)
    table = {name: random.randn(50) for name in ("a", "b", "u", "v")}
    found = dn.train(table, target=["v", "u"], seed=1, **QUICK)
    assert found.predict(table).shape == (50, 2)
    assert found.target == ("v", "u")
    with pytest.raises(dn.InputError, match="no probabilities"):
        found.predict_proba(table)
    moons = dn.train("moons", seed=1, iterations=20)
    assert moons.predict(np.zeros((3, 2))).shape == (3,)


def test_a_threshold_is_kept(model: dn.TrainedModel) -> None:
    sure = dn.train(customers(), target="churn", seed=1, threshold=0.99, **QUICK)
    assert same_parameters(sure, model)
    assert sure.predict(customers()).tolist().count("yes") < model.predict(customers()).tolist().count("yes")


def test_the_summary_counts_all_parameters(model: dn.TrainedModel) -> None:
    found = model.summary()
    assert found.parameters == model.model.network.size == sum(layer.parameters for layer in found.layers)
    assert "hidden 1: relu" in str(found)
    assert f"parameters: {found.parameters:,}" in str(found)
    assert len({len(line) for line in str(found).splitlines() if line.startswith(("=", "-"))}) == 1


def test_history_and_outcome(model: dn.TrainedModel) -> None:
    assert model.outcome is not None
    assert model.history is not None
    assert model.history.iteration.tolist() == [0, 8, 16, 24]
    assert np.isfinite(model.history.validation_cost).all()
    assert model.outcome.settings["training"]["iterations"] == 24
    assert "accuracy" in repr(model)


class Balanced(HTMLParser):
    """Collects the tags of HTML, and fails where one is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_notebooks_show_html_without_scripts(model: dn.TrainedModel) -> None:
    assert model.outcome is not None
    assert model.history is not None
    for shown in (model, model.outcome, model.history, model.summary()):
        page = shown._repr_html_()
        tags = Balanced(page).tags
        assert not {"script", "img", "link", "iframe"} & set(tags)
        assert "http" not in page.replace("http://www.w3.org/2000/svg", "")  # a name, not an address
        assert "prefers-color-scheme:dark" in page
    chart = ElementTree.fromstring(model.history.svg())  # noqa: S314  our own text
    assert {path.get("class") for path in chart if path.tag.endswith("path")} == {"grid", "first", "second", "third"}
    named = dn.train(customers().rename(columns={"churn": "<script>x</script>"}), target="<script>x</script>", **QUICK)
    assert "script" not in Balanced(named._repr_html_()).tags


def test_contributions_add_up_to_the_prediction(model: dn.TrainedModel, tmp_path: Path) -> None:
    pytest.importorskip("deepnet_tui.understand.contributions")
    row = customers().iloc[3]
    model.save(tmp_path / "churn.npz")
    for each in (model, dn.load(tmp_path / "churn.npz")):
        found = each.explain(row)
        assert found.columns == each.columns
        assert abs(found.base + found.values.sum() - found.prediction) < 1e-9
        assert np.isclose(each.predict_proba(row.to_frame().T), found.prediction, atol=1e-12).any()
    assert model.explain(row.to_dict(), background=customers(5)).background == 5


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "a target that is not there": (lambda: dn.train(customers(), target="chrun"), "did you mean 'churn'"),
    "a setting that is not there": (lambda: dn.train(customers(), target="churn", iteratoins=3), "mean iterations"),
    "a value that is not allowed": (lambda: dn.train(customers(), target="churn", iterations=-3), "iterations"),
    "a name that is not there": (lambda: dn.train("mooons"), "did you mean moons"),
    "a file that is not there": (lambda: dn.train("nowhere.csv", target="y"), "no file nowhere.csv"),
    "no data": (lambda: dn.train(3), "must be a data frame"),
    "no rows": (lambda: dn.train({"a": [], "y": []}, target="y"), "no rows"),
    "no columns": (lambda: dn.train({}, target="y"), "no columns"),
    "different lengths": (lambda: dn.train({"a": [1, 2], "y": [1]}, target="y"), "the same length"),
    "two columns of one name": (
        lambda: dn.train(pd.concat([customers(), customers()], axis=1), target="churn"),
        "two columns called 'months'",
    ),
    "how a file is written": (lambda: dn.train(customers(), target="churn", separator=","), "no separator"),
    "a threshold for numbers": (lambda: dn.train(customers(), target="paid", threshold="f1"), "two classes"),
    "a model that is not there": (lambda: dn.load("nowhere.npz"), "not there"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_in_one_sentence(case: str) -> None:
    call, said = WRONG[case]
    with pytest.raises(ValueError, match=said) as raised:
        call()
    assert isinstance(raised.value, dn.InputError)
    assert "\n" not in str(raised.value)
    assert raised.value.__suppress_context__


def test_new_data_that_are_wrong_are_said_in_one_sentence(model: dn.TrainedModel) -> None:
    frame = customers(3)
    for data, said in (
        (frame.drop(columns="plan"), "no column 'plan'"),
        (frame.assign(months=["1", "x", "2"]), "row 2: 'x' is not a finite number"),
        (frame.assign(plan=pd.Series([(1,), (2,), (3,)])), "lists or records"),
        ([1, 2], "rows to predict must be dicts"),
        ([], "no rows"),
        (np.zeros((2, 9)), "5 columns"),
        (7, "must be a data frame"),
    ):
        with pytest.raises(ValueError, match=said):
            model.predict(data)


def test_a_training_that_diverges_warns() -> None:
    table = {"x": np.linspace(-1, 1, 40), "y": np.linspace(-1, 1, 40) ** 2}
    with pytest.warns(RuntimeWarning, match="smaller learning rate"):
        found = dn.train(table, target="y", learning_rate=1e9, optimizer="gd", **{**QUICK, "preparation": "plain"})
    assert found.outcome is not None
    assert found.outcome.reason == "diverged"
    assert np.isfinite(found.predict(table)).all()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: dn.train("moons", target=5), "target must be the name of a column"),  # type: ignore[arg-type]
        (lambda: dn.train("moons", target=["y", 5]), "target must be the name of a column"),  # type: ignore[list-item]
        (lambda: dn.train("moons", on_report=3), "on_report must be a function"),  # type: ignore[arg-type]
        (lambda: dn.load(None), "path must be a path, not None"),  # type: ignore[arg-type]
    ],
)
def test_what_is_of_a_wrong_type_gets_a_sentence(wrong: Callable[[], object], said: str) -> None:
    with pytest.raises(dn.InputError, match=said):
        wrong()
