"""The deep network from scratch: fourteen small functions, one for each step, written to be read.

The network is [LINEAR -> RELU] x (L-1) -> LINEAR -> SIGMOID for two classes. Features stand in rows and examples in
columns; m is the number of examples. These functions are the reference: the fast path of this package is tested
against them, and the Explain view of the app shows their numbers. Formulas: A. Ng et al., "Neural Networks and Deep
Learning" (2017), week 4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.arrays import Array

LinearCache = tuple[Array, Array, Array]  # A_prev, W, b
Cache = tuple[LinearCache, Array]  # the linear cache and Z
SEED = 3


def initialize_parameters_deep(layers_dims: Sequence[int] | Array) -> dict[str, Array]:
    """Weights drawn from 0.01 x the normal distribution (seed 3), biases zero.

    `layers_dims` lists the units of each layer, the inputs first: (n0, n1, ..., nL).
    Returns W1 (n1, n0), b1 (n1, 1), ..., WL (nL, nL-1), bL (nL, 1). NumPy's global generator is left alone.
    """
    generator = np.random.RandomState(SEED)
    dims = [int(units) for units in layers_dims]
    parameters = {}
    for layer in range(1, len(dims)):
        parameters[f"W{layer}"] = generator.randn(dims[layer], dims[layer - 1]) * 0.01
        parameters[f"b{layer}"] = np.zeros((dims[layer], 1))
    return parameters


def linear_forward(A: Array, W: Array, b: Array) -> tuple[Array, LinearCache]:
    """Z = W A + b, and the cache (A, W, b) that the backward pass will want.

    A is (n_prev, m), W (n, n_prev), b (n, 1); Z is (n, m).
    """
    return np.dot(W, A) + b, (A, W, b)


def sigmoid(Z: npt.ArrayLike) -> tuple[Array, Array]:
    """A = 1 / (1 + e^-Z), and Z as the cache. Written with tanh, which can't overflow."""
    Z = np.asarray(Z)
    return 0.5 * (1.0 + np.tanh(0.5 * Z)), Z


def relu(Z: npt.ArrayLike) -> tuple[Array, Array]:
    """A = max(0, Z), and Z as the cache."""
    Z = np.asarray(Z)
    return np.maximum(Z, 0), Z


def linear_activation_forward(A_prev: Array, W: Array, b: Array, activation: str) -> tuple[Array, Cache]:
    """One whole layer: the linear step, then `activation`, which is "sigmoid" or "relu".

    Returns A (n, m) and the pair (linear cache, activation cache).
    """
    Z, linear_cache = linear_forward(A_prev, W, b)
    A, activation_cache = _named(activation, sigmoid, relu)(Z)
    return A, (linear_cache, activation_cache)


def L_model_forward(X: Array, parameters: dict[str, Array]) -> tuple[Array, list[Cache]]:
    """The forward pass: ReLU in layers 1 to L-1, sigmoid in layer L.

    X is (n0, m). Returns AL (nL, m) and the caches of layers 1 to L, in that order.
    """
    L = len(parameters) // 2
    A = X
    caches = []
    for layer in range(1, L + 1):
        activation = "relu" if layer < L else "sigmoid"
        A, cache = linear_activation_forward(A, parameters[f"W{layer}"], parameters[f"b{layer}"], activation)
        caches.append(cache)
    return A, caches


def compute_cost(AL: Array, Y: Array) -> float:
    """The cross-entropy -1/m sum(Y log AL + (1 - Y) log(1 - AL)).

    AL holds probabilities and Y labels 0 or 1, both (1, m). A certain and wrong answer costs infinity.
    """
    m = Y.shape[1]
    surprise = np.where(Y > 0, Y, 1 - Y)
    chosen = np.where(Y > 0, AL, 1 - AL)
    other = np.where(Y > 0, 1 - AL, AL)
    with np.errstate(divide="ignore"):
        terms = surprise * np.log(chosen)
        if np.any(surprise != 1):
            terms += (1 - surprise) * np.log(other)
    return float(-np.sum(terms) / m)


