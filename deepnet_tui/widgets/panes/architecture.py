"""The architecture pane: the layers from the input to the output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from deepnet_tui.common.errors import InputError
from deepnet_tui.drawing.numbers import dims, whole
from deepnet_tui.widgets.base.settings_pane import Rows, SettingsPane
from deepnet_tui.widgets.base.settings_row import Row
from deepnet_tui.widgets.base.typed_numbers import read_whole
from engine.spec import LayerSpec
from engine.spec.settings import settings_of

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.workbench.workbench import Workbench

FIXED = "Input and output follow from the data; hidden layers can be changed"
NEW_UNITS = 4


def hidden_of(experiment: Experiment) -> list[dict[str, Any]]:
    """The hidden layers as plain values."""
    return [layer.model_dump() for layer in experiment.network.hidden]


def with_units(experiment: Experiment, index: int, units: int) -> dict[str, Any]:
    """The edit that gives hidden layer `index` so many units."""
    hidden = hidden_of(experiment)
    hidden[index]["units"] = units
    return {"hidden": hidden}


def with_activation(experiment: Experiment, index: int, activation: str) -> dict[str, Any]:
    """The edit that gives hidden layer `index` another activation."""
    hidden = hidden_of(experiment)
    hidden[index]["activation"] = activation
    return {"hidden": hidden}


def with_layer(experiment: Experiment, index: int) -> dict[str, Any]:
    """The edit that adds a layer at `index`, alike the one before it."""
    hidden = hidden_of(experiment)
    like = hidden[max(0, index - 1)] if hidden else {"units": NEW_UNITS, "activation": "relu", "dropout": 0.0}
    hidden.insert(index, dict(like))
    return {"hidden": hidden}


def without_layer(experiment: Experiment, index: int) -> dict[str, Any]:
    """The edit that removes hidden layer `index`."""
    hidden = hidden_of(experiment)
    del hidden[index]
    return {"hidden": hidden}


class ArchitecturePane(SettingsPane):
    """Layers: left and right change the units of the selected one."""

    def __init__(self) -> None:
        super().__init__("Architecture", id="architecture")
        self._workbench: Workbench | None = None
        self._shapes: dict[str, tuple[int, ...]] = {}

    def compose(self) -> ComposeResult:
        """The shapes of the selected layer's parameters; the layers follow."""
        yield Static("", id="shapes")

    def build(self, workbench: Workbench) -> list[Row]:
        """Input, hidden layers, output."""
        network = workbench.network
        self._workbench = workbench
        self._shapes = network.member.shapes
        self.border_subtitle = (
            "" if network.ensemble == 1 else f"{network.ensemble} networks of {dims(network.dims, 14)}"
        )
        rows = [Row("input", "network", _cells("input", network.inputs, ""), hint=FIXED)]
        for index, layer in enumerate(network.hidden):
            name = layer.activation + (f" −{layer.dropout:.0%}" if layer.dropout else "")
            rows.append(
                Row(
                    f"hidden {index + 1}",
                    "network",
                    _cells(f"hidden {index + 1}", layer.units, name),
                    label=f"units of hidden {index + 1}",
                    text=str(layer.units),
                    hint=settings_of(LayerSpec)["units"].allowed,
                    values=self._typed(index),
                    step=self._stepped(index, layer.units),
                )
            )
        output = network.layers[-1]
        rows.append(Row("output", "network", _cells("output", output.units, output.activation), hint=FIXED))
        return rows

    def _typed(self, index: int) -> Callable[[str], dict[str, Any]]:
        return lambda text: with_units(self.experiment, index, read_whole(text))

    def _stepped(self, index: int, units: int) -> Callable[[int], dict[str, Any] | None]:
        return lambda direction: (
            with_units(self.experiment, index, units + direction) if units + direction > 0 else None
        )

    @property
    def experiment(self) -> Experiment:
        """The experiment on the workbench, whatever was drawn last."""
        if self._workbench is None:
            raise InputError("There are no data yet; choose some first", "source")
        return self._workbench.experiment

    def show(self, workbench: Workbench) -> None:
        """Draw the layers."""
        first = not self.rows
        super().show(workbench)
        if first and len(self.rows) > 2:
            self.query_one(Rows).highlighted = 1
        self._show_shapes()

    def on_option_list_option_highlighted(self) -> None:
        """The shapes follow the cursor."""
        self._show_shapes()

    def _show_shapes(self) -> None:
        layer = self.chosen_layer
        text = ""
        if layer and f"W{layer}" in self._shapes:
            rows, columns = self._shapes[f"W{layer}"]
            text = f"W{layer} ({whole(rows)}, {whole(columns)})  b{layer} ({whole(rows)}, 1)"
        self.query_one("#shapes", Static).update(Content(text))

    def select_layer(self, layer: int) -> None:
        """Select a layer by its number: 0 for the input, L for the output."""
        if layer < len(self.rows):
            self.query_one(Rows).highlighted = layer

    @property
    def chosen_layer(self) -> int:
        """The number of the selected layer: 0 for the input, L for the output."""
        return self.query_one(Rows).highlighted or 0

    @property
    def hidden_index(self) -> int | None:
        """The index of the selected hidden layer, None on input and output."""
        count = len(self.experiment.network.hidden)
        return self.chosen_layer - 1 if 1 <= self.chosen_layer <= count else None

    def added(self) -> dict[str, Any]:
        """The edit that adds a layer after the selected one (before the output at the latest)."""
        index = min(self.chosen_layer, len(self.experiment.network.hidden))
        self.query_one(Rows).highlighted = index + 1
        return with_layer(self.experiment, index)

    def removed(self) -> dict[str, Any]:
        """The edit that removes the selected hidden layer. InputError on input and output."""
        if self.hidden_index is None:
            raise InputError("Choose a hidden layer to remove; input and output follow from the data", "hidden")
        index = self.hidden_index
        self.query_one(Rows).highlighted = max(1, index)
        return without_layer(self.experiment, index)

    def activation_row(self) -> Row:
        """The selected layer's activation as a row with choices. InputError on input and output."""
        index = self.hidden_index
        if index is None:
            raise InputError("Choose a hidden layer; the output's activation follows from the task", "activation")
        layer = self.experiment.network.hidden[index]
        return Row(
            "activation",
            "network",
            Content(""),
            label=f"activation of hidden {index + 1}",
            text=layer.activation,
            values=lambda name: with_activation(self.experiment, index, name),
            choices=activations,
        )


def activations() -> Mapping[str, str]:
    """Every activation with its formula."""
    from engine.ops.activations import ACTIVATIONS

    return {name: entry.formula for name, entry in ACTIVATIONS.items()}


def _cells(name: str, units: int, activation: str) -> Content:
    return Content.assemble(Content.styled(f"{name:<10}", "dim"), f"{whole(units):>7}  ", activation)
