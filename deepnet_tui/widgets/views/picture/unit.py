"""What Picture says about the chosen unit and the chosen weight or bias."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from textual.content import Content

from deepnet_tui.drawing.numbers import cost, short
from deepnet_tui.widgets.base.snapshot_context import SnapshotContext
from engine.network import forward

if TYPE_CHECKING:
    from engine.spec import NetworkSpec

EXAMPLES = 128
WORK = 2e7  # floating-point operations that the activations of a unit may take

Place = tuple[int, int]


@dataclass(frozen=True)
class WeightChange:
    """A value that was changed by hand, as text, and the cost and the run before."""

    text: str
    before: float
    old_run: str


class UnitActivations:
    """The activations of a few training examples; these are chosen once for a dataset and a network."""

    def __init__(self) -> None:
        self._key: object = None
        self._X: Any = None

    def of_layer(self, context: SnapshotContext, layer: int) -> Any:
        """A of the layer (units, examples), None where computing it would take too long."""
        network = context.network
        if 2 * network.size * EXAMPLES > WORK:
            return None
        key = (id(context.dataset), network.dims)
        if self._key != key:
            X = context.dataset.train.X
            self._key, self._X = key, X[:, :: max(1, X.shape[1] // EXAMPLES)]
        with np.errstate(all="ignore"):
            return forward(network, dict(context.snapshot.parameters), self._X)[f"A{layer}"]


def unit_facts(context: SnapshotContext, layer: int, unit: int, activations: Any) -> Content:
    """Where the unit is, and the mean and spread of its activations (units, examples), if these are known."""
    where = f"{layer_name(context.network, layer)}, unit {unit} of {context.network.dims[layer]:,}"
    if activations is None:
        return Content(where)
    values = activations[unit]
    text = f"mean {short(float(values.mean()))}  std {short(float(values.std()))}"
    if layer and layer < len(context.network.layers):
        text += f"  above 0 for {float((values > 0).mean()):.0%}"
    if layer == 0:
        return Content(f"{where} ({context.dataset.inputs[unit]})  {text}")
    return Content(f"{where}  {context.network.layers[layer - 1].activation.replace('_', ' ')}  {text}")


def parameter_facts(context: SnapshotContext, name: str, place: Place) -> Content:
    """The value of a weight or bias, and where a weight comes from."""
    layer, value = int(name[1:]), float(context.snapshot.parameters[name][place])
    if name[0] == "b":
        source, number = "its bias", ""
    else:
        source = f"from {layer_name(context.network, layer - 1)}, unit {place[1]}"
        if layer == 1:
            source = f"from {context.dataset.inputs[place[1]]}"
        number = f"{place[1] + 1} of {context.network.dims[layer - 1]:,}"
    return Content.assemble(
        "▸ ", Content.styled(f"{entry_name(name, place)} = {short(value)}", "bold"), f"  {source}  ", number
    )


def change_facts(change: WeightChange, now: float, undo: str) -> Content:
    """What a change by hand did to the cost; `undo` is the key that takes it back."""
    better = "$text-success" if now < change.before else "$text-warning"
    costs = Content.styled(f"cost {cost(change.before)} → {cost(now)}", better)
    return Content.assemble(f"{change.text}   ", costs, f"   {undo} takes it back")


def layer_name(network: NetworkSpec, layer: int) -> str:
    """input, hidden 2, output."""
    return "input" if layer == 0 else "output" if layer == len(network.layers) else f"hidden {layer}"


def entry_name(name: str, place: tuple[int, int]) -> str:
    """W2[3, 0], b2[3]: as NumPy counts, from 0."""
    return f"{name}[{place[0]}, {place[1]}]" if name[0] == "W" else f"{name}[{place[0]}]"
