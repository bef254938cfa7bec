"""What a network is and how it shall be trained: frozen, validated descriptions without any numbers in them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any, NamedTuple

TASKS = ("binary", "multiclass", "regression")
DTYPES = ("float64", "float32")
MAX_UNITS = 100_000
MAX_LAYERS = 1_000
MAX_SEED = 2**32 - 1
MOST_ITERATIONS = 10**12
MOST_DROPOUT = 0.99


class SpecError(ValueError):
    """A description that cannot be trained. `field` names the setting, the message says what is allowed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def choice(field: str, value: str, allowed: Sequence[str] | Mapping[str, Any]) -> None:
    """Raise SpecError unless `value` is one of the names in `allowed`."""
    if not isinstance(value, str) or value not in allowed:
        raise SpecError(field, f"{field} {value!r} is unknown; choose one of {', '.join(allowed)}")


def whole(field: str, value: object, low: int, high: int) -> None:
    """Raise SpecError unless `value` is a whole number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or not low <= int(value) <= high:
        raise SpecError(field, f"{field} must be a whole number from {low:,} to {high:,}, not {value!r}")


def number(field: str, value: object, low: float, high: float = math.inf, *, open_low: bool = False) -> None:
    """Raise SpecError unless `value` is a finite number in [low, high], or (low, high] with `open_low`."""
    good = isinstance(value, Real) and not isinstance(value, bool) and _is_finite(value)
    if not good or not (low < float(value) if open_low else low <= float(value)) or float(value) > high:  # type: ignore[arg-type]
        bound = f"above {low:g}" if open_low else f"at least {low:g}"
        limit = "" if math.isinf(high) else f" and at most {high:.10g}"
        raise SpecError(field, f"{field} must be a finite number {bound}{limit}, not {value!r}")


def plain(spec: Any, *fields: str) -> None:
    """Turn NumPy's numbers in these fields into Python's, so that a description can be stored."""
    for field in fields:
        value = getattr(spec, field)
        if value is not None and type(value) not in (bool, int, float):
            object.__setattr__(spec, field, int(value) if isinstance(value, Integral) else float(value))


def _is_finite(value: Real) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


@dataclass(frozen=True)
class LayerSpec:
    """One hidden layer: its units, its activation, and the share of units dropped while training."""

    units: int
    activation: str = "relu"
    dropout: float = 0.0

    def __post_init__(self) -> None:
        from engine.activations import ACTIVATIONS

        whole("units", self.units, 1, MAX_UNITS)
        choice("activation", self.activation, ACTIVATIONS)
        number("dropout", self.dropout, 0.0, MOST_DROPOUT)
        plain(self, "units", "dropout")


class Layer(NamedTuple):
    """Any layer as it is computed, the output layer too, whose activation may also be softmax."""

    units: int
    activation: str
    dropout: float = 0.0


@dataclass(frozen=True)
class NetworkSpec:
    """An L-layer network: hidden layers, then an output layer whose activation follows from the task.

    `binary` ends in sigmoids, `multiclass` in a softmax, `regression` in a linear layer.
    `scale` is the standard deviation of the initializer `small`; the others do not use it.
    """

    inputs: int
    hidden: tuple[LayerSpec, ...] = ()
    outputs: int = 1
    task: str = "binary"
    initializer: str = "small"
    scale: float = 0.01

    def __post_init__(self) -> None:
        from engine.initializers import INITIALIZERS

        if not isinstance(self.hidden, Iterable):
            raise SpecError("hidden", f"hidden must hold LayerSpec(units, activation), not be {self.hidden!r}")
        object.__setattr__(self, "hidden", tuple(self.hidden))
        whole("inputs", self.inputs, 1, 100_000_000)
        whole("outputs", self.outputs, 1, MAX_UNITS)
        choice("task", self.task, TASKS)
        choice("initializer", self.initializer, INITIALIZERS)
        number("scale", self.scale, 0.0, open_low=True)
        plain(self, "inputs", "outputs", "scale")
        for layer in self.hidden:
            if not isinstance(layer, LayerSpec):
                raise SpecError("hidden", f"hidden must hold LayerSpec(units, activation), not {layer!r}")
        if len(self.hidden) > MAX_LAYERS:
            raise SpecError("hidden", f"hidden has {len(self.hidden):,} layers; at most {MAX_LAYERS:,} are allowed")
        if self.task == "multiclass" and self.outputs < 2:
            raise SpecError("outputs", "outputs must be at least 2 for the task multiclass, one for each class")

    @property
    def dims(self) -> tuple[int, ...]:
        """The units of every layer from the input on: (n0, n1, ..., nL)."""
        return (self.inputs, *(layer.units for layer in self.hidden), self.outputs)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Layers 1 to L, the output layer (sigmoid, softmax or linear) included."""
        hidden = (Layer(layer.units, layer.activation, layer.dropout) for layer in self.hidden)
        return (*hidden, Layer(self.outputs, OUTPUT_ACTIVATION[self.task]))

    @property
    def shapes(self) -> dict[str, tuple[int, int]]:
        """The shape of every parameter by its name: W1 (n1, n0), b1 (n1, 1), ..."""
        shapes = {}
        for number_, (before, units) in enumerate(zip(self.dims, self.dims[1:], strict=False), start=1):
            shapes[f"W{number_}"] = (units, before)
            shapes[f"b{number_}"] = (units, 1)
        return shapes

    @property
    def size(self) -> int:
        """The number of parameters."""
        return sum(rows * columns for rows, columns in self.shapes.values())


