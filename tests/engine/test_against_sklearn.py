"""Training, step by step, against scikit-learn's multi-layer perceptron from the same start."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

from engine import LayerSpec, NetworkSpec, Trainer, TrainingSpec
from tests.engine.strategies import TASKS, make_data

STEPS = 300
M = 60


def sklearn_after(
    net: NetworkSpec, start: dict[str, Any], X: Any, Y: Any, **solver: Any
) -> tuple[list[Any], list[Any]]:
    """Weights and biases after STEPS full-batch steps, in scikit-learn's layout."""
    kind = MLPRegressor if net.task == "regression" else MLPClassifier
    sizes = tuple(layer.units for layer in net.hidden)
    mlp = kind(hidden_layer_sizes=sizes, activation="tanh", batch_size=M, shuffle=False, **solver)
    labels = {"binary": Y[0], "multiclass": Y.argmax(axis=0), "regression": Y.T}[net.task]
    more = {} if net.task == "regression" else {"classes": np.unique(labels)}
    mlp.partial_fit(X.T, labels, **more)
    del mlp._optimizer
    mlp.coefs_ = [start[f"W{layer}"].T.copy() for layer in range(1, len(sizes) + 2)]
    mlp.intercepts_ = [start[f"b{layer}"].ravel().copy() for layer in range(1, len(sizes) + 2)]
    for _ in range(STEPS):
        mlp.partial_fit(X.T, labels)
    return mlp.coefs_, mlp.intercepts_


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("l2", [0.0, 0.5])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"optimizer": "gd"}, {"solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False}),
        ({"optimizer": "momentum"}, {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": False}),
        ({"optimizer": "nesterov"}, {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": True}),
        ({"optimizer": "adam", "epsilon": 1e-30}, {"solver": "adam", "epsilon": 1e-30}),
    ],
    ids=["gd", "momentum", "nesterov", "adam"],
)
def test_the_same_steps(task: str, l2: float, ours: Any, theirs: Any) -> None:
    outputs = {"binary": 1, "multiclass": 3, "regression": 2}[task]
    net = NetworkSpec(5, (LayerSpec(7, "tanh"), LayerSpec(4, "tanh")), outputs, task, "xavier")
    X, Y = make_data(net, M, 8)
    rate = 0.01 if ours["optimizer"] == "adam" else 0.05
    trainer = Trainer(net, TrainingSpec(learning_rate=rate, l2=l2, iterations=STEPS, **ours), X, Y)
    coefs, intercepts = sklearn_after(net, trainer.parameters, X, Y, learning_rate_init=rate, alpha=l2, **theirs)
    trainer.advance(STEPS)
    for layer, (W, b) in enumerate(zip(coefs, intercepts, strict=True), start=1):
        np.testing.assert_allclose(trainer.parameters[f"W{layer}"], W.T, rtol=0, atol=1e-12)
        np.testing.assert_allclose(trainer.parameters[f"b{layer}"].ravel(), b, rtol=0, atol=1e-12)
