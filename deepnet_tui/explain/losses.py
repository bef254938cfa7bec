"""The loss of one example as arithmetic: written out for the built-in losses, else from the formula of its entry."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from deepnet_tui.explain.arithmetic import difference, digits_needed, factor, format_number, parenthesized, substitute
from engine.arrays import Array
from engine.ops.loss import Loss
from engine.ops.losses import losses
from engine.spec import NetworkSpec

TINY = 1e-8  # a probability this near to 0 or 1 no longer tells the loss; its pre-activation z does
Term = tuple[str, float]  # what is written, and its value


def binary(a: Array, z: Array, y: Array) -> list[Term]:
    """One term an output: -log(a) for the label 1, -log(1 - a) for 0."""
    return [(_binary(a[k], z[k], y[k]), _alone("binary", z[k], y[k])) for k in range(len(y))]


def _binary(a: float, z: float, y: float) -> str:
    if (y > 0 and a < TINY) or 1 - a < TINY:
        log_term = f"log(1 + e^-{parenthesized(abs(z))})"
        return f"max({format_number(z)}, 0) - {parenthesized(z)}×{parenthesized(y)} + {log_term}"
    digits = digits_needed(1.0, 1 - a)
    if y in (0, 1):
        return f"-log({format_number(a, digits)})" if y else f"-log(1 - {parenthesized(a, digits)})"
    return f"-({factor(y)}×log({format_number(a, digits)}) + {factor(1 - y)}×log(1 - {parenthesized(a, digits)}))"


def multiclass(a: Array, z: Array, y: Array) -> list[Term]:
    """-log of the probability given to the right class."""
    largest = z.max()
    surprise = largest + np.log(np.exp(z - largest).sum()) - z
    return [(_class(a[k], z[k], y[k]), float(y[k] * surprise[k])) for k in range(len(y)) if y[k]]


def _class(a: float, z: float, y: float) -> str:
    weight = "" if y == 1 else f"{factor(y)}×"
    if min(a, 1 - a) < TINY:
        return f"{weight}(log(Σ e^z) - {parenthesized(z)})"
    return f"-{weight}log({format_number(a, digits_needed(1.0, 1 - a))})"


def regression(a: Array, z: Array, y: Array) -> list[Term]:
    """Half the squared error of each output."""
    return [(f"({difference(a[k], y[k])})²/2", _alone("regression", z[k], y[k])) for k in range(len(y))]


def huber(a: Array, z: Array, y: Array) -> list[Term]:
    """Half the squared error up to 1, beyond that the error less 1/2."""
    return [(_huber(a[k], y[k]), _alone("huber", z[k], y[k])) for k in range(len(y))]


def _huber(a: float, y: float) -> str:
    return f"({difference(a, y)})²/2" if abs(a - y) <= 1 else f"({_distance(a, y)} - 0.5)"


def absolute(a: Array, z: Array, y: Array) -> list[Term]:
    """The size of each error."""
    return [(f"({_distance(a[k], y[k])})", _alone("absolute", z[k], y[k])) for k in range(len(y))]


def poisson(a: Array, z: Array, y: Array) -> list[Term]:
    """Half the deviance of each output; for the label 0 it is the output."""
    return [(_poisson(a[k], y[k]), _alone("poisson", z[k], y[k])) for k in range(len(y))]


def _poisson(a: float, y: float) -> str:
    if y == 0:
        return format_number(a)
    digits = digits_needed(a, (a - y) ** 2 / (a + y))  # the terms nearly cancel where a is near y
    y_text, a_text = parenthesized(y, digits), parenthesized(a, digits)
    return f"({a_text} - {y_text} + {y_text}×log({y_text}/{a_text}))"


def _distance(a: float, y: float) -> str:
    return difference(max(a, y), min(a, y))


def _alone(loss: Loss | str, z: float, y: float) -> float:
    return float(losses(loss, np.array([[z]]), np.array([[y]]))[0])


def symbols(network: NetworkSpec) -> str:
    """The loss of an example in the letters of matrices."""
    name, last = network.loss_name, len(network.layers)
    if name in SYMBOLS:
        return SYMBOLS[name].format(L=last)
    letters = {"a": f"A{last}", "z": f"Z{last}", "y": "Y"}
    return re.sub(r"\b[azy]\b", lambda letter: letters[letter[0]], network.loss_function.formula)


def terms(network: NetworkSpec, a: Array, z: Array, y: Array) -> list[Term]:
    """One term an output, with its value, from the columns a, z and y (nL,) of one example."""
    name, loss = network.loss_name, network.loss_function
    if name in TERMS:
        return TERMS[name](a, z, y)
    return [(f"({substitute(loss.formula, a=a[k], z=z[k], y=y[k])})", _alone(loss, z[k], y[k])) for k in range(len(y))]


SYMBOLS = {
    "binary": "-(Y log A{L} + (1-Y) log(1-A{L}))",
    "multiclass": "-Σ Y log A{L} over the classes",
    "regression": "1/2 (A{L} - Y)²",
    "huber": "1/2 (A{L} - Y)² where |A{L} - Y| ≤ 1, |A{L} - Y| - 1/2 elsewhere",
}
TERMS: dict[str, Callable[[Array, Array, Array], list[Term]]] = {
    "binary": binary,
    "multiclass": multiclass,
    "regression": regression,
    "huber": huber,
    "absolute": absolute,
    "poisson": poisson,
}
