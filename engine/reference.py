"""What the tutorial leaves out, as a textbook writes it: update rules, dropout, penalties, softmax, schedules.

Each function takes arrays and gives new ones. They are written to be read, and they are the oracle that the fast path
(`engine.ops`, `engine.compiled`) is tested against. W is any array of parameters, dW the gradient of the cost by it,
t = 1, 2, ... the number of the update.

    W, m, v = adam(W, dW, m, v, t, learning_rate=0.001)

`train`, at the end, puts them together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from engine.arrays import Array

# Update rules


def gradient_descent(W: Array, dW: Array, learning_rate: float) -> Array:
    """W - a dW: a step of `learning_rate` a against the gradient."""
    return np.asarray(W - learning_rate * dW)


def momentum(W: Array, dW: Array, velocity: Array, learning_rate: float, beta: float = 0.9) -> tuple[Array, Array]:
    """V = beta V - a dW, then W + V. Returns W and V; V starts at 0 (Polyak, 1964)."""
    velocity = beta * velocity - learning_rate * dW
    return W + velocity, velocity


def nesterov(W: Array, dW: Array, velocity: Array, learning_rate: float, beta: float = 0.9) -> tuple[Array, Array]:
    """As `momentum`, but with a step beta V - a dW from where the new velocity leads (Sutskever et al., 2013)."""
    velocity = beta * velocity - learning_rate * dW
    return W + beta * velocity - learning_rate * dW, velocity


def rmsprop(
    W: Array, dW: Array, v: Array, learning_rate: float, beta2: float = 0.999, epsilon: float = 1e-8
) -> tuple[Array, Array]:
    """v = beta2 v + (1 - beta2) dW^2, then W - a dW / (sqrt(v) + eps). v starts at 0 (Tieleman and Hinton, 2012)."""
    v = beta2 * v + (1 - beta2) * dW**2
    return W - learning_rate * dW / (np.sqrt(v) + epsilon), v


def adam(
    W: Array,
    dW: Array,
    m: Array,
    v: Array,
    t: int,
    learning_rate: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> tuple[Array, Array, Array]:
    """Running means of the gradient and of its square, both corrected for their start at 0 (Kingma and Ba, 2015).

    m = beta1 m + (1 - beta1) dW, v = beta2 v + (1 - beta2) dW^2, then W - a m_hat / (sqrt(v_hat) + eps) with
    m_hat = m / (1 - beta1^t) and v_hat = v / (1 - beta2^t). Returns W, m and v.
    """
    m = beta1 * m + (1 - beta1) * dW
    v = beta2 * v + (1 - beta2) * dW**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return W - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def adamw(
    W: Array, dW: Array, m: Array, v: Array, t: int, learning_rate: float, decay: float, **rest: float
) -> tuple[Array, Array, Array]:
    """W (1 - a decay), then Adam's step; dW has no penalty in it (Loshchilov and Hutter, 2019).

    `decay` is lambda / M where the cost has lambda / (2 M) sum W^2. `rest` is beta1, beta2 and epsilon.
    """
    shrunk = (1 - learning_rate * decay) * W
    return adam(shrunk, dW, m, v, t, learning_rate, **rest)


def scale_inputs(
    W1: Array,
    old_W1: Array,
    dW1: Array,
    m: Array,
    v: Array,
    t: int,
    learning_rate: float,
    times: float,
    most: float = 0.5,
    **rest: float,
) -> tuple[Array, Array, Array]:
    """W1 after its own update, each column times e^(times u), at most e^`most`, where u (1, n0) is Adam's step from 0.

    The gradient of u is the sum of old_W1 dW1 over each column: that of a scale e^u on each input. m and v are (1, n0).
    Returns W1, m and v. After the scaling layer of Holzmueller et al. (2024).
    """
    du = np.sum(old_W1 * dW1, axis=0, keepdims=True)
    u, m, v = adam(np.zeros_like(du), du, m, v, t, learning_rate, **rest)
    return W1 * np.exp(np.clip(times * u, -most, most)), m, v


def clip_by_norm(grads: Mapping[str, Array], limit: float) -> dict[str, Array]:
    """All gradients times one factor, so that the norm of all entries together is at most `limit`."""
    norm = math.sqrt(sum(float(np.sum(gradient**2)) for gradient in grads.values()))
    return {name: gradient * min(1.0, limit / norm) if norm else gradient for name, gradient in grads.items()}


# Dropout


def dropout_mask(shape: tuple[int, ...], rate: float, generator: np.random.Generator) -> Array:
    """D: 1 / (1 - rate) where a unit is kept, which happens with the probability 1 - rate, and 0 where it is dropped.

    Because of the division the mean of A * D is A, so the trained network is used without a mask and without any
    scaling (Srivastava et al., 2014).
    """
    keep = 1 - rate
    return np.asarray((generator.random(shape) < keep) / keep)


def dropout_forward(A: Array, D: Array) -> Array:
    """A * D: the activations (n, m) that the next layer gets while training."""
    return A * D


def dropout_backward(dA: Array, D: Array) -> Array:
    """dA * D: what was dropped on the way forward gets no gradient; D is the mask of the forward pass."""
    return dA * D


# Penalties: added to a cost that is a mean over m examples; biases are left out


def l2_penalty(weights: Mapping[str, Array], lambd: float, m: int) -> float:
    """lambda / (2 m) times the sum of all W^2."""
    return lambd / (2 * m) * sum(float(np.sum(W**2)) for W in weights.values())


def l2_gradient(W: Array, lambd: float, m: int) -> Array:
    """lambda / m W: what `l2_penalty` adds to dW."""
    return lambd / m * W


def l1_penalty(weights: Mapping[str, Array], l1: float, m: int) -> float:
    """l1 / m times the sum of all |W|."""
    return l1 / m * sum(float(np.sum(np.abs(W))) for W in weights.values())


def l1_gradient(W: Array, l1: float, m: int) -> Array:
    """l1 / m sign(W): what `l1_penalty` adds to dW."""
    return l1 / m * np.sign(W)


# Costs, from the pre-activation Z of the output layer, so that they are finite for every finite Z


def softmax(Z: Array) -> Array:
    """e^z / sum of e^z in each column of Z (classes, m). The largest z is subtracted first.

    That does not change the result, and no e^z can overflow.
    """
    exponentials = np.exp(Z - np.max(Z, axis=0, keepdims=True))
    return np.asarray(exponentials / np.sum(exponentials, axis=0, keepdims=True))


def softmax_cross_entropy(Z: Array, Y: Array) -> float:
    """The mean of -log of the probability of the right class: log(sum of e^z) - z of the class.

    Z is (classes, m), Y the same with one 1 in each column.
    """
    shifted = Z - np.max(Z, axis=0, keepdims=True)
    losses = np.log(np.sum(np.exp(shifted), axis=0)) - np.sum(shifted * Y, axis=0)
    return float(np.mean(losses))


def sigmoid_cross_entropy(Z: Array, Y: Array) -> float:
    """The mean over the examples of max(z, 0) - z y + log(1 + e^-|z|), which is -y log(a) - (1 - y) log(1 - a).

    Z and Y are (outputs, m), Y of 0 and 1; the losses of several outputs are added up.
    """
    losses = np.maximum(Z, 0) - Z * Y + np.log1p(np.exp(-np.abs(Z)))
    return float(np.mean(np.sum(losses, axis=0)))


def squared_error(Z: Array, Y: Array) -> float:
    """Half the mean over the examples of sum (z - y)^2; Z and Y are (outputs, m)."""
    return float(np.mean(np.sum((Z - Y) ** 2, axis=0)) / 2)


def output_error(A: Array, Y: Array) -> Array:
    """dZ = A - Y of the output layer, for each of the three costs above with its own activation A.

    A is softmax(Z), sigmoid(Z) or Z itself. It is the derivative of each example's own loss; dW is a mean of these
    (Bishop, 2006, section 5.2).
    """
    return A - Y


# Learning rates; t counts the updates done so far, from 0


def step_decay(learning_rate: float, t: int, decay: float, every: int) -> float:
    """The rate times `decay` after every `every` updates."""
    return float(learning_rate * decay ** (t // every))


def exponential_decay(learning_rate: float, t: int, decay: float, every: int) -> float:
    """The same, smoothly."""
    return float(learning_rate * decay ** (t / every))


def cosine_decay(learning_rate: float, t: int, iterations: int) -> float:
    """From the rate down to 0 along half a cosine wave (Loshchilov and Hutter, 2017)."""
    return learning_rate * (1 + math.cos(math.pi * t / iterations)) / 2


def warm_up(learning_rate: float, t: int, updates: int) -> float:
    """A linear rise to the rate over the first updates (Goyal et al., 2017)."""
    return learning_rate * min(1.0, (t + 1) / updates)


# All together: [LINEAR -> RELU -> DROPOUT] x (L-1) -> LINEAR -> SOFTMAX, trained with Adam and L2


def initial_parameters(layers_dims: Sequence[int], generator: np.random.Generator) -> dict[str, Array]:
    """Weights from a normal distribution of variance 2 / n_prev, biases 0 (He et al., 2015).

    `layers_dims` lists the units of each layer, the inputs first. Returns W1 (n1, n0), b1 (n1, 1), ..., WL, bL.
    """
    parameters = {}
    for layer, (n_prev, n) in enumerate(pairwise(layers_dims), start=1):
        parameters[f"W{layer}"] = generator.normal(0, math.sqrt(2 / n_prev), (n, n_prev))
        parameters[f"b{layer}"] = np.zeros((n, 1))
    return parameters


def forward(X: Array, parameters: Mapping[str, Array], masks: Sequence[Array] = ()) -> tuple[Array, list[Array]]:
    """ZL (nL, m), and what each layer reads: X (n0, m), then the activations of the hidden layers.

    `masks` are D of layers 1 to L-1 (nl, m); without them nothing is dropped, as when the trained network is used.
    """
    L = len(parameters) // 2
    inputs = [X]
    for layer in range(1, L):
        A = np.maximum(0, parameters[f"W{layer}"] @ inputs[-1] + parameters[f"b{layer}"])
        inputs.append(dropout_forward(A, masks[layer - 1]) if masks else A)
    return parameters[f"W{L}"] @ inputs[-1] + parameters[f"b{L}"], inputs


def backward(
    dZ: Array, parameters: Mapping[str, Array], inputs: Sequence[Array], masks: Sequence[Array] = ()
) -> dict[str, Array]:
    """dWL, dbL, ..., dW1, db1 of the mean loss, from dZL (nL, m) and the `inputs` and `masks` of `forward`."""
    m = dZ.shape[1]
    grads = {}
    for layer in range(len(inputs), 0, -1):
        A = inputs[layer - 1]
        grads[f"dW{layer}"] = dZ @ A.T / m
        grads[f"db{layer}"] = np.sum(dZ, axis=1, keepdims=True) / m
        if layer > 1:
            dA = parameters[f"W{layer}"].T @ dZ
            dA = dropout_backward(dA, masks[layer - 2]) if masks else dA
            dZ = dA * (A > 0)  # the slope of ReLU; where a unit was dropped, dA is 0 already
    return grads


def train(
    X: Array,
    Y: Array,
    parameters: Mapping[str, Array],
    generator: np.random.Generator,
    iterations: int,
    learning_rate: float = 0.001,
    rate: float = 0.0,
    lambd: float = 0.0,
) -> dict[str, Array]:
    """The parameters after `iterations` updates on all examples: Adam, dropout at `rate`, and L2 with `lambd`.

    X is (n0, m), Y (nL, m) with one 1 in each column; `generator` draws the masks.
    """
    m, W = X.shape[1], dict(parameters)
    units = [W[f"b{layer}"].shape[0] for layer in range(1, len(W) // 2)]
    mean = {name: np.zeros(value.shape) for name, value in W.items()}
    square = dict(mean)
    for t in range(1, iterations + 1):
        masks = [dropout_mask((n, m), rate, generator) for n in units]
        Z, inputs = forward(X, W, masks)
        grads = backward(output_error(softmax(Z), Y), W, inputs, masks)
        for name in W:
            dW = grads[f"d{name}"]
            if name.startswith("W"):
                dW = dW + l2_gradient(W[name], lambd, m)
            W[name], mean[name], square[name] = adam(W[name], dW, mean[name], square[name], t, learning_rate)
    return W
