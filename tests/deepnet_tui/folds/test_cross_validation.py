"""Training on folds: no fold sees its test part, and the simpler models beside it are those of scikit-learn."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss, roc_auc_score
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.experiment import Experiment
from deepnet_tui.folds.cross_validation import FoldsObserver, cross_validate
from deepnet_tui.folds.plan import FoldPlan
from deepnet_tui.folds.result import FoldsResult, merged
from deepnet_tui.folds.source import FoldSource, fold_source
from engine.training.events import Progress


def table(folder: Path, m: int = 200) -> Path:
    """Five columns of the breast cancer data, in an order of time and with groups of four rows."""
    data = load_breast_cancer()
    names = [f"f{k}" for k in range(5)]
    lines = [",".join([*names, "who", "day", "kind"])]
    for row in range(m):
        numbers = [repr(float(value)) for value in data.data[row, :5]]
        lines.append(",".join([*numbers, f"p{row // 4}", str(row * 0.5), ("bad", "good")[data.target[row]]]))
    path = folder / "cells.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def experiment(path: Path, **training: object) -> Experiment:
    plain = Experiment.default(str(path), "kind").replace("data", preparation="plain")
    return plain.replace("training", **{"iterations": 20, **training})


def validate(
    chosen: Experiment, plan: FoldPlan, observer: FoldsObserver | None = None
) -> tuple[FoldSource, FoldsResult]:
    source = fold_source(chosen.data, plan)
    stop = threading.Event()
    return source, cross_validate(chosen, source, plan, ("iterations",), observer or FoldsObserver(), stop)


def test_the_linear_model_is_that_of_cross_val_predict(tmp_path: Path) -> None:
    chosen = experiment(table(tmp_path)).replace("data", columns={"day": {"role": "ignored"}})
    source, result = validate(chosen, FoldPlan(4, group="who"))
    X, y = load_breast_cancer().data[:200, :5], load_breast_cancer().target[:200]
    fold_of = np.empty(200, dtype=int)
    for number, (_, test) in enumerate(source.parts):
        fold_of[test] = number
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    P = cross_val_predict(model, X, y, cv=PredefinedSplit(fold_of), method="predict_proba")
    for number, (fold, (_, test)) in enumerate(zip(result.folds, source.parts, strict=True)):
        assert fold.linear is not None
        assert fold.number == number + 1
        assert fold.linear["accuracy"] == pytest.approx(accuracy_score(y[test], P[test].argmax(axis=1)))
        assert fold.linear["log_loss"] == pytest.approx(log_loss(y[test], P[test]), rel=1e-3)
        assert fold.linear["roc_auc"] == pytest.approx(roc_auc_score(y[test], P[test, 1]))
    scores = np.array([fold.linear["log_loss"] for fold in result.folds if fold.linear], dtype=float)
    assert result.linear is not None
    assert result.linear["log_loss"].mean == pytest.approx(np.mean(scores))
    assert result.linear["log_loss"].std == pytest.approx(np.std(scores, ddof=1))


def test_the_metrics_are_those_of_the_predictions(tmp_path: Path) -> None:
    source, result = validate(experiment(table(tmp_path)), FoldPlan(3))
    seen: list[int] = []
    for fold in result.folds:
        found = fold.predictions
        assert found.labels is not None
        assert found.probabilities is not None
        assert found.probabilities.sum(axis=1) == pytest.approx(1.0)
        truth = source.y[found.rows]
        assert fold.metrics["accuracy"] == pytest.approx(accuracy_score(truth, found.labels))
        assert fold.metrics["roc_auc"] == pytest.approx(roc_auc_score(truth, found.probabilities[:, 1]))
        positive = source.classes.index(result.positive or "")
        assert fold.metrics["f1"] == pytest.approx(f1_score(truth, found.labels, pos_label=positive))
        seen += found.rows.tolist()
    assert sorted(seen) == source.rows.tolist()
    assert not result.interrupted


def test_columns_of_groups_and_times_are_features_only_if_asked_for(tmp_path: Path) -> None:
    settings = experiment(table(tmp_path)).data
    for plan, name in ((FoldPlan(3, group="who"), "who"), (FoldPlan(3, time="day"), "day")):
        source = fold_source(settings, plan)
        assert name not in source.prepare(source.parts[0]).preparation.columns
    asked = experiment(table(tmp_path)).replace("data", columns={"day": {"role": "feature"}}).data
    source = fold_source(asked, FoldPlan(3, time="day"))
    assert "day" in source.prepare(source.parts[0]).preparation.columns


@pytest.mark.parametrize("preparation", ["plain", "rich"])
def test_nothing_is_fitted_on_the_test_part(tmp_path: Path, preparation: str) -> None:
    path = table(tmp_path)
    settings = experiment(path).replace("data", preparation=preparation).data
    source = fold_source(settings, FoldPlan(3, time="day"))
    train, test = source.parts[1]
    before = source.prepare((train, test))
    lines = path.read_text(encoding="utf-8").splitlines()
    for row in test:
        first, *rest = lines[row + 1].split(",")
        lines[row + 1] = ",".join([repr(1000 * float(first)), *rest])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    changed = fold_source(settings, FoldPlan(3, time="day"))
    after = changed.prepare((train, test))
    assert (before.train.X == after.train.X).all()
    assert before.validation is not None
    assert after.validation is not None
    assert (before.validation.X != after.validation.X).any()


@pytest.mark.parametrize("internal", [0.0, 0.25])
def test_no_network_sees_the_labels_it_is_tested_on(tmp_path: Path, internal: float) -> None:
    """Patience, calibration and the choice of the best parameters included."""
    path = table(tmp_path)
    chosen = experiment(path, patience=2, report_every=2, iterations=60, internal=internal)
    chosen = chosen.replace("network", ensemble=2)
    plan, settings = FoldPlan(2, time="day"), ("iterations", "patience", "report_every", "internal", "ensemble")

    def last(stop: threading.Event) -> np.ndarray:
        source = fold_source(chosen.data, plan)
        result = cross_validate(chosen, source, plan, settings, FoldsObserver(), stop)
        found = result.folds[-1].predictions.probabilities
        assert found is not None
        return found

    before = last(threading.Event())
    lines = path.read_text(encoding="utf-8").splitlines()
    test = fold_source(chosen.data, plan).parts[-1][1]
    for row in test:
        rest, _, kind = lines[row + 1].rpartition(",")
        lines[row + 1] = rest + "," + {"bad": "good", "good": "bad"}[kind]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert (last(threading.Event()) == before).all()


def test_numbers_are_predicted_in_their_own_unit() -> None:
    chosen = Experiment.default("diabetes").replace("training", iterations=200)
    source, result = validate(chosen, FoldPlan(3))
    for fold in result.folds:
        values = fold.predictions.values
        assert values is not None
        rmse = np.sqrt(np.mean((values - source.y[fold.predictions.rows]) ** 2))
        assert fold.metrics["rmse"] == pytest.approx(rmse)
    assert result.naive["r2"].mean is not None
    assert result.naive["r2"].mean < 0.05
    assert result.metrics["r2"].mean is not None
    assert result.metrics["r2"].mean > 0.2


class StopsAt(FoldsObserver):
    """Asks to stop at the first report of a fold."""

    def __init__(self, number: int) -> None:
        self.number, self.stop = number, threading.Event()

    def report(self, number: int, progress: Progress) -> None:
        if (number, progress.iteration) == (self.number, 0):
            self.stop.set()


def test_what_is_finished_is_kept_when_it_is_stopped() -> None:
    chosen, plan, observer = Experiment.default("moons"), FoldPlan(4), StopsAt(3)
    source = fold_source(chosen.data, plan)
    result = cross_validate(chosen, source, plan, ("iterations",), observer, observer.stop)
    assert [fold.number for fold in result.folds] == [1, 2]
    assert result.interrupted
    assert result.metrics["accuracy"].std is not None
    again = cross_validate(chosen, source, plan, ("iterations",), FoldsObserver(), observer.stop)
    assert again.folds == ()
    assert again.metrics == {}


def test_remarks_of_several_folds_are_said_once() -> None:
    said = [["all 3", "only 'x1'"], ["all 4", "only 'x2'"], ["all 5", "only 'x1'", "only 'x1'"]]
    assert merged(said) == ("all 3", "folds 1, 3: only 'x1'", "fold 2: only 'x2'")


def test_several_targets_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("x,a,b\n" + "".join(f"{n}.5,{n * 3 % 41}.25,{n * 7 % 43}.75\n" for n in range(60)))
    with pytest.raises(InputError, match="folds are for one target, not for 2"):
        fold_source(DataSettings(source=str(path), target=("a", "b")), FoldPlan(3))
