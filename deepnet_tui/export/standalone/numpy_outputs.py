from __future__ import annotations

from typing import Any

import numpy as np


def activate(name: str, Z: Any) -> Any:
    """The activation `name` of Z, for hidden layers."""
    with np.errstate(over="ignore"):
        if name == "relu":
            return np.maximum(Z, 0.0)
        if name == "leaky_relu":
            return np.maximum(0.01 * Z, Z)
        if name == "elu":
            return np.maximum(Z, 0.0) + np.expm1(np.minimum(Z, 0.0))
        if name == "gelu":
            return 0.5 * Z * (1.0 + np.tanh(np.sqrt(2.0 / np.pi) * (Z + 0.044715 * Z**3)))
        if name == "silu":
            return Z / (1.0 + np.exp(-Z))
        if name == "softplus":
            return np.logaddexp(Z, 0.0)
        if name == "tanh":
            return np.tanh(Z)
        if name == "sigmoid":
            return 1.0 / (1.0 + np.exp(-Z))
        if name == "linear":
            return Z
    raise ValueError(f"the activation {name!r} is unknown")


def outputs(network: dict[str, Any], parameters: dict[str, Any], X: Any) -> Any:
    """The network's outputs (units, examples) for prepared inputs X (inputs, examples)."""
    A = X
    last = len(network["hidden"]) + 1
    for layer in range(1, last + 1):
        Z = np.asarray(parameters[f"W{layer}"]) @ A + np.asarray(parameters[f"b{layer}"])
        A = activate(network["hidden"][layer - 1]["activation"], Z) if layer < last else Z
    if network["task"] == "binary":
        return activate("sigmoid", A)
    if network["task"] == "multiclass":
        A = np.exp(A - A.max(axis=0))
        return A / A.sum(axis=0)
    return A