def linear_backward(dZ: Array, cache: LinearCache) -> tuple[Array, Array, Array]:
    """dW = 1/m dZ A_prev^T, db = 1/m sum of dZ over the examples, dA_prev = W^T dZ.

    dZ is (n, m). Returns dA_prev (n_prev, m), dW (n, n_prev), db (n, 1).
    """
    A_prev, W, _ = cache
    m = A_prev.shape[1]
    dW = np.dot(dZ, A_prev.T) / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    return np.dot(W.T, dZ), dW, db


def sigmoid_backward(dA: npt.ArrayLike, activation_cache: npt.ArrayLike) -> Array:
    """dZ = dA * s (1 - s) with s = sigmoid(Z); the cache is Z."""
    s, _ = sigmoid(activation_cache)
    return np.asarray(np.asarray(dA) * s * (1 - s))


def relu_backward(dA: npt.ArrayLike, activation_cache: npt.ArrayLike) -> Array:
    """dZ = dA where Z > 0, else 0; the cache is Z. At 0 the slope is taken as 0."""
    return np.asarray(np.asarray(dA) * (np.asarray(activation_cache) > 0))


def linear_activation_backward(dA: Array, cache: Cache, activation: str) -> tuple[Array, Array, Array]:
    """One whole layer backward: through `activation` to dZ, then through the linear step.

    Returns dA_prev, dW and db as `linear_backward` does.
    """
    linear_cache, activation_cache = cache
    dZ = _named(activation, sigmoid_backward, relu_backward)(dA, activation_cache)
    return linear_backward(dZ, linear_cache)


def L_model_backward(AL: Array, Y: Array, caches: list[Cache]) -> dict[str, Array]:
    """The backward pass, from dAL = -(Y / AL - (1 - Y) / (1 - AL)) down to layer 1.

    Returns dWl and dbl for l = 1 ... L and dAl for l = 0 ... L-1, each named like that.
    """
    L = len(caches)
    Y = Y.reshape(AL.shape)
    dA = -(_ratio(Y, AL) - _ratio(1 - Y, 1 - AL))
    grads = {}
    for layer in range(L, 0, -1):
        activation = "sigmoid" if layer == L else "relu"
        dA, dW, db = linear_activation_backward(dA, caches[layer - 1], activation)
        grads[f"dA{layer - 1}"], grads[f"dW{layer}"], grads[f"db{layer}"] = dA, dW, db
    return grads


def update_parameters(parameters: dict[str, Array], grads: dict[str, Array], learning_rate: float) -> dict[str, Array]:
    """One step of gradient descent: W = W - rate dW and b = b - rate db, in every layer.

    The dictionary is updated and returned; the arrays in it are replaced, not written to.
    """
    for name in parameters:
        parameters[name] = parameters[name] - learning_rate * grads[f"d{name}"]
    return parameters


def L_layer_model(
    X: Array,
    Y: Array,
    layers_dims: Sequence[int],
    learning_rate: float = 0.0075,
    num_iterations: int = 3000,
    print_cost: bool = False,
    *,
    on_cost: Callable[[int, float], None] | None = None,
) -> dict[str, Array]:
    """Train the network by batch gradient descent and return its parameters.

    X is (n0, m), Y is (1, m). The cost before update 0, 100, 200, ... is printed with `print_cost`, and handed to
    `on_cost(iteration, cost)` for plotting.
    """
    parameters = initialize_parameters_deep(layers_dims)
    for iteration in range(num_iterations):
        AL, caches = L_model_forward(X, parameters)
        grads = L_model_backward(AL, Y, caches)
        parameters = update_parameters(parameters, grads, learning_rate)
        if iteration % 100 == 0 and (print_cost or on_cost):
            cost = compute_cost(AL, Y)
            if print_cost:
                print(f"Cost after iteration {iteration}: {cost}")  # noqa: T201 - the tutorial prints it
            if on_cost:
                on_cost(iteration, cost)
    return parameters


def _ratio(share: Array, probability: Array) -> Array:
    """share / probability, and 0 where the share is 0, even of a probability of 0."""
    return np.asarray(np.divide(share, probability, out=np.zeros(share.shape), where=share != 0))


def _named(activation: str, if_sigmoid: Callable[..., Any], if_relu: Callable[..., Any]) -> Callable[..., Any]:
    if activation not in ("sigmoid", "relu"):
        raise ValueError(f"activation {activation!r} is unknown here; choose sigmoid or relu")
    return if_sigmoid if activation == "sigmoid" else if_relu
