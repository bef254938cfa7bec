from __future__ import annotations

from typing import Any

from deepnet_tui.export.standalone.numpy_outputs import outputs as outputs_of_member


def outputs(network: dict[str, Any], parameters: dict[str, Any], X: Any) -> Any:
    """The mean outputs (units, examples) of the networks of an ensemble for prepared inputs X (inputs, examples)."""
    total = 0.0
    for k in range(network["ensemble"]):
        total = total + outputs_of_member(network, {name: value[k] for name, value in parameters.items()}, X)
    return total / network["ensemble"]
