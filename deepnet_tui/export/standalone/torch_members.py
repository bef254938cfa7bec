from __future__ import annotations

from typing import Any

import torch

from deepnet_tui.export.standalone.torch_outputs import module as module_of_member


class Ensemble(torch.nn.Module):  # type: ignore[misc, unused-ignore]
    """Networks whose outputs are averaged: (examples, inputs) -> (examples, outputs)."""

    def __init__(self, members: list[Any]) -> None:
        super().__init__()
        self.members = torch.nn.ModuleList(members)

    def forward(self, X: Any) -> Any:
        """The mean of the members' outputs."""
        return torch.stack([member(X) for member in self.members]).mean(dim=0)


def module(network: dict[str, Any], parameters: dict[str, Any]) -> Any:
    """The ensemble in float64; its `members` are the networks, each torch.nn.Sequential."""
    own = [{name: value[k] for name, value in parameters.items()} for k in range(network["ensemble"])]
    return Ensemble([module_of_member(network, values) for values in own])
