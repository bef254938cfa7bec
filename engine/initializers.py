"""How the weights start. To add a way, add an entry: the standard deviation it wants, and the distribution.

Weights are drawn layer by layer from NumPy's legacy generator, so that the published numbers come out; biases are 0.
Sources: He et al. (2015), Glorot and Bengio (2010), LeCun et al. (1998).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.spec import NetworkSpec
from engine.tape import Array


@dataclass(frozen=True)
class Initializer:
    """`spread(inputs, units, scale)` is the standard deviation of a layer's weights; `scaled` if it heeds `scale`."""

    formula: str
    spread: Callable[[int, int, float], float]
    uniform: bool = False
    scaled: bool = False


def _he(inputs: int, _units: int, _scale: float) -> float:
    return math.sqrt(2 / inputs)


def _xavier(inputs: int, units: int, _scale: float) -> float:
    return math.sqrt(2 / (inputs + units))


def _lecun(inputs: int, _units: int, _scale: float) -> float:
    return math.sqrt(1 / inputs)


INITIALIZERS: dict[str, Initializer] = {
    "small": Initializer("0.01 N(0, 1), or another scale", lambda _inputs, _units, scale: scale, scaled=True),
    "he": Initializer("sqrt(2 / n_in) N(0, 1)", _he),
    "xavier": Initializer("sqrt(2 / (n_in + n_out)) N(0, 1)", _xavier),
    "lecun": Initializer("sqrt(1 / n_in) N(0, 1)", _lecun),
    "he_uniform": Initializer("U(-a, a), a = sqrt(6 / n_in)", _he, uniform=True),
    "xavier_uniform": Initializer("U(-a, a), a = sqrt(6 / (n_in + n_out))", _xavier, uniform=True),
    "lecun_uniform": Initializer("U(-a, a), a = sqrt(3 / n_in)", _lecun, uniform=True),
    "zeros": Initializer("0", lambda _inputs, _units, _scale: 0.0),
}


def initialize(network: NetworkSpec, seed: int) -> dict[str, Array]:
    """The starting parameters W1, b1, ..., WL, bL of `network`, float64; the same for the same seed."""
    initializer = INITIALIZERS[network.initializer]
    generator = np.random.RandomState(seed)
    parameters: dict[str, Array] = {}
    for layer, (inputs, units) in enumerate(zip(network.dims, network.dims[1:], strict=False), start=1):
        spread = initializer.spread(inputs, units, network.scale)
        if spread == 0:
            weights = np.zeros((units, inputs))
        elif initializer.uniform:
            bound = math.sqrt(3) * spread
            weights = generator.uniform(-bound, bound, (units, inputs))
        else:
            weights = generator.randn(units, inputs)
            weights *= spread
        parameters[f"W{layer}"] = weights
        parameters[f"b{layer}"] = np.zeros((units, 1))
    return parameters
