"""Gradients against PyTorch's autograd, where PyTorch is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import NetworkSpec, Trainer, TrainingSpec, network
from engine.parameters import initialize
from tests.engine.strategies import make_data, networks

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


def torch_cost(net: NetworkSpec, parameters: dict[str, Any], X: Any, Y: Any, l2: float, l1: float, weight: Any) -> Any:
    """The weighted mean of PyTorch's own losses plus both penalties."""
    A = X
    for layer, spec in enumerate(net.layers, start=1):
        Z = parameters[f"W{layer}"] @ A + parameters[f"b{layer}"]
        A = Z if layer == len(net.layers) else FUNCTIONS[spec.activation](Z)
    if net.task == "binary":
        each = torch.nn.functional.binary_cross_entropy_with_logits(A, Y, reduction="none").sum(dim=0)
    elif net.task == "multiclass":
        each = torch.nn.functional.cross_entropy(A.T, Y.T, reduction="none")
    else:
        each = torch.nn.functional.mse_loss(A, Y, reduction="none").sum(dim=0) / 2
    total = weight.sum()
    weights = [value for name, value in parameters.items() if name.startswith("W")]
    squares, sizes = sum(torch.square(W).sum() for W in weights), sum(W.abs().sum() for W in weights)
    return (each * weight).sum() / total + (l2 / 2 * squares + l1 * sizes) / total


@settings(max_examples=200, deadline=None)
@given(
    net=networks(),
    m=st.integers(1, 30),
    seed=st.integers(0, 10_000),
    l2=st.sampled_from((0.0, 0.7)),
    l1=st.sampled_from((0.0, 0.3)),
    weighted=st.booleans(),
)
def test_autograd_agrees(net: NetworkSpec, m: int, seed: int, l2: float, l1: float, weighted: bool) -> None:
    """With backward, and with the gradient that an update of the trainer subtracts."""
    X, Y = make_data(net, m, seed)
    parameters = initialize(net, seed)
    weight = np.random.default_rng(seed).uniform(0.1, 3, m) if weighted else None
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in parameters.items()}
    mass = torch.tensor(np.ones(m) if weight is None else weight)
    cost = torch_cost(net, tensors, torch.tensor(X), torch.tensor(Y), l2, l1, mass)
    cost.backward()
    assert network.cost(net, parameters, X, Y, l2, l1, weight) == pytest.approx(cost.item(), rel=1e-10)
    grads = network.backward(net, parameters, X, Y, l2, l1, weight)
    trainer = Trainer(net, TrainingSpec(learning_rate=1.0, l2=l2, l1=l1), X, Y, None, parameters, weight)
    trainer.advance(1)
    after = trainer.parameters
    for name, tensor in tensors.items():
        np.testing.assert_allclose(grads[f"d{name}"], tensor.grad.numpy(), rtol=1e-9, atol=1e-10)
        np.testing.assert_allclose(parameters[name] - after[name], tensor.grad.numpy(), rtol=1e-9, atol=1e-10)
