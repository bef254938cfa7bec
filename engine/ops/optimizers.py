"""Optimizers: each records its few calls over the flat parameter vector. To add one, add an entry.

Long vectors are updated in slices that stay in the processor's cache while all calls of the update read them.
Sources: Polyak (1964), Nesterov (1983) in Sutskever's form (2013), Tieleman and Hinton (2012), Kingma and Ba (2015),
Loshchilov and Hutter (2019), Liu and Nocedal (1989).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from engine import reference
from engine.arrays import Array
from engine.ops import lbfgs
from engine.ops.program import Program

SetScalars = Callable[[int, Any], None]  # the number of the update, and the rate: one, or (K, 1)
SLICE = 16_384  # elements


class UpdateSettings(Protocol):
    """The settings that update rules read."""

    @property
    def momentum(self) -> float: ...
    @property
    def beta2(self) -> float: ...
    @property
    def epsilon(self) -> float: ...


@dataclass
class OptimizerVectors:
    """What an optimizer works on: flat vectors of equal shape, and small arrays that `scalar_setter` may set.

    The vectors are (P,), or for an ensemble (K, P), a row for each member. Scalars have the shape `scalar_shape`: () if
    they are common to all, (K, 1) if each member has its own. If the optimizer folds the rate, `gradient` is
    rate x gradient already.
    """

    parameters: Array
    gradient: Array
    slots: dict[str, Array]
    scalar_shape: tuple[int, ...] = ()
    scalars: dict[str, Array] = field(default_factory=dict)
    rows: slice = field(
        default_factory=lambda: slice(None)
    )  # the members that these vectors are of, where they are a piece

    def scalar(self, name: str, value: float | Array) -> Array:
        """The array `name` of `scalar_shape`, set to `value` and shared by all pieces: the part of these rows."""
        array = self.scalars.setdefault(name, np.empty(self.scalar_shape, self.parameters.dtype))
        array[...] = value
        return self._own(array)

    def constant(self, name: str, value: float | Array) -> Array:
        """The array `name` that stays `value`: () for one number, (K, 1) for one of each member."""
        array = self.scalars.setdefault(name, np.array(value, self.parameters.dtype))
        array[...] = value
        return self._own(array)

    def _own(self, array: Array) -> Array:
        return array[self.rows] if array.ndim else array

    def slices(self) -> list[OptimizerVectors]:
        """These vectors in pieces of at most SLICE elements, the scalars shared.

        Where those are common to all members of an ensemble, the pieces need not be cut along its members. Else a piece
        is some whole members, or a part of one.
        """
        size, vectors = self.parameters.shape[-1], {"": self.parameters, "dW": self.gradient, **self.slots}
        if not self.scalar_shape:
            vectors = {name: vector.reshape(-1) for name, vector in vectors.items()}
            cuts = [(slice(None), cut) for cut in _cuts(self.parameters.size, SLICE)]
        else:
            members = _cuts(len(self.parameters), max(1, SLICE // size))
            cuts = [(rows, columns) for rows in members for columns in _cuts(size, SLICE)]

        def piece(vector: Array, rows: slice, columns: slice) -> Array:
            return vector[rows, columns] if self.scalar_shape else vector[columns]

        return [
            OptimizerVectors(
                piece(vectors[""], *cut),
                piece(vectors["dW"], *cut),
                {name: piece(vectors[name], *cut) for name in self.slots},
                self.scalar_shape,
                self.scalars,
                cut[0],
            )
            for cut in cuts
        ]


def _cuts(size: int, step: int) -> list[slice]:
    """The slices of at most `step` that `size` elements consist of."""
    return [slice(start, min(start + step, size)) for start in range(0, size, step)]


RecordUpdate = Callable[[Program, OptimizerVectors, UpdateSettings], None]


@dataclass(frozen=True)
class Slot:
    """A vector of the optimizer's memory, as long as the parameters; `symbol` is its letter in formulas.

    Times `scale(settings)` it is what the source of the rule remembers: the recorded calls leave the factor 1 - beta of
    a running mean to the scalars.
    """

    name: str
    symbol: str
    scale: Callable[[UpdateSettings], float] = lambda _settings: 1.0


Memory = Mapping[str, Array]  # by symbol
Textbook = Callable[[Array, Array, Memory, float, int, UpdateSettings], tuple[Array, dict[str, Array]]]


@dataclass(frozen=True)
class Optimizer:
    """An update rule.

    `settings` are the fields of TrainingSpec that it reads, besides the learning rate. `slots` are the vectors of its
    memory, and `record` records its calls for one slice. If its scalars depend on the rate or on the number t of the
    update (from 1), `scalar_setter` gives the function that sets them before each update, and `scalars` say what rate
    and eps mean in its formulas. With `folds_rate` the gradient comes multiplied by the rate.

    `linear` says that the parameters stay a linear combination of their start and the gradients, with one factor for
    all of them (what the Gram-matrix first layer needs). With `decoupled_decay` L2 shrinks the weights directly instead
    of being added to the gradient. With `full_batch_only` every update needs the cost of all examples. With
    `line_search` the optimizer finds its own direction and step length (engine.ops.lbfgs), so that dropout, clipping
    and schedules can't be used; `history_vectors` is how many more vectors of float64 that takes.

    `textbook(W, dW, memory, rate, t, settings)` gives W and the memory after update t (from 1), with `memory` by
    symbol, as in the source: Explain shows it, and tests compare the recorded calls with it.
    """

    formula: str
    settings: tuple[str, ...]
    slots: tuple[Slot, ...]
    record: RecordUpdate
    scalar_setter: Callable[[OptimizerVectors, UpdateSettings], SetScalars] | None = None
    folds_rate: bool = False
    linear: bool = False
    decoupled_decay: bool = False
    full_batch_only: bool = False
    line_search: bool = False
    history_vectors: int = 0
    scalars: tuple[str, ...] = ()
    textbook: Textbook | None = None


def _gd(program: Program, v: OptimizerVectors, _training: UpdateSettings) -> None:
    program.add("W = W - rate dW", np.subtract, v.parameters, v.gradient, out=v.parameters)


def _momentum(program: Program, v: OptimizerVectors, training: UpdateSettings) -> None:
    velocity = v.slots["velocity"]
    program.add("V = beta V", np.multiply, velocity, v.constant("beta", training.momentum), out=velocity)
    program.add("V = V - rate dW", np.subtract, velocity, v.gradient, out=velocity)
    program.add("W = W + V", np.add, v.parameters, velocity, out=v.parameters)


def _nesterov(program: Program, v: OptimizerVectors, training: UpdateSettings) -> None:
    velocity, ahead = v.slots["velocity"], program.scratch("update", v.parameters.shape)
    beta = v.constant("beta", training.momentum)
    program.add("V = beta V", np.multiply, velocity, beta, out=velocity)
    program.add("V = V - rate dW", np.subtract, velocity, v.gradient, out=velocity)
    program.add("ahead = beta V", np.multiply, velocity, beta, out=ahead)
    program.add("ahead = ahead - rate dW", np.subtract, ahead, v.gradient, out=ahead)
    program.add("W = W + ahead", np.add, v.parameters, ahead, out=v.parameters)


def _mean_square(program: Program, v: OptimizerVectors, beta: Array) -> Array:
    """S = beta S + dW^2: the running mean of squares without its factor 1 - beta, which the scalars contain."""
    square, step = v.slots["square"], program.scratch("update", v.parameters.shape)
    program.add("S = beta2 S", np.multiply, square, beta, out=square)
    program.add("step = dW * dW", np.multiply, v.gradient, v.gradient, out=step)
    program.add("S = S + step", np.add, square, step, out=square)
    program.add("step = sqrt(S)", np.sqrt, square, out=step)
    program.add("step = step + eps", np.add, step, v.scalar("epsilon", 0.0), out=step)
    return step


def _rmsprop(program: Program, v: OptimizerVectors, training: UpdateSettings) -> None:
    step = _mean_square(program, v, v.constant("beta2", training.beta2))
    program.add("step = dW / step", np.divide, v.gradient, step, out=step)
    program.add("step = rate step", np.multiply, step, v.scalar("rate", 0.0), out=step)
    program.add("W = W - step", np.subtract, v.parameters, step, out=v.parameters)


def _rmsprop_scalars(v: OptimizerVectors, training: UpdateSettings) -> SetScalars:
    root = _root(1 - training.beta2)
    step_rate, epsilon = v.scalar("rate", 0.0), v.scalar("epsilon", training.epsilon / root)

    def set_scalars(_t: int, rate: Any) -> None:
        step_rate[...] = rate / root
        epsilon[...] = training.epsilon / root

    return set_scalars


def _adam(program: Program, v: OptimizerVectors, training: UpdateSettings) -> None:
    mean = v.slots["mean"]
    program.add("M = beta1 M", np.multiply, mean, v.constant("beta1", training.momentum), out=mean)
    program.add("M = M + dW", np.add, mean, v.gradient, out=mean)
    step = _mean_square(program, v, v.constant("beta2", training.beta2))
    program.add("step = M / step", np.divide, mean, step, out=step)
    program.add("step = rate step", np.multiply, step, v.scalar("rate", 0.0), out=step)
    program.add("W = W - step", np.subtract, v.parameters, step, out=v.parameters)


def _adam_scalars(v: OptimizerVectors, training: UpdateSettings) -> SetScalars:
    """rate M_hat / (sqrt(S_hat) + eps) with the corrections 1 - beta^t and the factors 1 - beta in two scalars."""
    beta1, beta2 = training.momentum, training.beta2
    step_rate, epsilon = v.scalar("rate", 0.0), v.scalar("epsilon", 0.0)

    def set_scalars(t: int, rate: Any) -> None:
        first = (1 - beta1) / (1 - beta1**t)
        root = _root((1 - beta2) / (1 - beta2**t))
        step_rate[...] = rate * first / root
        epsilon[...] = training.epsilon / root

    return set_scalars


def _root(value: Any) -> Any:
    return math.sqrt(value) if isinstance(value, float) else np.sqrt(value)


def _lbfgs(_program: Program, _v: OptimizerVectors, _training: UpdateSettings) -> None:
    """Nothing to record: engine.ops.lbfgs searches along its own directions."""


def _gd_textbook(
    W: Array, dW: Array, _memory: Memory, rate: float, _t: int, _settings: UpdateSettings
) -> tuple[Array, dict[str, Array]]:
    return reference.gradient_descent(W, dW, rate), {}


def _momentum_textbook(
    W: Array, dW: Array, memory: Memory, rate: float, _t: int, settings: UpdateSettings
) -> tuple[Array, dict[str, Array]]:
    W, V = reference.momentum(W, dW, memory["V"], rate, settings.momentum)
    return W, {"V": V}


def _nesterov_textbook(
    W: Array, dW: Array, memory: Memory, rate: float, _t: int, settings: UpdateSettings
) -> tuple[Array, dict[str, Array]]:
    W, V = reference.nesterov(W, dW, memory["V"], rate, settings.momentum)
    return W, {"V": V}


def _rmsprop_textbook(
    W: Array, dW: Array, memory: Memory, rate: float, _t: int, settings: UpdateSettings
) -> tuple[Array, dict[str, Array]]:
    W, S = reference.rmsprop(W, dW, memory["S"], rate, settings.beta2, settings.epsilon)
    return W, {"S": S}


def _adam_textbook(
    W: Array, dW: Array, memory: Memory, rate: float, t: int, settings: UpdateSettings
) -> tuple[Array, dict[str, Array]]:
    betas = settings.momentum, settings.beta2
    W, M, S = reference.adam(W, dW, memory["M"], memory["S"], t, rate, *betas, settings.epsilon)
    return W, {"M": M, "S": S}


VELOCITY = Slot("velocity", "V")
MEAN = Slot("mean", "M", lambda settings: 1 - settings.momentum)
SQUARE = Slot("square", "S", lambda settings: 1 - settings.beta2)
ADAM = ("momentum", "beta2", "epsilon")
S_WHOLE = "S is the running mean of dW^2 over 1 - beta2"
ADAM_SCALARS = (
    f"{S_WHOLE}, M that of dW over 1 - beta1",
    "rate stands for rate (1 - beta1) / (1 - beta1^t) / root, eps for eps / root",
    "root = sqrt((1 - beta2) / (1 - beta2^t)), t = 1 for the first update",
)
OPTIMIZERS: dict[str, Optimizer] = {
    "gd": Optimizer("W - rate dW", (), (), _gd, folds_rate=True, linear=True, textbook=_gd_textbook),
    "momentum": Optimizer(
        "V = beta V - rate dW; W + V",
        ("momentum",),
        (VELOCITY,),
        _momentum,
        folds_rate=True,
        linear=True,
        textbook=_momentum_textbook,
    ),
    "nesterov": Optimizer(
        "V = beta V - rate dW; W + beta V - rate dW",
        ("momentum",),
        (VELOCITY,),
        _nesterov,
        folds_rate=True,
        linear=True,
        textbook=_nesterov_textbook,
    ),
    "rmsprop": Optimizer(
        "W - rate dW / (sqrt(S) + eps)",
        ("beta2", "epsilon"),
        (SQUARE,),
        _rmsprop,
        _rmsprop_scalars,
        scalars=(S_WHOLE, "rate stands for rate / root, eps for eps / root, root = sqrt(1 - beta2)"),
        textbook=_rmsprop_textbook,
    ),
    "adam": Optimizer(
        "W - rate M / (sqrt(S) + eps)",
        ADAM,
        (MEAN, SQUARE),
        _adam,
        _adam_scalars,
        scalars=ADAM_SCALARS,
        textbook=_adam_textbook,
    ),
    "adamw": Optimizer(
        "W - rate (M / (sqrt(S) + eps) + decay W)",
        ADAM,
        (MEAN, SQUARE),
        _adam,
        _adam_scalars,
        decoupled_decay=True,
        scalars=ADAM_SCALARS,
        textbook=_adam_textbook,
    ),
    "lbfgs": Optimizer(
        "W + step direction, by curvature",
        (),
        (),
        _lbfgs,
        full_batch_only=True,
        line_search=True,
        history_vectors=2 * lbfgs.MEMORY,
    ),
}
