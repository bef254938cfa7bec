"""A dense feed-forward network as a model: layers from the first to the last, whatever file they came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.preparation.entries import Block, Entry, Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.targets.scale import PLAIN
from deepnet_tui.export.foreign.description import Description
from deepnet_tui.model import Model
from engine.arrays import Array
from engine.ops.activations import ACTIVATIONS
from engine.spec import LayerSpec, NetworkSpec, SpecError


@dataclass(frozen=True)
class DenseLayer:
    """A = g(W x + b): `W` (units, before) and `b` (units,) in float64; `activation` is g, or softmax or exp."""

    W: Array
    b: Array
    activation: str


@dataclass(frozen=True)
class Feature:
    """An input of a file: `size` numbers, in `shape` where they are more than a row of them."""

    name: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))


def dense_model(
    layers: Sequence[DenseLayer],
    features: Sequence[Feature],
    description: Description,
    *,
    name: str,
    targets: Sequence[str] = (),
    classes: Sequence[str] = (),
) -> Model:
    """The model of these layers, inputs as they are. The last activation says which task it is.

    One that no task ends in becomes a hidden layer, followed by a linear one that changes nothing.
    Raises InputError for layers that make no network, and for names that do not fit it.
    """
    layers = _with_output(layers, description.output)
    *hidden, last = layers
    units = len(last.b)
    task, loss = _task(last)
    if strange := next((layer.activation for layer in hidden if layer.activation not in ACTIVATIONS), None):
        raise InputError(f"{strange} stands between two layers; here it can only be the output")
    try:
        network = NetworkSpec(
            inputs=sum(feature.size for feature in features),
            hidden=tuple(LayerSpec(len(layer.b), layer.activation) for layer in hidden),
            outputs=units,
            task=task,
            initializer="he",
            loss=loss,
        )
    except SpecError as error:
        raise InputError(str(error)) from None
    parameters = {}
    for number, layer in enumerate(layers, start=1):
        parameters[f"W{number}"], parameters[f"b{number}"] = layer.W, layer.b[:, np.newaxis]
    narrow = all(np.array_equal(value, value.astype(np.float32)) for value in parameters.values() if _is_small(value))
    dtype = np.float32 if narrow and all(map(_is_small, parameters.values())) else np.float64
    names = tuple(targets) if len(targets) == units else tuple(f"output {place + 1}" for place in range(units))
    numbers = task == "regression"
    model = Model(
        network=network,
        parameters={key: np.ascontiguousarray(value, dtype=dtype) for key, value in parameters.items()},
        name=name,
        target=names[0] if numbers else "target",
        classes=() if numbers else _classes(description.classes or tuple(classes), max(2, units)),
        preparation=Preparation(_entries(features, description.columns)),
        further_targets=dict.fromkeys(names[1:], PLAIN) if numbers else {},
    )
    return model.with_test_vectors(_examples(network.inputs))


def _examples(inputs: int) -> Array:
    return np.random.default_rng(0).standard_normal((inputs, 4)).round(3)


def _is_small(value: Array) -> bool:
    """Whether no number is beyond those of float32."""
    return bool((np.abs(value) <= np.finfo(np.float32).max).all())


def _with_output(layers: Sequence[DenseLayer], output: str | None) -> list[DenseLayer]:
    """The layers with what is said of the output, and with a last one that a task can end in."""
    layers = list(layers)
    last = layers[-1]
    if output is not None and output != last.activation:
        if last.activation != "linear":
            raise InputError(f"its output is {last.activation} already, not {output}", "output_activation")
        layers[-1] = last = replace(last, activation=output)
    units = len(last.b)
    ends = {"linear": True, "softmax": units > 1, "sigmoid": units == 1, "exp": units == 1}
    if last.activation == "softmax" and units == 1:
        raise InputError("a softmax of one unit is always 1", "output_activation")
    if not ends.get(last.activation, False):
        layers.append(DenseLayer(np.eye(units), np.zeros(units), "linear"))
    return layers


def _task(last: DenseLayer) -> tuple[str, str]:
    """The task and the loss whose output has the activation of the last layer."""
    tasks = {"sigmoid": ("binary", "default"), "softmax": ("multiclass", "default"), "exp": ("regression", "poisson")}
    return tasks.get(last.activation, ("regression", "default"))


def _classes(names: tuple[str, ...], count: int) -> tuple[str, ...]:
    if names and len(names) != count:
        raise InputError(f"the model has {count:,} classes, but {len(names):,} are named", "classes")
    return names


def _entries(features: Sequence[Feature], columns: tuple[str, ...]) -> tuple[Entry, ...]:
    size = sum(feature.size for feature in features)
    if columns:
        if len(columns) != size:
            raise InputError(f"the model has {size:,} inputs, but {len(columns):,} columns are named", "columns")
        return tuple(Numeric(column) for column in columns)
    entries: list[Entry] = []
    for feature in features:
        if len(feature.shape) > 1:
            entries.append(Block(feature.name, feature.shape))
        elif feature.size == 1:
            entries.append(Numeric(feature.name))
        else:
            entries += [Numeric(f"{feature.name}[{place}]") for place in range(feature.size)]
    return tuple(entries)
