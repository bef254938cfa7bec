"""The description of a network: its layers, its task, and the shapes of its parameters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from engine.spec.bounds import SpecError, choice, use_plain_numbers, whole
from engine.spec.settings import about, settings_of

if TYPE_CHECKING:
    from engine.ops.loss import Loss

TASKS = ("binary", "multiclass", "regression")
MAX_UNITS = 100_000
MAX_LAYERS = 1_000
MOST_DROPOUT = 0.99
MOST_MEMBERS = 64
TASK_LOSS = "default"
LABELS = {"binary": "two classes", "one-hot": "classes", "numbers": "numbers"}


def _activations() -> Mapping[str, str]:
    from engine.ops.activations import ACTIVATIONS  # with NumPy, which must not be loaded before the first screen

    return {name: entry.formula for name, entry in ACTIVATIONS.items()}


def _losses() -> Mapping[str, Loss]:
    from engine.ops.losses import LOSSES

    return LOSSES


def _alternative_losses() -> Mapping[str, str]:
    others = {name: entry.formula for name, entry in _losses().items() if name not in TASKS}
    return {TASK_LOSS: "squared error for numbers, cross-entropy for classes", **others}


def _initializers() -> Mapping[str, str]:
    from engine.ops.initializers import INITIALIZERS

    return {name: entry.formula for name, entry in INITIALIZERS.items()}


@dataclass(frozen=True)
class LayerSpec:
    """One hidden layer: its units, its activation, and the share of units dropped while training."""

    units: int = field(metadata=about("whole", "units", "Number of units.", low=1, high=MAX_UNITS))
    activation: str = field(
        default="relu",
        metadata=about(
            "choice",
            "activation",
            "Activation function.",
            choices=_activations,
            examples=("relu", "tanh", "sigmoid", "gelu"),
        ),
    )
    dropout: float = field(
        default=0.0,
        metadata=about(
            "number", "dropout", "Share of hidden units that are dropped in an update.", low=0.0, high=MOST_DROPOUT
        ),
    )

    def __post_init__(self) -> None:
        for name, entry in settings_of(LayerSpec).items():
            entry.check(getattr(self, name))
        use_plain_numbers(self, "units", "dropout")


class Layer(NamedTuple):
    """Any layer as it is computed, the output layer too, whose activation may also be softmax."""

    units: int
    activation: str
    dropout: float = 0.0


@dataclass(frozen=True)
class NetworkSpec:
    """An L-layer network: hidden layers, then an output layer whose activation follows from the task and the loss.

    `binary` ends in sigmoids, `multiclass` in a softmax, `regression` in a linear layer.
    `scale` is the standard deviation of the initializer `small`; the others do not use it.
    `loss` may replace the loss of the task by another one for labels of the same kind, which may have another output:
    `poisson` ends in e^z. Huber's delta is 1, in the units of Y.
    `ensemble` networks of this shape, its members, are trained at once; every parameter then has a leading axis for
    them.
    """

    inputs: int
    hidden: tuple[LayerSpec, ...] = ()
    outputs: int = 1
    task: str = "binary"
    initializer: str = field(
        default="small",
        metadata=about(
            "choice",
            "initializer",
            "Initial weights.",
            choices=_initializers,
            examples=("small", "he", "xavier", "lecun", "zeros"),
        ),
    )
    scale: float = field(
        default=0.01,
        metadata=about(
            "number", "scale of small", "Standard deviation of the initializer small.", low=0.0, open_low=True
        ),
    )
    ensemble: int = field(
        default=1,
        metadata=about(
            "whole",
            "ensemble",
            "Networks of this shape trained together; their predictions are averaged.",
            low=1,
            high=MOST_MEMBERS,
        ),
    )
    loss: str = field(
        default=TASK_LOSS,
        metadata=about(
            "choice",
            "loss",
            "How errors count: default is that of the task; the others are for numbers.",
            choices=_alternative_losses,
            examples=(TASK_LOSS, "huber", "absolute", "quantile", "poisson"),
        ),
    )
    quantile: float = field(
        default=0.5,
        metadata=about(
            "number",
            "quantile",
            "Share of the labels that shall lie below the prediction, for the loss quantile.",
            low=0.001,
            high=0.999,
        ),
    )

    def __post_init__(self) -> None:
        if not isinstance(self.hidden, Iterable):
            raise SpecError("hidden", f"hidden must hold LayerSpec(units, activation), not be {self.hidden!r}")
        object.__setattr__(self, "hidden", tuple(self.hidden))
        whole("inputs", self.inputs, 1, 100_000_000)
        whole("outputs", self.outputs, 1, MAX_UNITS)
        choice("task", self.task, _losses())
        for name, entry in settings_of(NetworkSpec).items():
            entry.check(getattr(self, name))
        use_plain_numbers(self, "inputs", "outputs", "scale", "ensemble", "quantile")
        for layer in self.hidden:
            if not isinstance(layer, LayerSpec):
                raise SpecError("hidden", f"hidden must hold LayerSpec(units, activation), not {layer!r}")
        if len(self.hidden) > MAX_LAYERS:
            raise SpecError("hidden", f"hidden has {len(self.hidden):,} layers; at most {MAX_LAYERS:,} are allowed")
        own = _losses()[self.task].labels
        if self.labels != own:
            said = f"the loss {self.loss} is for {LABELS[self.labels]}; the task {self.task} has {LABELS[own]}"
            raise SpecError("loss", said)
        if self.labels == "one-hot" and self.outputs < 2:
            raise SpecError("outputs", f"outputs must be at least 2 for the task {self.task}, one for each class")

    @property
    def labels(self) -> str:
        """What the labels Y of the task are: "binary" 0 and 1, "one-hot" columns, or "numbers"."""
        return _losses()[self.loss_name].labels

    @property
    def loss_name(self) -> str:
        """The name of the loss in LOSSES."""
        return self.task if self.loss == TASK_LOSS else self.loss

    @property
    def loss_function(self) -> Loss:
        """The loss that is trained with."""
        entry = _losses()[self.loss_name]
        return entry if entry.at_quantile is None else entry.at_quantile(self.quantile)

    @property
    def dims(self) -> tuple[int, ...]:
        """The units of every layer from the input on: (n0, n1, ..., nL)."""
        return (self.inputs, *(layer.units for layer in self.hidden), self.outputs)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Layers 1 to L, the output layer (sigmoid, softmax, linear or exp) included."""
        hidden = (Layer(layer.units, layer.activation, layer.dropout) for layer in self.hidden)
        return (*hidden, Layer(self.outputs, self.loss_function.output))

    @property
    def member(self) -> NetworkSpec:
        """One network of the ensemble."""
        return self if self.ensemble == 1 else replace(self, ensemble=1)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter by its name: W1 (n1, n0), b1 (n1, 1), ...; of K > 1 members (K, n1, n0), ..."""
        members = () if self.ensemble == 1 else (self.ensemble,)
        shapes: dict[str, tuple[int, ...]] = {}
        for number_, (before, units) in enumerate(zip(self.dims, self.dims[1:], strict=False), start=1):
            shapes[f"W{number_}"] = (*members, units, before)
            shapes[f"b{number_}"] = (*members, units, 1)
        return shapes

    @property
    def size(self) -> int:
        """The number of parameters of all members."""
        return sum(math.prod(shape) for shape in self.shapes.values())
