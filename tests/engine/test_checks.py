"""What cannot be trained on is said in one sentence, before training starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine import DataError, Finished, LayerSpec, NetworkSpec, SpecError, Trainer, TrainingSpec
from engine.compiled import memory_budget
from tests.engine.strategies import make_data, small_net, spec

NAN_AT = np.ones((4, 9))
NAN_AT[2, 5] = np.nan
INF_AT = np.ones((4, 9))
INF_AT[0, 0] = INF_AT[3, 8] = -np.inf
LABELS = np.zeros((1, 9))
X9 = np.ones((4, 9))


def make(net: NetworkSpec | None = None, **settings: Any) -> Trainer:
    return Trainer(net or small_net(), spec(**settings), X9, LABELS)


@pytest.mark.parametrize(
    ("X", "Y", "words"),
    [
        (np.ones((3, 9)), LABELS, "X has 3 features, the network expects 4 inputs"),
        (np.ones((9, 4)), LABELS, "features stand in rows"),
        (np.ones((4, 8)), LABELS, "X has 8 examples, Y has 9"),
        (np.ones((4, 0)), np.zeros((1, 0)), "empty"),
        (np.ones(4), LABELS, "two dimensions"),
        (np.ones((4, 9)), np.zeros((2, 9)), "Y has 2 rows, the network has 1 output"),
        (
            np.ones((4, 9)),
            LABELS + 2,
            "0 and 1 only for the task binary; it has 9 other values, the first (2) in row 0",
        ),
        (np.ones((4, 9)), np.arange(9)[None, :], "it has 7 other values, the first (2) in row 0, example 2"),
        (np.ones((4, 9)), LABELS - 1, "0 and 1 only"),
        (NAN_AT, LABELS, "1 value that is not finite, the first (nan) in row 2, example 5"),
        (INF_AT, LABELS, "2 values that are not finite, the first (-inf) in row 0, example 0"),
        (np.ones((4, 9)), LABELS * np.nan, "Y holds 9 values"),
        (np.full((4, 9), "a"), LABELS, "real numbers"),
        (np.full((4, 9), 1j), LABELS, "real numbers"),
        (np.full((4, 9), None), LABELS, "not finite"),
        (np.array([[1, "x"]] * 4, dtype=object), LABELS, "4 objects that are not numbers, the first ('x') in row 0"),
        (np.array([[1, "1.5"], [2, 3], [4, 5], [6, 7]], dtype=object), LABELS, "1 object that is not a number"),
        (np.array([[1, pd.NA], [2, 3], [4, 5], [6, 7]], dtype=object), LABELS, "1 value that is not finite"),
        (np.full((4, 9), 10**400, dtype=object), LABELS, "36 objects that are not numbers"),
        ([[1, 2], [3]], LABELS, "ragged"),
    ],
)
def test_data(X: Any, Y: Any, words: str) -> None:
    with pytest.raises(DataError) as caught:
        Trainer(small_net(), spec(), X, Y)
    assert words in str(caught.value)
    assert caught.value.field in ("X", "Y")
    assert "\n" not in str(caught.value)


def test_one_hot_labels() -> None:
    net = small_net("multiclass")
    with pytest.raises(DataError, match=r"Y has 1 row, the network has 3 outputs; .*one-hot"):
        Trainer(net, spec(), np.ones((4, 3)), np.arange(3)[None, :])
    Y = np.eye(3)[:, [0, 1, 2]]
    Y[0, 1] = 1
    with pytest.raises(DataError, match="example 1 has not"):
        Trainer(net, spec(), np.ones((4, 3)), Y)


@pytest.mark.parametrize(
    "convert",
    [
        lambda X: np.asfortranarray(X),
        lambda X: np.repeat(X, 2, axis=1)[:, ::2],
        lambda X: X.astype(">f8"),
        lambda X: X.astype(object),
        lambda X: X.tolist(),
        lambda X: X[:, ::-1][:, ::-1],
    ],
)
@pytest.mark.parametrize("batch_size", [None, 5])
def test_whatever_holds_the_same_numbers_trains_the_same(convert: Any, batch_size: int | None) -> None:
    net = small_net()
    X, Y = make_data(net, 20, 0)
    one, other = (Trainer(net, spec(batch_size=batch_size), data, Y) for data in (X, convert(X)))
    one.advance(10)
    other.advance(10)
    np.testing.assert_allclose(one.parameters["W1"], other.parameters["W1"], rtol=1e-12)


@pytest.mark.parametrize("kind", [np.float16, np.int8, np.uint8, bool, np.int64, np.float32])
def test_number_types(kind: type) -> None:
    net = small_net()
    X = np.random.default_rng(0).integers(0, 2, (4, 20))
    Y = make_data(net, 20, 0)[1]
    one, other = Trainer(net, spec(), X.astype(float), Y), Trainer(net, spec(), X.astype(kind), Y)
    one.advance(5)
    other.advance(5)
    np.testing.assert_array_equal(one.parameters["W1"], other.parameters["W1"])


def test_large_integers_do_not_overflow() -> None:
    net = NetworkSpec(2, (), 1, "regression", "zeros")
    X = np.full((2, 3), 2**62)
    trainer = Trainer(net, spec(learning_rate=1e-300), X, np.ones((1, 3)))
    assert trainer.cost() == 0.5


def test_a_feature_of_one_value_trains() -> None:
    net = small_net()
    X, Y = make_data(net, 20, 0)
    X[1] = 7
    end = list(Trainer(net, spec(), X, Y).run())[-1]
    assert isinstance(end, Finished)
    assert end.reason == "completed"


@pytest.mark.parametrize(
    ("settings", "field", "words"),
    [
        ({"learning_rate": float("nan")}, "learning_rate", "finite number above 0"),
        ({"learning_rate": 0}, "learning_rate", "above 0"),
        ({"learning_rate": float("inf")}, "learning_rate", "finite"),
        ({"optimizer": "sgd"}, "optimizer", "choose one of gd, momentum"),
        ({"schedule": "weekly"}, "schedule", "choose one of"),
        ({"dtype": "float16"}, "dtype", "float64, float32"),
        ({"iterations": -1}, "iterations", "whole number"),
        ({"iterations": 2.5}, "iterations", "whole number"),
        ({"seed": -1}, "seed", "whole number"),
        ({"batch_size": 0}, "batch_size", "whole number"),
        ({"momentum": 1.0}, "momentum", "at most 0.999999,"),
        ({"beta2": 1.0}, "beta2", "at most 0.9999999,"),
        ({"optimizer": []}, "optimizer", "choose one of"),
        ({"l2": -1}, "l2", "at least 0"),
        ({"class_weight": "even"}, "class_weight", "balanced"),
        ({"class_weight": {0: 1.0, 1: 5.0}}, "class_weight", "in order"),
        ({"class_weight": 5}, "class_weight", "in order"),
        ({"class_weight": (weight for weight in (1.0, -1.0))}, "class_weight", "at least 0"),
        ({"class_weight": (1, "a")}, "class_weight", "finite number"),
        ({"learning_rate": 10**400}, "learning_rate", "finite"),
        ({"shuffle": "no"}, "shuffle", "True or False"),
    ],
)
def test_training_settings(settings: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        TrainingSpec(**settings)
    assert caught.value.field == field
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: LayerSpec(0), "units"),
        (lambda: LayerSpec(1_000_000), "units"),
        (lambda: LayerSpec(True), "units"),
        (lambda: LayerSpec(3, "swish"), "activation"),
        (lambda: LayerSpec(3, dropout=1.0), "dropout"),
        (lambda: NetworkSpec(0), "inputs"),
        (lambda: NetworkSpec(2, outputs=1, task="multiclass"), "outputs"),
        (lambda: NetworkSpec(2, task="ranking"), "task"),
        (lambda: NetworkSpec(2, initializer="ones"), "initializer"),
        (lambda: NetworkSpec(2, (LayerSpec(1),) * 1001), "hidden"),
        (lambda: NetworkSpec(3, (4, 5)), "hidden"),  # type: ignore[arg-type]
        (lambda: NetworkSpec(3, 5), "hidden"),  # type: ignore[arg-type]
        (lambda: NetworkSpec(3, None), "hidden"),  # type: ignore[arg-type]
        (lambda: LayerSpec(3, ["relu"]), "activation"),  # type: ignore[arg-type]
        (lambda: Trainer("x", spec(), X9, LABELS), "network"),  # type: ignore[arg-type]
        (lambda: Trainer(small_net(), "x", X9, LABELS), "training"),  # type: ignore[arg-type]
        (lambda: make().score("validaton"), "part"),
        (lambda: make().change(dropout=2.0), "dropout"),
        (lambda: make(NetworkSpec(4)).change(dropout=0.5), "dropout"),
        (lambda: make(optimizer="adam", dtype="float32", epsilon=1e-60), "epsilon"),
        (lambda: make(optimizer="adam").change(l2=-1.0), "l2"),
    ],
)
def test_network_settings(make: Any, field: str) -> None:
    with pytest.raises(SpecError) as caught:
        make()
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("training", "words"),
    [
        (spec(batch_size=41), "only 40 examples"),
        (spec(optimizer="lbfgs", batch_size=4), "all examples at once"),
        (spec(optimizer="lbfgs", clip_norm=1.0), "own step lengths"),
        (spec(optimizer="lbfgs", schedule="cosine"), "own step lengths"),
    ],
)
def test_settings_that_do_not_fit_each_other(training: TrainingSpec, words: str) -> None:
    net = small_net()
    with pytest.raises(SpecError, match=words):
        Trainer(net, training, *make_data(net, 40, 0))


def test_a_network_too_large_for_memory_is_refused() -> None:
    net = NetworkSpec(100_000, (LayerSpec(100_000), LayerSpec(100_000)))
    with pytest.raises(SpecError, match=r"20,000,\d+,\d+ parameters .* GiB .* lower the units"):
        Trainer(net, spec(), np.zeros((100_000, 1)), np.zeros((1, 1)))


def test_memory_counts_activations_and_what_lbfgs_remembers(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = NetworkSpec(2, (LayerSpec(100_000),))
    with pytest.raises(
        SpecError, match=r"a batch of 1,000,000 examples would need .* GiB .* lower batch_size"
    ) as caught:
        memory_budget.check_memory(wide, spec(batch_size=1_000_000), 1_000_000)
    assert caught.value.field == "batch_size"
    monkeypatch.setattr(memory_budget, "available", lambda: 2.0 * 2**30)
    with pytest.raises(SpecError, match="another optimizer than lbfgs"):
        memory_budget.check_memory(NetworkSpec(20_000, (LayerSpec(1000),)), spec(optimizer="lbfgs"), 10)
    memory_budget.check_memory(NetworkSpec(20_000, (LayerSpec(1000),)), spec(optimizer="adam"), 10)


def test_a_containers_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "limit").write_text("1048576\n")
    (tmp_path / "none").write_text("max\n")
    monkeypatch.setattr(memory_budget, "GROUP_LIMITS", [str(tmp_path / name) for name in ("none", "limit", "missing")])
    assert memory_budget.available() == 2**20


def test_masked_values_are_not_trained_on() -> None:
    X = np.ma.masked_invalid(NAN_AT)
    with pytest.raises(DataError, match="1 masked value"):
        Trainer(small_net(), spec(), X, LABELS)


def test_values_too_large_for_float32() -> None:
    X = np.ones((4, 9))
    X[1, 1] = 1e39
    with pytest.raises(DataError, match="X holds 1e\\+39, which is too large for float32"):
        Trainer(small_net(), spec(dtype="float32"), X, LABELS)
    with pytest.raises(DataError, match="validation X holds"):
        Trainer(small_net(), spec(dtype="float32"), X9, LABELS, (X, LABELS))
    net = small_net("regression")
    with pytest.raises(DataError, match="Y holds"):
        Trainer(net, spec(dtype="float32"), X9, np.full((2, 9), -1e39))
    start = {name: np.full(shape, 1e39) for name, shape in small_net().shapes.items()}
    with pytest.raises(DataError, match="parameter W1 holds") as caught:
        Trainer(small_net(), spec(dtype="float32"), X9, LABELS, parameters=start)
    assert caught.value.field == "parameters"
    if np.finfo(np.longdouble).max > np.finfo(np.float64).max:
        with pytest.raises(DataError, match=r"too large for float64; scale it$"):
            Trainer(small_net(), spec(), X9 * np.longdouble("1e4000"), LABELS)


@pytest.mark.parametrize(
    ("weight", "dtype"), [(1e308, "float64"), (1e-320, "float64"), (1e38, "float32"), (1e-42, "float32")]
)
def test_weights_that_cannot_be_added_up(weight: float, dtype: str) -> None:
    with pytest.raises(DataError, match="the weights add up to"):
        Trainer(small_net(), spec(dtype=dtype), X9, LABELS, sample_weight=np.full(9, weight))


def test_numbers_of_numpy_are_numbers() -> None:
    layer = LayerSpec(np.int64(4), dropout=np.float32(0.25))  # type: ignore[arg-type]
    assert (type(layer.units), layer.dropout) == (int, 0.25)
    training = spec(learning_rate=np.float64(0.1), iterations=np.int32(7))
    assert (type(training.learning_rate), type(training.iterations)) == (float, int)
    trainer = Trainer(small_net(), training, np.ones((4, 9)), LABELS)
    trainer.advance(np.int64(5))  # type: ignore[arg-type]
    assert trainer.state()["meta"]["numbers"]["stands"]["iteration"] == 5


@pytest.mark.parametrize("weights", [np.array([1, 5]), [np.float32(1), 5], iter((1, 5))])
def test_class_weights_are_plain_numbers(weights: Any) -> None:
    training = spec(class_weight=weights)
    assert training.class_weight == (1.0, 5.0)
    state = Trainer(small_net(), training, *make_data(small_net(), 40, 1)).state()
    assert state["meta"]["training"]["class_weight"] == [1.0, 5.0]


@pytest.mark.parametrize("pair", [(1, 2, 3), 7])
def test_validation_must_be_a_pair(pair: Any) -> None:
    with pytest.raises(DataError, match="pair"):
        Trainer(small_net(), spec(), np.ones((4, 9)), LABELS, pair)


@pytest.mark.parametrize("weight", [["a"] * 9, np.ones((3, 3)), [1, 2], [-1.0] * 9, [0.0] * 9, [np.nan] * 9])
def test_sample_weights(weight: list[float]) -> None:
    with pytest.raises(DataError) as caught:
        Trainer(small_net(), spec(), np.ones((4, 9)), LABELS, sample_weight=weight)
    assert caught.value.field == "sample_weight"


def test_given_parameters() -> None:
    net = small_net()
    X, Y = make_data(net, 9, 0)
    good = {name: np.zeros(shape) for name, shape in net.shapes.items()}
    for bad, words in (
        ({}, "W1 is missing"),
        ({**good, "b2": np.zeros(3)}, "shape"),
        ({**good, "b2": np.full((3, 1), np.nan)}, "finite"),
        ({**good, "W9": np.zeros((3, 1))}, "parameter W9 is not one of this network's"),
        ([1, 2], "must be a dictionary"),
    ):
        with pytest.raises(DataError, match=words):
            Trainer(net, spec(), X, Y, parameters=bad)  # type: ignore[arg-type]
