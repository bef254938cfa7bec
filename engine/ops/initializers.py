"""Initializers: the standard deviation and the distribution of the first weights. To add one, add an entry.

`engine.parameters.initialize` draws the weights.
Sources: He et al. (2015), Glorot and Bengio (2010), LeCun et al. (1998).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Initializer:
    """`spread(inputs, units, scale)` is the standard deviation of a layer's weights, `scaled` whether it uses `scale`.

    Weights are normally distributed, or uniformly if `uniform`.
    `keeps_size` says that a signal keeps its size through layers whose slope is 1 at 0, such as tanh.
    """

    formula: str
    spread: Callable[[int, int, float], float]
    uniform: bool = False
    scaled: bool = False
    keeps_size: bool = False


def _he(inputs: int, _units: int, _scale: float) -> float:
    return math.sqrt(2 / inputs)


def _xavier(inputs: int, units: int, _scale: float) -> float:
    return math.sqrt(2 / (inputs + units))


def _lecun(inputs: int, _units: int, _scale: float) -> float:
    return math.sqrt(1 / inputs)


INITIALIZERS: dict[str, Initializer] = {
    "small": Initializer("0.01 N(0, 1), or another scale", lambda _inputs, _units, scale: scale, scaled=True),
    "he": Initializer("sqrt(2 / n_in) N(0, 1)", _he),
    "xavier": Initializer("sqrt(2 / (n_in + n_out)) N(0, 1)", _xavier, keeps_size=True),
    "lecun": Initializer("sqrt(1 / n_in) N(0, 1)", _lecun, keeps_size=True),
    "he_uniform": Initializer("U(-a, a), a = sqrt(6 / n_in)", _he, uniform=True),
    "xavier_uniform": Initializer("U(-a, a), a = sqrt(6 / (n_in + n_out))", _xavier, uniform=True, keeps_size=True),
    "lecun_uniform": Initializer("U(-a, a), a = sqrt(3 / n_in)", _lecun, uniform=True, keeps_size=True),
    "zeros": Initializer("0", lambda _inputs, _units, _scale: 0.0),
}
