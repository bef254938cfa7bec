"""Models to export: every kind of column, every task, random parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from deepnet_tui.data.preparation.entries import Block, Categorical, Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.targets.scale import PLAIN, TargetScale
from deepnet_tui.model import Model, TestVectors
from engine.spec import LayerSpec, NetworkSpec

PREPARATION = Preparation(
    (
        Numeric("age", fill=28.0, mean=29.7, scale=14.5),
        Categorical("sex", ("", "female", "male")),
        Numeric("alone", kind="boolean", fill=1.0, mean=0.6, scale=0.49),
        Numeric("married", kind="boolean", words=("nein", "ja"), fill=0.0, mean=0.3, scale=0.46),
        Categorical("deck", ("A", "B", "C")),
        Numeric("since", kind="date", fill=17000.5, mean=17010.25, scale=230.0),
        Block("patch", (2, 3), mean=0.1, scale=2.0),
    )
)
ROWS: tuple[dict[str, Any], ...] = (
    {
        "age": 22.0,
        "sex": "male",
        "alone": "false",
        "married": "ja",
        "deck": "B",
        "since": "2016-07-29",
        "patch": [0.5, 1.0, -2.0, 0.0, 3.25, 1.0],
    },
    {"age": None, "sex": None, "alone": None, "married": None, "deck": None, "since": None, "patch": [0.0] * 6},
    {
        "age": 80.25,
        "sex": "other",
        "alone": "true",
        "married": "nein",
        "deck": "Z",
        "since": "2019-01-01T06:00:00",
        "patch": [1.5] * 6,
    },
)
CLASSES = {"binary": ("no", "yes"), "multiclass": ("cat", "dog", "emu"), "regression": ()}


def make(
    task: str = "binary",
    hidden: tuple[str, ...] = ("relu", "tanh"),
    dtype: str = "float64",
    preparation: Preparation = PREPARATION,
    rows: tuple[dict[str, Any], ...] = ROWS,
    classes: tuple[str, ...] | None = None,
    target: str = "target",
    seed: int = 0,
) -> Model:
    """A model with random parameters whose test vectors are `rows`."""
    classes = CLASSES[task] if classes is None else classes
    outputs = len(classes) if task == "multiclass" else 1
    layers = tuple(LayerSpec(5 + place, name) for place, name in enumerate(hidden))
    network = NetworkSpec(len(preparation.inputs), layers, outputs, task, "he")
    random = np.random.RandomState(seed)
    parameters = {name: random.randn(*shape).astype(dtype) * 0.7 for name, shape in network.shapes.items()}
    scaled = task == "regression"
    model = Model(
        network,
        parameters,
        name="test",
        target=target,
        classes=classes,
        preparation=preparation,
        scaling=TargetScale(23.5, 7.25) if scaled else PLAIN,
    )
    prepared = preparation.apply(model.as_columns(rows)).X
    return Model(**{**vars(model), "test_vectors": TestVectors(rows, prepared, model.outputs(prepared))})


def by_hand(model: Model) -> Any:
    """The outputs (nL, m) for ROWS, prepared and computed without the library's code."""
    columns = []
    for age, sex, alone, married, deck, since, patch in (
        (22.0, 2, 0.0, 1.0, 1, 17011.0, [0.5, 1.0, -2.0, 0.0, 3.25, 1.0]),
        (28.0, 0, 1.0, 0.0, None, 17000.5, [0.0] * 6),
        (80.25, None, 1.0, 0.0, None, 17897.25, [1.5] * 6),
    ):
        x = [(age - 29.7) / 14.5]
        x += [float(place == sex) for place in range(3)]
        x += [(alone - 0.6) / 0.49, (married - 0.3) / 0.46, *[float(place == deck) for place in range(3)]]
        x += [(since - 17010.25) / 230.0, *[(value - 0.1) / 2.0 for value in patch]]
        columns.append(x)
    A = np.array(columns).T
    layers = len(model.network.layers)
    for layer in range(1, layers + 1):
        Z = model.parameters[f"W{layer}"].astype(float) @ A + model.parameters[f"b{layer}"].astype(float)
        A = GELU_AND_CO[model.network.hidden[layer - 1].activation](Z) if layer < layers else Z
    if model.network.task == "binary":
        return 1 / (1 + np.exp(-A))
    return np.exp(A) / np.exp(A).sum(axis=0) if model.network.task == "multiclass" else A


GELU_AND_CO: dict[str, Any] = {
    "relu": lambda z: z * (z > 0),
    "leaky_relu": lambda z: np.where(z > 0, z, z / 100),
    "elu": lambda z: np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1),
    "gelu": lambda z: z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z * z * z))) / 2,
    "silu": lambda z: z / (1 + np.exp(-z)),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "linear": lambda z: z,
}
