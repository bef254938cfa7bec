"""The estimators beside scikit-learn's networks, in the company of its tools, and with every one of their settings."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, make_multilabel_classification, make_regression
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from engine.estimator import DeepNetClassifier, DeepNetRegressor, base

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X_IRIS, Y_IRIS = load_iris(return_X_y=True)
X_IRIS = StandardScaler().fit_transform(X_IRIS)
X_NUMBERS, Y_NUMBERS = make_regression(120, 6, n_targets=2, noise=5.0, random_state=3)
Y_NUMBERS = StandardScaler().fit_transform(Y_NUMBERS)
TASKS: dict[str, tuple[Any, Any, Any, Any]] = {
    "binary": (DeepNetClassifier, MLPClassifier, X_IRIS, Y_IRIS > 1),
    "multiclass": (DeepNetClassifier, MLPClassifier, X_IRIS, Y_IRIS),
    "regression": (DeepNetRegressor, MLPRegressor, X_NUMBERS, Y_NUMBERS),
}
SETTINGS: dict[str, dict[str, Any]] = {
    "gd": {"solver": "sgd", "momentum": 0.0, "alpha": 0.0},
    "gd with alpha": {"solver": "sgd", "momentum": 0.0, "alpha": 0.3},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False},
    "nesterov": {"solver": "sgd", "alpha": 0.1},
    "inverse scaling": {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.5, "power_t": 0.3},
    "adaptive": {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.01, "n_iter_no_change": 2},
    "logistic": {"solver": "sgd", "activation": "logistic"},
    "identity": {"solver": "sgd", "activation": "identity", "learning_rate_init": 0.001},
    "adam": {"solver": "adam", "epsilon": 1e-300},
}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("weighted", [False, True])
def test_full_batches_train_like_scikit_learn(task: str, setting: str, weighted: bool) -> None:
    ours, theirs, X, y = TASKS[task]
    y = y[:, 0] if setting == "adaptive" and task == "regression" else y  # because of the loss, see below
    settings = {"learning_rate_init": 0.05, "max_iter": 60, "random_state": 5, "activation": "tanh"}
    settings |= {"hidden_layer_sizes": (7, 4), "batch_size": len(X), **SETTINGS[setting]}
    weight = np.random.RandomState(0).uniform(0.2, 2, len(X)) if weighted else None
    a, b = ours(**settings).fit(X, y, weight), theirs(**settings).fit(X, y, weight)
    assert a.n_iter_ == b.n_iter_
    for mine, other in zip([*a.coefs_, *a.intercepts_], [*b.coefs_, *b.intercepts_], strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-11)
    if task != "regression":  # scikit-learn's loss is the mean over the outputs there, its gradient that of the sum
        np.testing.assert_allclose(a.loss_curve_, b.loss_curve_, rtol=1e-10)
        np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(X), rtol=1e-9)
    np.testing.assert_allclose(a.score(X, y), b.score(X, y))
    assert a.out_activation_ == b.out_activation_
    assert (a.n_layers_, a.n_outputs_, a.t_) == (b.n_layers_, b.n_outputs_, b.t_)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("batch", [30, 44])
def test_batches_in_the_given_order_train_like_scikit_learn(task: str, batch: int) -> None:
    """A short last batch too, but for alpha: docs/estimators.md says how that differs."""
    ours, theirs, X, y = TASKS[task]
    settings: dict[str, Any] = {
        "solver": "sgd",
        "batch_size": batch,
        "shuffle": False,
        "max_iter": 25,
        "random_state": 1,
    }
    settings |= {"learning_rate_init": 0.02, "alpha": 0.2 if batch == 30 else 0.0, "hidden_layer_sizes": 9}
    a, b = ours(**settings).fit(X, y), theirs(**settings).fit(X, y)
    for mine, other in zip([*a.coefs_, *a.intercepts_], [*b.coefs_, *b.intercepts_], strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("solver", ["sgd", "adam", "rmsprop", "adamw", "nesterov"])
@pytest.mark.parametrize("task", TASKS)
def test_partial_fit_goes_on_with_what_the_optimizer_remembers(task: str, solver: str) -> None:
    ours, _, X, y = TASKS[task]
    settings: dict[str, Any] = {"solver": solver, "batch_size": len(X), "random_state": 2, "learning_rate_init": 0.01}
    settings |= {"hidden_layer_sizes": 6, "n_iter_no_change": math.inf}
    whole = ours(**settings, max_iter=20).fit(X, y)
    pieces = ours(**settings)
    for turn in range(20):
        pieces.partial_fit(X, y, **({"classes": np.unique(y)} if task != "regression" and not turn else {}))
        pieces = pickle.loads(pickle.dumps(pieces))  # noqa: S301 - what joblib does to an estimator
    for mine, other in zip(whole.coefs_, pieces.coefs_, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(whole.loss_curve_, pieces.loss_curve_, rtol=1e-8)
    assert whole.t_ == pieces.t_ == 20 * len(X)


def test_partial_fit_after_a_fit_over_few_examples() -> None:
    X, y = np.random.RandomState(0).randn(10, 60), np.arange(10) % 2
    model = DeepNetClassifier(8, solver="sgd", random_state=0, max_iter=30, learning_rate_init=0.05).fit(X, y)
    before = model.loss_
    for _ in range(30):
        model.partial_fit(X, y)
    assert model.loss_ < before


@pytest.mark.parametrize("task", TASKS)
def test_early_stopping_brings_the_best_parameters_back(task: str) -> None:
    ours, _, X, y = TASKS[task]
    model = ours(
        (20,), early_stopping=True, validation_fraction=0.3, random_state=4, max_iter=400, learning_rate_init=0.02
    )
    model.fit(X, y)
    assert len(model.validation_scores_) == model.n_iter_ == len(model.loss_curve_) < 400
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert model.best_loss_ is None
    rewound = clone(model).set_params(max_iter=int(np.argmax(model.validation_scores_)) + 1).fit(X, y)
    for mine, other in zip(model.coefs_, rewound.coefs_, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_it_fits_into_pipelines_searches_and_joblib() -> None:
    X, y = load_breast_cancer(return_X_y=True)
    net = DeepNetClassifier((16,), solver="adam", learning_rate_init=0.01, max_iter=30, random_state=0)
    pipeline = make_pipeline(StandardScaler(), net)
    grid = {"deepnetclassifier__hidden_layer_sizes": [(8,), (8, 4)], "deepnetclassifier__alpha": np.array([1e-4, 1e-1])}
    found = GridSearchCV(pipeline, grid, cv=3, n_jobs=2).fit(X, y)
    assert found.best_score_ > 0.95
    again = pickle.loads(pickle.dumps(found.best_estimator_))  # noqa: S301
    np.testing.assert_array_equal(again.predict_proba(X), found.predict_proba(X))


def test_as_good_as_scikit_learn_on_digits() -> None:
    X, y = load_digits(return_X_y=True)
    settings: dict[str, Any] = {"hidden_layer_sizes": (32,), "random_state": 0, "max_iter": 40}
    settings["learning_rate_init"] = 0.005
    ours = cross_val_score(make_pipeline(StandardScaler(), DeepNetClassifier(**settings)), X, y, cv=3).mean()
    theirs = cross_val_score(make_pipeline(StandardScaler(), MLPClassifier(**settings)), X, y, cv=3).mean()
    assert ours > theirs - 0.01


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {  # setting: where it counts, and another value
    "hidden_layer_sizes": ({}, {"hidden_layer_sizes": (5, 5)}),
    "activation": ({}, {"activation": "gelu"}),
    "solver": ({}, {"solver": "rmsprop"}),
    "alpha": ({}, {"alpha": 1.0}),
    "batch_size": ({}, {"batch_size": 20}),
    "learning_rate": ({"solver": "sgd"}, {"learning_rate": "invscaling"}),
    "learning_rate of adam": ({}, {"learning_rate": "invscaling"}),
    "learning_rate_init": ({}, {"learning_rate_init": 0.01}),
    "power_t": ({"learning_rate": "invscaling"}, {"power_t": 0.1}),
    "max_iter": ({}, {"max_iter": 3}),
    "shuffle": ({"batch_size": 20}, {"shuffle": False}),
    "random_state": ({}, {"random_state": 8}),
    "tol": ({"tol": 0.0}, {"tol": 1.0, "n_iter_no_change": 1}),
    "n_iter_no_change": ({"tol": 1.0, "n_iter_no_change": 1}, {"n_iter_no_change": 2}),
    "momentum": ({"solver": "sgd"}, {"momentum": 0.1}),
    "momentum of nesterov": ({"solver": "nesterov"}, {"momentum": 0.1}),
    "nesterovs_momentum": ({"solver": "sgd"}, {"nesterovs_momentum": False}),
    "early_stopping": ({}, {"early_stopping": True}),
    "validation_fraction": ({"early_stopping": True}, {"validation_fraction": 0.4}),
    "beta_1": ({}, {"beta_1": 0.5}),
    "beta_2": ({}, {"beta_2": 0.5}),
    "beta_2 of rmsprop": ({"solver": "rmsprop"}, {"beta_2": 0.5}),
    "epsilon": ({}, {"epsilon": 0.1}),
    "max_fun": ({"solver": "lbfgs"}, {"max_fun": 3}),
    "tol of lbfgs": ({"solver": "lbfgs"}, {"tol": 1.0}),
    "max_iter of lbfgs": ({"solver": "lbfgs"}, {"max_iter": 2}),
    "dropout": ({}, {"dropout": 0.3}),
    "initializer": ({}, {"initializer": "he"}),
    "clip_norm": ({"solver": "sgd"}, {"clip_norm": 1e-3}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_setting_has_an_effect(name: str) -> None:
    where, change = CHANGES[name]
    base = DeepNetClassifier((5,), random_state=1, max_iter=8).set_params(**where)
    plain, changed = base.fit(X_IRIS, Y_IRIS), clone(base).set_params(**change).fit(X_IRIS, Y_IRIS)
    assert any(
        a.shape != b.shape or not np.array_equal(a, b) for a, b in zip(plain.coefs_, changed.coefs_, strict=False)
    )


def test_the_settings_above_are_all_there_are() -> None:
    seen = {name.split()[0] for name in CHANGES} | {"verbose", "warm_start"}  # these two have tests of their own
    assert seen == set(DeepNetClassifier().get_params()) == set(DeepNetRegressor().get_params())


def test_every_setting_of_scikit_learn_has_its_default() -> None:
    ours, theirs = DeepNetClassifier().get_params(), MLPClassifier().get_params()
    assert {name: ours[name] for name in theirs} == theirs


def test_verbose_tells_of_each_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    DeepNetClassifier((3,), max_iter=3, verbose=True, early_stopping=True, random_state=0).fit(X_IRIS, Y_IRIS)
    told = capsys.readouterr().out
    assert told.count("Iteration") == told.count("Validation score") == 3
    DeepNetClassifier((3,), max_iter=2, solver="lbfgs", verbose=True).fit(X_IRIS, Y_IRIS)
    assert capsys.readouterr().out.count("Iteration") == 2


def test_warm_start_goes_on_where_it_stood() -> None:
    model = DeepNetClassifier((6,), warm_start=True, max_iter=15, random_state=0, learning_rate_init=0.01)
    first = model.fit(X_IRIS, Y_IRIS).loss_
    assert model.fit(X_IRIS, Y_IRIS).loss_curve_[15] < first
    assert len(model.loss_curve_) == 30
    with pytest.raises(ValueError, match=r"warm_start goes on with the classes \[0 1 2\]"):
        model.fit(X_IRIS[:100], Y_IRIS[:100])


BAD: list[tuple[dict[str, Any], str]] = [
    ({"solver": "newton"}, "solver 'newton' is unknown; choose one of sgd, adam"),
    ({"activation": "swish"}, "activation 'swish' is unknown"),
    ({"hidden_layer_sizes": (4, 0)}, "hidden_layer_sizes must be a whole number from 1"),
    ({"learning_rate": "cosine"}, "learning_rate 'cosine' is unknown; choose one of constant"),
    ({"learning_rate_init": 0.0}, "learning_rate_init must be a finite number above 0"),
    ({"max_iter": 0}, "max_iter must be a whole number from 1"),
    ({"alpha": -1.0}, "alpha must be a finite number at least 0"),
    ({"batch_size": 0}, "batch_size must be a whole number"),
    ({"tol": math.nan}, "tol must be a finite number"),
    ({"dropout": (0.1, 0.2, 0.3)}, "dropout has 3 rates for 1 hidden layer$"),
    ({"dropout": "0.1"}, "dropout must be a finite number"),
    ({"dropout": (1.5,)}, "dropout must be a finite number at least 0 and at most 0.99"),
    ({"beta_1": 1.5}, "beta_1 must be a finite number"),
    ({"beta_2": -1.0}, "beta_2 must be a finite number"),
    ({"momentum": 1.0}, "momentum must be a finite number"),
    ({"epsilon": None}, "epsilon must be a finite number above 0, not None"),
    ({"clip_norm": "x"}, "clip_norm must be a finite number above 0, not 'x'"),
    ({"shuffle": "no"}, "shuffle must be True or False, not 'no'"),
    ({"early_stopping": "no"}, "early_stopping must be True or False"),
    ({"warm_start": "maybe"}, "warm_start must be True or False"),
    ({"nesterovs_momentum": "x"}, "nesterovs_momentum must be True or False"),
    ({"activation": None}, "activation None is unknown; choose one of identity, logistic, relu"),
    ({"hidden_layer_sizes": None}, "hidden_layer_sizes must be a whole number from 1"),
    ({"initializer": "orthogonal"}, "initializer 'orthogonal' is unknown"),
    ({"validation_fraction": 1.0}, "validation_fraction must be a finite number above 0"),
    ({"n_iter_no_change": 0}, "n_iter_no_change must be a whole number"),
    ({"solver": "lbfgs", "early_stopping": True}, "lbfgs has no epochs"),
    ({"solver": "lbfgs", "learning_rate": "adaptive"}, "lbfgs chooses its own step lengths"),
    ({"solver": "lbfgs", "dropout": 0.5}, "lbfgs needs a deterministic cost"),
]


@pytest.mark.parametrize(("settings", "message"), BAD, ids=[str(settings) for settings, _ in BAD])
def test_a_bad_setting_is_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DeepNetClassifier(**settings).fit(X_IRIS, Y_IRIS)


def test_classes_that_partial_fit_was_not_told_of() -> None:
    model = DeepNetClassifier((3,))
    with pytest.raises(ValueError, match="the first partial_fit needs classes"):
        model.partial_fit(X_IRIS, Y_IRIS)
    model.partial_fit(X_IRIS[:60], Y_IRIS[:60], classes=[0, 1])
    with pytest.raises(ValueError, match=r"labels \[2\], which are not among the classes \[0 1\]"):
        model.partial_fit(X_IRIS, Y_IRIS)


def test_any_of_several_labels() -> None:
    X, Y = make_multilabel_classification(150, n_classes=4, random_state=0, allow_unlabeled=False)
    X = StandardScaler().fit_transform(X)
    model = DeepNetClassifier((30,), solver="lbfgs", random_state=0, alpha=1e-3).fit(X, Y)
    theirs = MLPClassifier((30,), solver="lbfgs", random_state=0, alpha=1e-3).fit(X, Y)
    assert model.score(X, Y) >= theirs.score(X, Y) - 0.01
    assert model.predict_proba(X).shape == Y.shape
    np.testing.assert_array_equal(model.predict(X), model.predict_proba(X) > 0.5)


@pytest.mark.parametrize("form", [sparse.csr_array, sparse.csc_matrix])
def test_sparse_rows_are_made_dense(form: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    X = np.where(np.abs(X_IRIS) > 0.5, X_IRIS, 0.0)
    settings: dict[str, Any] = {"hidden_layer_sizes": 5, "random_state": 0, "max_iter": 5}
    dense, thin = DeepNetClassifier(**settings).fit(X, Y_IRIS), DeepNetClassifier(**settings).fit(form(X), Y_IRIS)
    np.testing.assert_array_equal(dense.coefs_[0], thin.coefs_[0])
    np.testing.assert_allclose(thin.predict_proba(form(X)), thin.predict_proba(X), rtol=1e-12)
    monkeypatch.setattr(base, "DENSE_BYTES", 1000)
    with pytest.raises(ValueError, match="X is sparse, and training needs it dense"):
        DeepNetClassifier(**settings).fit(form(X), Y_IRIS)


def test_a_run_that_diverges_keeps_its_last_finite_parameters() -> None:
    model = DeepNetRegressor((10,), solver="gd", activation="identity", learning_rate_init=5.0, random_state=0)
    with pytest.warns(ConvergenceWarning, match="infinite or not a number"):
        model.fit(X_NUMBERS, Y_NUMBERS)
    assert all(np.isfinite(W).all() for W in model.coefs_)
    assert np.isfinite(model.predict(X_NUMBERS)).all()
    with pytest.raises(ValueError, match="scale X and y"):
        DeepNetRegressor().fit(X_NUMBERS * 1e300, Y_NUMBERS)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_float32_stays_float32(solver: str) -> None:
    X, y = X_NUMBERS.astype(np.float32), Y_NUMBERS.astype(np.float32)
    model = DeepNetRegressor((8,), solver=solver, random_state=0, max_iter=40).fit(X, y)
    assert {array.dtype for array in [*model.coefs_, *model.intercepts_, model.predict(X)]} == {np.dtype(np.float32)}


def test_weights_stand_for_repeated_examples() -> None:
    count = np.random.RandomState(1).randint(0, 3, len(X_IRIS))
    settings: dict[str, Any] = {"hidden_layer_sizes": 5, "solver": "lbfgs", "random_state": 0, "max_iter": 20}
    weighted = DeepNetClassifier(**settings).fit(X_IRIS, Y_IRIS, sample_weight=count)
    repeated = DeepNetClassifier(**settings).fit(np.repeat(X_IRIS, count, axis=0), np.repeat(Y_IRIS, count))
    np.testing.assert_allclose(weighted.predict_proba(X_IRIS), repeated.predict_proba(X_IRIS), rtol=1e-6)


def test_names_of_columns_and_of_classes() -> None:
    table = pd.DataFrame(X_IRIS, columns=["a", "b", "c", "d"])
    names = np.array(["setosa", "versicolor", "virginica"])[Y_IRIS]
    model = DeepNetClassifier((5,), random_state=0, max_iter=80, learning_rate_init=0.02).fit(table, names)
    assert list(model.feature_names_in_) == ["a", "b", "c", "d"]
    assert list(model.classes_) == ["setosa", "versicolor", "virginica"]
    assert model.score(table, names) > 0.9
    with pytest.raises(ValueError, match="feature names"):
        model.predict(table[["d", "c", "b", "a"]])


def test_settings_may_be_changed_after_the_fit() -> None:
    """They are those of the next fit; predictions are of the network that was fitted."""
    model = DeepNetClassifier((6, 4), activation="tanh", max_iter=5, random_state=0).fit(X_IRIS, Y_IRIS)
    before = model.predict_proba(X_IRIS)
    model.set_params(hidden_layer_sizes=(3,), activation="relu", dropout=0.5)
    np.testing.assert_array_equal(model.predict_proba(X_IRIS), before)
    with pytest.raises(ValueError, match=r"hidden_layer_sizes must stay \(6, 4\) while training goes on"):
        model.partial_fit(X_IRIS, Y_IRIS)
    assert model.fit(X_IRIS, Y_IRIS).n_layers_ == 3


def test_the_callers_arrays_are_left_alone() -> None:
    X, y = X_IRIS.copy(), Y_IRIS.copy()
    X.flags.writeable = y.flags.writeable = False
    DeepNetClassifier((4,), max_iter=3).fit(X, y).predict(X)
