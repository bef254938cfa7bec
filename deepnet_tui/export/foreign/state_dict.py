"""PyTorch's `state_dict` as safetensors: the weights of linear layers by name, without their activations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import listed, quoted
from deepnet_tui.export.foreign.dense import DenseLayer, Feature, dense_model
from deepnet_tui.export.foreign.description import Description
from deepnet_tui.export.format import broken
from deepnet_tui.model import Model

DTYPES = ("F64", "F32", "F16")
MOST_LAYERS = 1_000
ENOUGH = 2  # orders that fit: then it is not known which one is meant

Shapes = dict[str, tuple[int, int]]  # (units, before) by the name of a layer


def read_state_dict(path: Path, description: Description) -> Model:
    """The model of tensors `NAME.weight` (units, before) and `NAME.bias` (units,).

    Layers follow one another by their numbers, else as their shapes fit together, or as `description.layers` says.
    Raises InputError for tensors of other layers, and where the activations are not said.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as archive:
            names = _ordered(_shapes(archive), description.layers)
            activations = _activations(path, len(names) - 1, description)
            layers = []
            for name, activation in zip(names, activations, strict=True):
                W = archive.get_tensor(f"{name}.weight").astype(np.float64)
                has_bias = f"{name}.bias" in archive.keys()  # noqa: SIM118  an archive is no mapping
                b = archive.get_tensor(f"{name}.bias").astype(np.float64) if has_bias else np.zeros(len(W))
                layers.append(DenseLayer(W, b, activation))
        features = [Feature("x", (layers[0].W.shape[1],))]
        return dense_model(layers, features, description, name=path.stem)
    except InputError as error:
        if error.field:
            raise
        raise broken(path, str(error)) from None
    except (SafetensorError, OSError, ValueError) as error:
        raise broken(path, f"it is not a whole safetensors file ({error})") from None


def _shapes(archive: Any) -> Shapes:
    """The shape of the weights of every layer. Raises InputError for a tensor that belongs to no linear layer."""
    found = {name: tuple(archive.get_slice(name).get_shape()) for name in archive.keys()}  # noqa: SIM118
    shapes: Shapes = {}
    for name, shape in found.items():
        kind = archive.get_slice(name).get_dtype()
        layer, _, part = name.rpartition(".")
        weight = found.get(f"{layer}.weight", ())
        fits = len(shape) == 2 if part == "weight" else part == "bias" and shape == weight[:1] and len(weight) == 2
        if not layer or not fits:
            raise InputError(
                f"its tensor {quoted(name)} of the shape {shape} is no weight and no bias of a linear layer"
            )
        if kind not in DTYPES:
            raise InputError(f"its tensor {quoted(name)} holds {kind}, not F64, F32 or F16 numbers")
        if part == "weight":
            shapes[layer] = (shape[0], shape[1])
    if not shapes:
        raise InputError("it has no tensor such as fc1.weight")
    if len(shapes) > MOST_LAYERS:
        raise InputError(f"it has {len(shapes):,} layers, and {MOST_LAYERS:,} are allowed")
    return shapes


def _ordered(shapes: Shapes, said: tuple[str, ...]) -> tuple[str, ...]:
    """The layers from the first to the last. Raises InputError where that is not clear."""
    if said:
        if sorted(said) != sorted(shapes):
            raise InputError(f"the layers are {listed(sorted(shapes))}, and all of them must be named", "layers")
        if (wrong := _break(shapes, said)) is not None:
            raise InputError(wrong, "layers")
        return said
    names = tuple(sorted(shapes, key=_natural))
    if len({re.sub(r"\d+", "#", name) for name in names}) == 1:
        if (wrong := _break(shapes, names)) is not None:
            raise InputError(wrong)
        return names
    orders = []
    for order in _orders(shapes, names):
        orders.append(order)
        if len(orders) == ENOUGH:
            hint = f"say it with --layers, such as --layers {','.join(names)}"
            raise InputError(f"the order of its layers {listed(names)} is not clear; {hint}", "layers")
    if not orders:
        raise InputError(f"its layers {listed(names)} do not fit together one after the other")
    return orders[0]


def _break(shapes: Shapes, names: tuple[str, ...]) -> str | None:
    """A sentence about the first two layers that do not fit together."""
    for name, after in pairwise(names):
        units, needed = shapes[name][0], shapes[after][1]
        if units != needed:
            return f"its layer {quoted(after)} takes {needed:,} numbers, and {quoted(name)} before it gives {units:,}"
    return None


def _orders(shapes: Shapes, names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The orders in which each layer takes what the one before it gives, numbers of like names increasing."""
    places = {name: place for place, name in enumerate(names)}
    steps = 0
    stack: list[tuple[str, ...]] = [(name,) for name in reversed(names)]
    while stack:
        steps += 1
        if steps > 10_000:
            raise InputError("the order of its layers is not clear; say it with --layers", "layers")
        order = stack.pop()
        if len(order) == len(names):
            yield order
            continue
        for name in reversed(names):
            fits = name not in order and shapes[name][1] == shapes[order[-1]][0]
            late = any(_alike(name, other) and places[other] > places[name] for other in order)
            if fits and not late:
                stack.append((*order, name))


def _alike(name: str, other: str) -> bool:
    return re.sub(r"\d+", "#", name) == re.sub(r"\d+", "#", other)


def _natural(name: str) -> list[Any]:
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", name) if part]


def _activations(path: Path, hidden: int, description: Description) -> list[str]:
    """The activation of every layer. Raises InputError where it is not said."""
    given = description.activation
    if hidden and not given:
        raise InputError(
            f"{path} holds weights without activations; say them, such as --activation relu --output-activation "
            "sigmoid (or softmax, or linear)",
            "activation",
        )
    if description.output is None:
        raise InputError(
            f"{path} does not say what follows the last layer; say it with --output-activation sigmoid, softmax or "
            "linear",
            "output_activation",
        )
    if len(given) > 1 and len(given) != hidden:
        raise InputError(f"{len(given)} activations are said, and there are {hidden} hidden layers", "activation")
    each = given * hidden if len(given) <= 1 else given
    return [*each, "linear"]