OUTPUT_ACTIVATION = {"binary": "sigmoid", "multiclass": "softmax", "regression": "linear"}


@dataclass(frozen=True)
class TrainingSpec:
    """How a network is trained. An iteration is one update of the parameters.

    Training ends at `iterations`, `epochs` or `seconds` (reports included), whichever comes first; when the
    monitored value has improved by less than `tolerance` between two reports; or, with `patience`, when it has
    not improved for that many reports. `patience` watches the held-out cost (or `monitor`) and brings the best
    parameters back.

    `schedule` shapes the learning rate over the iterations, `warmup` raises it linearly over the first ones:
    `step` multiplies it by `decay` every `decay_every` iterations, `exponential` does the same smoothly,
    `cosine` lets it fall to zero at `iterations`, `plateau` multiplies it by `decay` once the cost has not
    improved for `decay_every` iterations.

    Mini-batches are drawn in a new order each epoch, unless `shuffle` is False.
    `momentum` is that of momentum and nesterov and Adam's beta1; `beta2` is rmsprop's and Adam's.
    """

    optimizer: str = "gd"
    learning_rate: float = 0.0075
    iterations: int = 3000
    batch_size: int | None = None
    l2: float = 0.0
    seed: int = 3
    report_every: int = 100
    dtype: str = "float64"
    l1: float = 0.0
    clip_norm: float | None = None
    momentum: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    schedule: str = "constant"
    decay: float = 0.1
    decay_every: int = 1000
    warmup: int = 0
    epochs: int | None = None
    seconds: float | None = None
    tolerance: float | None = None
    patience: int | None = None
    monitor: str = "cost"
    class_weight: str | tuple[float, ...] | None = None
    shuffle: bool = True

    def __post_init__(self) -> None:
        from engine.optimizers import OPTIMIZERS
        from engine.schedules import SCHEDULES

        choice("optimizer", self.optimizer, OPTIMIZERS)
        choice("schedule", self.schedule, SCHEDULES)
        choice("dtype", self.dtype, DTYPES)
        choice("monitor", self.monitor, ("cost", "score"))
        number("learning_rate", self.learning_rate, 0.0, open_low=True)
        whole("iterations", self.iterations, 0, MOST_ITERATIONS)
        whole("seed", self.seed, 0, MAX_SEED)
        whole("report_every", self.report_every, 1, 10**9)
        whole("decay_every", self.decay_every, 1, 10**12)
        whole("warmup", self.warmup, 0, 10**12)
        number("l2", self.l2, 0.0)
        number("l1", self.l1, 0.0)
        number("momentum", self.momentum, 0.0, 0.999999)
        number("beta2", self.beta2, 0.0, 0.9999999)
        number("epsilon", self.epsilon, 0.0, open_low=True)
        number("decay", self.decay, 0.0, 1.0, open_low=True)
        for field, low in (("batch_size", 1), ("epochs", 1), ("patience", 1)):
            if getattr(self, field) is not None:
                whole(field, getattr(self, field), low, 10**12)
        for field in ("clip_norm", "seconds"):
            if getattr(self, field) is not None:
                number(field, getattr(self, field), 0.0, open_low=True)
        if self.tolerance is not None:
            number("tolerance", self.tolerance, 0.0)
        if not isinstance(self.shuffle, bool):
            raise SpecError("shuffle", f"shuffle must be True or False, not {self.shuffle!r}")
        kept = ("optimizer", "schedule", "dtype", "monitor", "class_weight", "shuffle")
        plain(self, *(entry.name for entry in fields(self) if entry.name not in kept))
        self._check_class_weight()

    def _check_class_weight(self) -> None:
        weights = self.class_weight
        if isinstance(weights, str):
            choice("class_weight", weights, ("balanced",))
        elif isinstance(weights, Mapping) or not (weights is None or isinstance(weights, Iterable)):
            raise SpecError("class_weight", "class_weight must be balanced or list one weight for each class, in order")
        elif weights is not None:
            weights = tuple(weights)
            for weight in weights:
                number("class_weight", weight, 0.0)
            object.__setattr__(self, "class_weight", tuple(float(weight) for weight in weights))
