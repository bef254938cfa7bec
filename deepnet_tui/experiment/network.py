"""The section [network]: hidden layers, and how their weights start."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator, model_validator

from deepnet_tui.data.builtin import Defaults
from engine.spec import LayerSpec, NetworkSpec
from engine.spec.settings import settings_of

SHARED = ("activation", "dropout")  # keys of [network] that hold for every layer
LAYER, NETWORK = settings_of(LayerSpec), settings_of(NetworkSpec)


class LayerSettings(BaseModel):
    """One hidden layer."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    units: int
    activation: str = LAYER["activation"].default
    dropout: float = LAYER["dropout"].default

    @model_validator(mode="after")
    def _allowed(self) -> Self:
        self.spec()
        return self

    def spec(self) -> LayerSpec:
        """The same layer as the engine describes it. Raises SpecError."""
        return LayerSpec(self.units, self.activation, self.dropout)


class NetworkSettings(BaseModel):
    """The hidden layers and how their parameters start; inputs, outputs and task follow from the data.

    `hidden` may also be given as plain numbers of units; `activation` and `dropout` beside it then hold for
    every layer that does not say otherwise.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    hidden: tuple[LayerSettings, ...] = tuple(LayerSettings(units=units) for units in Defaults.hidden)
    initializer: str = Defaults.initializer
    scale: float = NETWORK["scale"].default
    ensemble: int = NETWORK["ensemble"].default
    loss: str = NETWORK["loss"].default
    quantile: float = NETWORK["quantile"].default

    @model_validator(mode="before")
    @classmethod
    def _spread(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        common = {key: raw[key] for key in SHARED if key in raw}
        for name, value in common.items():
            LAYER[name].check(value)
        raw = {key: value for key, value in raw.items() if key not in SHARED}
        layers = raw.get("hidden", [layer.units for layer in cls.model_fields["hidden"].default])
        if isinstance(layers, list | tuple):
            raw["hidden"] = tuple(_layer(layer, common) for layer in layers)
        return raw

    @field_validator(*NETWORK)
    @classmethod
    def _check(cls, value: Any, info: ValidationInfo) -> Any:
        NETWORK[str(info.field_name)].check(value)
        return value

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
