"""Gradients against PyTorch's autograd, where PyTorch is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import NetworkSpec, network
from engine.initializers import initialize

from .strategies import make_data, networks

torch: Any = pytest.importorskip("torch", reason="PyTorch is not installed")

FUNCTIONS: dict[str, Any] = {
    "relu": torch.relu,
    "leaky_relu": lambda z: torch.nn.functional.leaky_relu(z, 0.01),
    "elu": torch.nn.functional.elu,
    "gelu": lambda z: torch.nn.functional.gelu(z, approximate="tanh"),
    "silu": torch.nn.functional.silu,
    "softplus": torch.nn.functional.softplus,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "linear": lambda z: z,
}


def torch_cost(net: NetworkSpec, parameters: dict[str, Any], X: Any, Y: Any, l2: float) -> Any:
    A = X
    for layer, spec in enumerate(net.layers, start=1):
        Z = parameters[f"W{layer}"] @ A + parameters[f"b{layer}"]
        A = Z if layer == len(net.layers) else FUNCTIONS[spec.activation](Z)
    m = X.shape[1]
    if net.task == "binary":
        cost = torch.nn.functional.binary_cross_entropy_with_logits(A, Y, reduction="sum") / m
    elif net.task == "multiclass":
        cost = torch.nn.functional.cross_entropy(A.T, Y.T)
    else:
        cost = torch.square(A - Y).sum() / (2 * m)
    weights = [value for name, value in parameters.items() if name.startswith("W")]
    return cost + l2 / (2 * m) * sum(torch.square(W).sum() for W in weights)


@settings(max_examples=200, deadline=None)
@given(net=networks(), m=st.integers(1, 30), seed=st.integers(0, 10_000), l2=st.sampled_from((0.0, 0.7)))
def test_autograd_agrees(net: NetworkSpec, m: int, seed: int, l2: float) -> None:
    X, Y = make_data(net, m, seed)
    parameters = initialize(net, seed)
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in parameters.items()}
    cost = torch_cost(net, tensors, torch.tensor(X), torch.tensor(Y), l2)
    cost.backward()
    assert network.cost(net, parameters, X, Y, l2) == pytest.approx(float(cost), rel=1e-10)
    grads = network.backward(net, parameters, X, Y, l2)
    for name, tensor in tensors.items():
        np.testing.assert_allclose(grads[f"d{name}"], tensor.grad.numpy(), rtol=1e-9, atol=1e-10)
