"""A pass through a network written down once more, formula by formula in plain NumPy, with nothing of the engine.

Sources: Bishop (2006), section 5.3; for the activations the papers that name them (Clevert 2015, Hendrycks 2016 with
its tanh approximation, Elfwing 2017).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy import special

from engine.arrays import Array

ROOT = math.sqrt(2 / math.pi)


def _sigmoid(z: Array) -> Array:
    return np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))


def _gelu_slope(z: Array) -> Array:
    t = np.tanh(ROOT * (z + 0.044715 * z**3))
    return np.asarray((1 + t) / 2 + z / 2 * (1 - t * t) * ROOT * (1 + 3 * 0.044715 * z**2))


G: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "relu": (lambda z: z * (z > 0), lambda z: 1.0 * (z > 0)),
    "leaky_relu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1.0, 0.01)),
    "elu": (lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))), lambda z: np.exp(np.minimum(z, 0))),
    "gelu": (lambda z: z / 2 * (1 + np.tanh(ROOT * (z + 0.044715 * z**3))), _gelu_slope),
    "silu": (lambda z: z * _sigmoid(z), lambda z: _sigmoid(z) * (1 + z * _sigmoid(-z))),
    "softplus": (lambda z: np.logaddexp(0, z), _sigmoid),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "sigmoid": (_sigmoid, lambda z: _sigmoid(z) * _sigmoid(-z)),
    "linear": (lambda z: z, np.ones_like),
}


def _output(task: str, Z: Array, loss: str) -> Array:
    if loss == "poisson":
        return np.asarray(np.exp(Z))
    if task == "multiclass":
        return np.asarray(np.exp(Z) / np.exp(Z).sum(axis=0))
    return _sigmoid(Z) if task == "binary" else Z


def _losses(task: str, Z: Array, A: Array, Y: Array, loss: str, quantile: float) -> Array:
    if loss == "huber":
        each = np.where(np.abs(A - Y) <= 1, (A - Y) ** 2 / 2, np.abs(A - Y) - 0.5)
    elif loss == "absolute":
        each = np.abs(A - Y)
    elif loss == "quantile":
        each = np.where(A > Y, (1 - quantile) * (A - Y), quantile * (Y - A))
    elif loss == "poisson":
        each = A - Y + special.xlogy(Y, Y / A)
    elif task == "regression":
        each = (A - Y) ** 2 / 2
    elif task == "multiclass":
        each = Y * (np.log(np.exp(Z).sum(axis=0)) - Z)
    else:
        each = Y * np.logaddexp(0, -Z) + (1 - Y) * np.logaddexp(0, Z)
    return np.asarray(each.sum(axis=0))


def _error(A: Array, Y: Array, loss: str, quantile: float) -> Array:
    """dZ of the output."""
    if loss == "huber":
        return np.asarray(np.clip(A - Y, -1, 1))
    if loss == "absolute":
        return np.asarray(np.sign(A - Y))
    if loss == "quantile":
        return np.where(A > Y, 1 - quantile, -quantile)
    return np.asarray(A - Y)


def reference(
    activations: Sequence[str],
    task: str,
    parameters: Mapping[str, Array],
    X: Array,
    Y: Array,
    l2: float = 0.0,
    l1: float = 0.0,
    of: float | None = None,
    weight: Array | None = None,
    loss: str = "default",
    quantile: float = 0.5,
) -> dict[str, Array]:
    """Every matrix of the pass by its name; penalties are divided by `of`, examples weighed by `weight` (m,)."""
    w = np.ones(X.shape[1]) if weight is None else weight
    total, of = w.sum(), w.sum() if of is None else of
    last = len(activations) + 1
    made = {"A0": X}
    for layer in range(1, last + 1):
        Z = np.einsum("ij,jk->ik", parameters[f"W{layer}"], made[f"A{layer - 1}"]) + parameters[f"b{layer}"]
        made[f"Z{layer}"] = Z
        made[f"A{layer}"] = _output(task, Z, loss) if layer == last else G[activations[layer - 1]][0](Z)
    made["loss"] = _losses(task, made[f"Z{last}"], made[f"A{last}"], Y, loss, quantile)[None, :]
    weights = [parameters[f"W{layer}"] for layer in range(1, last + 1)]
    made["penalty"] = np.array([[sum(l2 / 2 * (W**2).sum() + l1 * np.abs(W).sum() for W in weights) / of]])
    made["J"] = (made["loss"] * w).sum(keepdims=True) / total + made["penalty"]
    dZ = _error(made[f"A{last}"], Y, loss, quantile)
    for layer in range(last, 0, -1):
        if layer < last:
            dZ = made[f"dA{layer}"] * G[activations[layer - 1]][1](made[f"Z{layer}"])
        W = parameters[f"W{layer}"]
        made[f"dZ{layer}"] = dZ
        made[f"dW{layer}"] = (
            np.einsum("ik,jk,k->ij", dZ, made[f"A{layer - 1}"], w) / total + (l2 * W + l1 * np.sign(W)) / of
        )
        made[f"db{layer}"] = (dZ * w).sum(axis=1, keepdims=True) / total
        made[f"dA{layer - 1}"] = np.einsum("ji,jk->ik", W, dZ)
    return made
