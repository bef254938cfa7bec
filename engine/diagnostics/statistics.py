"""Statistics of a network, layer by layer: how large the signal is in the forward and the backward pass.

All are computed from the parameters and a bounded sample of the examples, so that they can be measured while training.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine import network as passes
from engine.arrays import Array
from engine.diagnostics.constant_prediction import best_constant_loss
from engine.diagnostics.permutation_test import PermutationTest, permutation_test
from engine.ops.activations import ACTIVATIONS, slope
from engine.ops.loss import Loss
from engine.ops.losses import LOSSES, losses
from engine.scores import weigh_classes
from engine.spec import NetworkSpec, TrainingSpec

MOST_EXAMPLES = 512
FEWEST_EXAMPLES = 64
WORK = 2e8  # floating-point operations for one set of statistics, at most
SAME = 1e-9  # relative difference up to which two units count as the same


@dataclass(frozen=True)
class LayerStatistics:
    """Layer `layer` (1 to L). Sizes are root mean squares of single entries, so that layers can be compared.

    `spread` is the standard deviation of a unit's pre-activation over the examples; `output` the size of A; `signal`
    that of dZ; `gradient` the norm of dW; `weight` the size of a weight; `update` how far W moved in one iteration
    relative to its norm, on average since the statistics before (nan for the first, and if W is 0). Shares from 0 to 1:
    `dead` ReLUs, 0 for every example; `saturated` activations of a sigmoid or tanh; `identical` units, whose weights in
    and out are those of another unit too. A share is nan if it does not apply to the activation.
    """

    layer: int
    activation: str
    units: int
    inputs: int
    spread: float
    output: float
    signal: float
    gradient: float
    weight: float
    update: float
    dead: float
    saturated: float
    identical: float


@dataclass(frozen=True)
class Statistics:
    """The statistics of a network at one iteration.

    `loss` and `validation_loss` (nan without validation data) are without penalties; `recall` is the share of the
    examples of each class that are recognised (nan for a class without any), empty for a regression. `agreement` is the
    mean correlation of outputs and labels, nan where one of them does not vary.
    """

    iteration: int
    loss: float
    validation_loss: float
    recall: tuple[float, ...]
    layers: tuple[LayerStatistics, ...]
    agreement: float = math.nan
    validation_agreement: float = math.nan


@dataclass(frozen=True)
class Sample:
    """The examples that statistics are computed from: X (n0, k), Y (nL, k), their weights (k,) or None, and a pair X, Y
    of validation examples or None."""

    X: Array
    Y: Array
    weight: Array | None = None
    validation: tuple[Array, Array] | None = None


@dataclass(frozen=True)
class DataFacts:
    """What is known about the data before training.

    `examples` and `validation` are numbers of examples. `base` is the loss of the best constant prediction: the
    base-rate entropy, or half the variance for a squared error. `counts` are the examples of each class, empty for a
    regression. `sizes` (n0,) are the features' root mean squares, `names` their names, `classes` those of the
    classes. `permutation_test` says whether the labels could be random, None if it has no result.
    """

    examples: int
    validation: int
    base: float
    counts: tuple[int, ...]
    sizes: Array
    names: tuple[str, ...]
    classes: tuple[str, ...]
    permutation_test: PermutationTest | None


def draw(
    network: NetworkSpec,
    training: TrainingSpec,
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    validation: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
) -> Sample:
    """A sample of the examples, the same every time; in a large network it is smaller.

    X is (n0, m), Y (nL, m), `validation` a pair (X, Y). Raises SpecError for class weights that don't fit the task.
    """
    X, Y = np.asanyarray(X), np.asanyarray(Y)
    size = int(np.clip(WORK / (6 * network.size), FEWEST_EXAMPLES, MOST_EXAMPLES))
    weight = weigh_classes(network, training, Y, None)
    chosen = places(X.shape[1], size)
    measured = None
    if validation is not None:
        validation_X, validation_Y = np.asanyarray(validation[0]), np.asanyarray(validation[1])
        few = places(validation_X.shape[1], size)
        measured = (_floats(validation_X[:, few]), _floats(validation_Y[:, few]))
    return Sample(_floats(X[:, chosen]), _floats(Y[:, chosen]), None if weight is None else weight[chosen], measured)


def places(m: int, size: int) -> npt.NDArray[np.int64]:
    """The places of at most `size` of m examples, always the same ones, in their order."""
    return np.arange(m) if m <= size else np.sort(np.random.default_rng(0).permutation(m)[:size])


def _floats(values: Array) -> Array:
    return np.ascontiguousarray(values, dtype=np.float64)


def facts(
    network: NetworkSpec,
    training: TrainingSpec,
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    validation: int = 0,
    names: tuple[str, ...] = (),
    classes: tuple[str, ...] = (),
) -> DataFacts:
    """The facts about training data X (n0, m), Y (nL, m); `validation` is the number of validation examples.

    `names` are those of the features, `classes` those of the classes; without them they are numbered.
    """
    X, Y = np.asanyarray(X), np.asanyarray(Y)
    some = _floats(X[:, places(X.shape[1], MOST_EXAMPLES)])
    weight = weigh_classes(network, training, Y, None)
    counts = class_counts(network.task, Y)
    return DataFacts(
        examples=int(X.shape[1]),
        validation=validation,
        base=base_loss(network.loss_function, Y, weight),
        counts=counts,
        sizes=np.sqrt(np.square(some).mean(axis=1)),
        names=names or tuple(f"x{row + 1}" for row in range(network.inputs)),
        classes=classes or tuple(f"class {number}" for number in range(len(counts))),
        permutation_test=permutation_test(X, Y),
    )


def base_loss(loss: Loss | str, Y: Array, weight: Array | None = None) -> float:
    """The mean loss of the best prediction that is the same for every example; `loss` is an entry or its name."""
    entry = LOSSES[loss] if isinstance(loss, str) else loss
    weight = np.ones(Y.shape[1]) if weight is None else weight
    if entry.labels == "numbers":
        return best_constant_loss(entry, Y, weight)
    mean = Y @ weight / weight.sum()
    shares = np.stack([mean, 1 - mean]) if entry.labels == "binary" else mean
    present = shares[shares > 0]
    return float(-(present * np.log(present)).sum())


def class_counts(task: str, Y: Array) -> tuple[int, ...]:
    """The number of examples of each class; empty if an example has no single class."""
    labels = LOSSES[task].labels
    if labels == "one-hot":
        return tuple(int(count) for count in Y.sum(axis=1))
    if labels == "binary" and len(Y) == 1:
        ones = int(Y.sum())
        return (Y.shape[1] - ones, ones)
    return ()


def examine(
    network: NetworkSpec,
    parameters: Mapping[str, Array],
    sample: Sample,
    iteration: int = 0,
    previous: tuple[int, Mapping[str, Array]] | None = None,
) -> Statistics:
    """The statistics of the network with `parameters` W1, b1, ... at `iteration`.

    `previous` is the pair of iteration and parameters of the statistics before, for `update`.
    """
    last = len(network.layers)
    parameters = {name: np.asarray(value, np.float64) for name, value in parameters.items()}
    with np.errstate(all="ignore"):
        values = passes.forward(network, parameters, sample.X)
        grads = passes.backward(network, parameters, sample.X, sample.Y, 0, 0, sample.weight, values)
        each = losses(network.loss_function, values[f"Z{last}"], sample.Y)
        loss = float(np.average(each, weights=sample.weight))
        validation_loss = validation_agreement = math.nan
        if sample.validation is not None:
            X, Y = sample.validation
            validation_Z = passes.forward(network, parameters, X)[f"Z{last}"]
            validation_loss = float(losses(network.loss_function, validation_Z, Y).mean())
            validation_agreement = _agreement(validation_Z, Y)
        agreement = _agreement(values[f"Z{last}"], sample.Y)
        layers = tuple(
            _layer(network, layer, parameters, values, grads, iteration, previous) for layer in range(1, last + 1)
        )
    recall = _recall(network.task, values[f"A{last}"], sample.Y)
    return Statistics(iteration, loss, validation_loss, recall, layers, agreement, validation_agreement)


def _agreement(Z: Array, Y: Array) -> float:
    """The mean correlation of the outputs Z (nL, m), before their activation, with the labels Y."""
    Z, Y = Z - Z.mean(axis=1, keepdims=True), Y - Y.mean(axis=1, keepdims=True)
    sizes = np.sqrt((Z * Z).sum(axis=1) * (Y * Y).sum(axis=1))
    return float(((Z * Y).sum(axis=1) / sizes).mean())


def _layer(
    network: NetworkSpec,
    layer: int,
    parameters: Mapping[str, Array],
    values: Mapping[str, Array],
    grads: Mapping[str, Array],
    iteration: int,
    previous: tuple[int, Mapping[str, Array]] | None,
) -> LayerStatistics:
    spec = network.layers[layer - 1]
    hidden = layer < len(network.layers)
    W, Z, A = parameters[f"W{layer}"], values[f"Z{layer}"], values[f"A{layer}"]
    update = math.nan
    if previous is not None and previous[0] != iteration:
        update = _update(np.asarray(previous[1][f"W{layer}"], np.float64), W) / abs(iteration - previous[0])
    dead = saturated = identical = math.nan
    if hidden:
        activation = ACTIVATIONS[spec.activation]
        if activation.can_die:
            dead = float((A.max(axis=1) <= 0).mean())
        if activation.saturated_below is not None:
            saturated = float((slope(spec.activation, Z) < activation.saturated_below).mean())
        identical = identical_share(np.hstack([W, parameters[f"b{layer}"], parameters[f"W{layer + 1}"].T]))
    return LayerStatistics(
        layer=layer,
        activation=spec.activation,
        units=spec.units,
        inputs=W.shape[1],
        spread=float(np.sqrt(Z.var(axis=1).mean())),
        output=_size(A),
        signal=_size(grads[f"dZ{layer}"]),
        gradient=float(np.linalg.norm(grads[f"dW{layer}"])),
        weight=_size(W),
        update=update,
        dead=dead,
        saturated=saturated,
        identical=identical,
    )


def _update(before: Array, after: Array) -> float:
    """How far the weights moved, relative to the larger of their norms; nan if all are 0 now."""
    if not after.any():
        return math.nan
    return float(np.linalg.norm(after - before) / max(np.linalg.norm(before), np.linalg.norm(after)))


def _size(values: Array) -> float:
    return float(np.sqrt(np.square(values).mean()))


def identical_share(rows: Array) -> float:
    """The share of rows that equal another row, compared by two random projections of each."""
    if len(rows) < 2:
        return 0.0
    keys = rows @ np.random.default_rng(0).standard_normal((rows.shape[1], 2))
    order = np.lexsort(keys.T)
    size = np.linalg.norm(rows, axis=1)[order]
    near = np.abs(np.diff(keys[order], axis=0)).max(axis=1) <= SAME * np.maximum(size[1:], size[:-1])
    return float((np.append(near, False) | np.append(False, near)).mean())


def _recall(task: str, A: Array, Y: Array) -> tuple[float, ...]:
    labels = LOSSES[task].labels
    if labels == "numbers" or (labels == "binary" and len(Y) > 1):
        return ()
    one_hot = labels == "one-hot"
    classes = range(len(Y)) if one_hot else range(2)
    actual = Y.argmax(axis=0) if one_hot else (Y[0] > 0.5).astype(int)
    guessed = A.argmax(axis=0) if one_hot else (A[0] > 0.5).astype(int)
    return tuple(
        float((guessed[actual == index] == index).mean()) if (actual == index).any() else math.nan for index in classes
    )
