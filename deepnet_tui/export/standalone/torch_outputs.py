from __future__ import annotations

from typing import Any

import torch


class Exp(torch.nn.Module):  # type: ignore[misc, unused-ignore]
    """e^z."""

    def forward(self, Z: Any) -> Any:
        """e^Z, entry by entry."""
        return torch.exp(Z)


ACTIVATIONS: dict[str, Any] = {
    "relu": torch.nn.ReLU(),
    "leaky_relu": torch.nn.LeakyReLU(0.01),
    "elu": torch.nn.ELU(),
    "gelu": torch.nn.GELU("tanh"),
    "silu": torch.nn.SiLU(),
    "softplus": torch.nn.Softplus(threshold=40.0),
    "tanh": torch.nn.Tanh(),
    "sigmoid": torch.nn.Sigmoid(),
    "linear": torch.nn.Identity(),
    "exp": Exp(),
}


def module(network: dict[str, Any], parameters: dict[str, Any]) -> Any:
    """The network as torch.nn.Sequential in float64: (examples, inputs) -> (examples, outputs).

    It ends in the probabilities, or in the standardised value; leave its last part out for the logits.
    """
    layers: list[Any] = []
    sizes = [network["inputs"], *(layer["units"] for layer in network["hidden"]), network["outputs"]]
    for number in range(1, len(sizes)):
        linear = torch.nn.Linear(sizes[number - 1], sizes[number], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(parameters[f"W{number}"], dtype=torch.float64))
            linear.bias.copy_(torch.tensor(parameters[f"b{number}"], dtype=torch.float64).ravel())
        layers.append(linear)
        if number < len(sizes) - 1:
            layers.append(ACTIVATIONS[network["hidden"][number - 1]["activation"]])
    ends = {"binary": torch.nn.Sigmoid(), "multiclass": torch.nn.Softmax(dim=1), "regression": torch.nn.Identity()}
    return torch.nn.Sequential(*layers, ends[network["task"]])


def outputs(network: dict[str, Any], parameters: dict[str, Any], X: Any) -> Any:
    """The network's outputs (units, examples) for prepared inputs X (inputs, examples), as NumPy arrays."""
    with torch.no_grad():
        return module(network, parameters)(torch.tensor(X.T, dtype=torch.float64)).numpy().T
