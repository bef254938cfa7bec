"""The deep network from scratch in the way that the tutorial writes it: a dictionary of arrays, a list of caches.

Nothing in it is slowed down on purpose, and nothing is made faster: plain NumPy expressions, one after the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays import Array


def sigmoid(Z: Array) -> tuple[Array, Array]:
    A = 1 / (1 + np.exp(-Z))
    return A, Z


def relu(Z: Array) -> tuple[Array, Array]:
    A = np.maximum(0, Z)
    return A, Z


def relu_backward(dA: Array, Z: Array) -> Array:
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    return dZ


def sigmoid_backward(dA: Array, Z: Array) -> Array:
    s = 1 / (1 + np.exp(-Z))
    return np.asarray(dA * s * (1 - s))


def forward(X: Array, parameters: dict[str, Array]) -> tuple[Array, list[Any]]:
    caches = []
    A = X
    L = len(parameters) // 2
    for layer in range(1, L + 1):
        W, b = parameters["W" + str(layer)], parameters["b" + str(layer)]
        Z = np.dot(W, A) + b
        linear_cache = (A, W, b)
        A, activation_cache = relu(Z) if layer < L else sigmoid(Z)
        caches.append((linear_cache, activation_cache))
    return A, caches


def backward(AL: Array, Y: Array, caches: list[Any]) -> dict[str, Array]:
    grads = {}
    L, m = len(caches), AL.shape[1]
    Y = Y.reshape(AL.shape)
    dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    for layer in reversed(range(1, L + 1)):
        (A_prev, W, _b), Z = caches[layer - 1]
        dZ = sigmoid_backward(dA, Z) if layer == L else relu_backward(dA, Z)
        grads["dW" + str(layer)] = 1 / m * np.dot(dZ, A_prev.T)
        grads["db" + str(layer)] = 1 / m * np.sum(dZ, axis=1, keepdims=True)
        dA = np.dot(W.T, dZ)
        grads["dA" + str(layer - 1)] = dA
    return grads


def update(parameters: dict[str, Array], grads: dict[str, Array], rate: float) -> dict[str, Array]:
    for layer in range(1, len(parameters) // 2 + 1):
        parameters["W" + str(layer)] = parameters["W" + str(layer)] - rate * grads["dW" + str(layer)]
        parameters["b" + str(layer)] = parameters["b" + str(layer)] - rate * grads["db" + str(layer)]
    return parameters


def cost(AL: Array, Y: Array) -> Array:
    m = Y.shape[1]
    return np.asarray(np.squeeze(-1 / m * np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))))


def train(X: Array, Y: Array, parameters: dict[str, Array], rate: float, iterations: int, *, costs: bool) -> None:
    """Gradient descent on `parameters`; with `costs`, the cost at each iteration too, as the tutorial has it."""
    for _ in range(iterations):
        AL, caches = forward(X, parameters)
        if costs:
            cost(AL, Y)
        parameters = update(parameters, backward(AL, Y, caches), rate)
