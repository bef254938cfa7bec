"""The section [network]: hidden layers, and how their weights start."""

from __future__ import annotations

from typing import Any

from deepnet_tui.common.section import Check, SettingsSection, field, number, several, text, whole
from deepnet_tui.data.builtin import Defaults
from engine.spec import LayerSpec, NetworkSpec
from engine.spec.settings import settings_of

SHARED = ("activation", "dropout")  # keys of [network] that hold for every layer
LAYER, NETWORK = settings_of(LayerSpec), settings_of(NetworkSpec)


class LayerSettings(SettingsSection):
    """One hidden layer."""

    units: int = field(whole)
    activation: str = field(text, LAYER["activation"].default)
    dropout: float = field(number, LAYER["dropout"].default)

    def check_together(self) -> None:
        self.spec()

    def spec(self) -> LayerSpec:
        """The same layer as the engine describes it. Raises SpecError."""
        return LayerSpec(self.units, self.activation, self.dropout)


def _checked(name: str, check: Check) -> Check:
    def checked(value: Any) -> Any:
        kept = check(value)
        NETWORK[name].check(kept)
        return kept

    return checked


class NetworkSettings(SettingsSection):
    """The hidden layers and how their parameters start; inputs, outputs and task follow from the data.

    `hidden` may also be given as plain numbers of units; `activation` and `dropout` beside it then hold for
    every layer that does not say otherwise.
    """

    hidden: tuple[LayerSettings, ...] = field(
        several(LayerSettings.model_validate), tuple(LayerSettings(units=units) for units in Defaults.hidden)
    )
    initializer: str = field(_checked("initializer", text), Defaults.initializer)
    scale: float = field(_checked("scale", number), NETWORK["scale"].default)
    ensemble: int = field(_checked("ensemble", whole), NETWORK["ensemble"].default)
    loss: str = field(_checked("loss", text), NETWORK["loss"].default)
    quantile: float = field(_checked("quantile", number), NETWORK["quantile"].default)

    @classmethod
    def prepared(cls, values: dict[str, Any]) -> dict[str, Any]:
        common = {key: values[key] for key in SHARED if key in values}
        for name, value in common.items():
            LAYER[name].check(value)
        raw = {key: value for key, value in values.items() if key not in SHARED}
        layers = raw.get("hidden", [layer.units for layer in cls.model_fields["hidden"].default])
        if isinstance(layers, list | tuple):
            raw["hidden"] = tuple(_layer(layer, common) for layer in layers)
        return raw

    def to_dict(self) -> dict[str, Any]:
        """Plain values, short where all layers are alike."""
        raw: dict[str, Any] = {"hidden": [layer.model_dump() for layer in self.hidden]}
        if len({(layer.activation, layer.dropout) for layer in self.hidden}) == 1:
            first = self.hidden[0]
            raw = {
                "hidden": [layer.units for layer in self.hidden],
                "activation": first.activation,
                "dropout": first.dropout,
            }
        return raw | {name: getattr(self, name) for name in NETWORK}


def _layer(layer: Any, common: dict[str, Any]) -> Any:
    """A number of units, or a table, with what is common to all layers."""
    if isinstance(layer, LayerSettings):
        return layer
    return common | (layer if isinstance(layer, dict) else {"units": layer})
