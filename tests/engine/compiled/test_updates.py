"""What an update does to the parameters, against the formulas of docs/mathematics.md written out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from engine import LayerSpec, NetworkSpec, Trainer, network
from engine.arrays import Array
from engine.compiled.layout import Layout
from tests.engine.strategies import make_data, small_net, spec

LARGE = NetworkSpec(120, (LayerSpec(150, "tanh"), LayerSpec(20, "relu")), 3, "multiclass", "xavier")


def by_formula(trainer: Trainer, X: Array, Y: Array, n: int, weight: Array | None = None) -> dict[str, Array]:
    """The parameters after n updates, by engine.network.backward and the optimizer's formula."""
    t, W = trainer.training, trainer.parameters
    total = X.shape[1] if weight is None else float(weight.sum())
    memory = {name: [np.zeros_like(value), np.zeros_like(value)] for name, value in W.items()}
    for step in range(1, n + 1):
        adamw = t.optimizer == "adamw"
        grads = network.backward(trainer.network, W, X, Y, 0.0 if adamw else t.l2, t.l1, weight)
        norm = math.sqrt(sum(float(np.square(grads[f"d{name}"]).sum()) for name in W))
        shrink = min(1.0, t.clip_norm / norm) if t.clip_norm else 1.0
        for name in W:
            G, (M, S) = grads[f"d{name}"] * shrink, memory[name]
            if adamw and name.startswith("W"):
                W[name] = (1 - t.learning_rate * t.l2 / total) * W[name]
            if t.optimizer == "gd":
                W[name] = W[name] - t.learning_rate * G
            elif t.optimizer == "momentum":
                M[...] = t.momentum * M - t.learning_rate * G
                W[name] = W[name] + M
            elif t.optimizer == "rmsprop":
                S[...] = t.beta2 * S + (1 - t.beta2) * G**2
                W[name] = W[name] - t.learning_rate * G / (np.sqrt(S) + t.epsilon)
            else:
                M[...] = t.momentum * M + (1 - t.momentum) * G
                S[...] = t.beta2 * S + (1 - t.beta2) * G**2
                corrected = M / (1 - t.momentum**step), S / (1 - t.beta2**step)
                W[name] = W[name] - t.learning_rate * corrected[0] / (np.sqrt(corrected[1]) + t.epsilon)
    return W


@pytest.mark.usefixtures("each_path")
@pytest.mark.parametrize("optimizer", ["gd", "momentum", "rmsprop", "adam", "adamw"])
@pytest.mark.parametrize(
    "more",
    [{}, {"l2": 0.7, "l1": 0.3}, {"l2": 3.0, "clip_norm": 0.05}, {"epsilon": 0.01, "beta2": 0.9, "momentum": 0.5}],
    ids=str,
)
@pytest.mark.parametrize("net", [LARGE, small_net("multiclass")], ids=["large", "small"])
def test_updates_follow_their_formula(optimizer: str, more: dict[str, Any], net: NetworkSpec) -> None:
    """The large network's vectors are updated in several slices, the small one's in one."""
    X, Y = make_data(net, 30, 4)
    trainer = Trainer(net, spec(optimizer=optimizer, learning_rate=0.01, **more), X, Y)
    expected = by_formula(trainer, X, Y, 5)
    trainer.advance(5)
    for name, value in trainer.parameters.items():
        np.testing.assert_allclose(value, expected[name], rtol=1e-9, atol=1e-11, err_msg=name)


@pytest.mark.usefixtures("each_path")
def test_weighted_batches_divide_by_the_mean_weight() -> None:
    net = small_net("multiclass")
    X, Y = make_data(net, 25, 4)
    weight = np.random.default_rng(1).uniform(0.2, 3, 25)
    trainer = Trainer(net, spec(batch_size=10, shuffle=False, l2=0.5), X, Y, sample_weight=weight)
    W = trainer.parameters
    for start in (0, 10, 20):
        cut = slice(start, min(start + 10, 25))
        part = weight[cut]
        grads = network.backward(net, W, X[:, cut], Y[:, cut], sample_weight=part)
        for name in W:
            pull = 0.5 / weight.sum() * W[name] if name.startswith("W") else 0.0
            share = float(part.sum()) / (part.size * weight.mean())
            W[name] = W[name] - 0.1 * (grads[f"d{name}"] * share + pull)
    trainer.advance(3)
    for name, value in trainer.parameters.items():
        np.testing.assert_allclose(value, W[name], rtol=1e-11, atol=1e-13)


@pytest.mark.usefixtures("each_path")
@pytest.mark.parametrize("batch_size", [None, 12])
def test_dropout_in_backward_is_the_mask_of_forward(batch_size: int | None) -> None:
    """The gradient by hand, with the masks of the iteration: inverted, and zero where a unit was dropped."""
    net = NetworkSpec(4, (LayerSpec(6, "tanh", 0.4), LayerSpec(5, "relu", 0.2)), 2, "regression", "xavier")
    X, Y = make_data(net, 12, 3)
    trainer = Trainer(net, spec(batch_size=batch_size, shuffle=False, l2=0.0), X, Y)
    loop, W = trainer._loop, trainer.parameters
    loop.batching.set_scale(1.0)
    loop.batching.gradient()
    program = loop.batching.programs[12 if batch_size else 0]  # type: ignore[attr-defined]
    D = [program._dropout_mask(layer).copy() for layer in (1, 2)]
    for mask, keep in zip(D, (0.6, 0.8), strict=True):
        np.testing.assert_allclose(np.unique(mask), [0, 1 / keep])
    A1 = np.tanh(W["W1"] @ X + W["b1"]) * D[0]
    Z2 = W["W2"] @ A1 + W["b2"]
    A2 = np.maximum(Z2, 0) * D[1]
    dZ3 = (W["W3"] @ A2 + W["b3"] - Y) / 12
    dZ2 = (W["W3"].T @ dZ3) * D[1] * (Z2 > 0)
    dZ1 = (W["W2"].T @ dZ2) * D[0] * (1 - np.tanh(W["W1"] @ X + W["b1"]) ** 2)
    found = Layout(net.dims).copies(loop.flat.vectors.gradient)
    for layer, dZ, A in ((1, dZ1, X), (2, dZ2, A1), (3, dZ3, A2)):
        np.testing.assert_allclose(found[f"W{layer}"], dZ @ A.T, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(found[f"b{layer}"], dZ.sum(axis=1, keepdims=True), rtol=1e-10, atol=1e-13)


@pytest.mark.usefixtures("each_path")
def test_the_decay_of_adamw_follows_the_schedule() -> None:
    """With a gradient of zero only the decay is left: W shrinks by 1 - rate lambda / m, with the rate of its update."""
    net = NetworkSpec(2, (), 1, "regression", "xavier")
    X = np.zeros((2, 8))
    training = spec(optimizer="adamw", l2=4.0, schedule="step", decay=0.5, decay_every=2, warmup=2)
    trainer = Trainer(net, training, X, np.zeros((1, 8)))
    W = trainer.parameters["W1"]
    for rate in (0.05, 0.1, 0.05, 0.05, 0.025):
        trainer.advance(1)
        W = W * (1 - rate * 4.0 / 8)
        np.testing.assert_allclose(trainer.parameters["W1"], W, rtol=1e-13)
