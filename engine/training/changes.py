"""Settings that can be changed while a network is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.spec import NetworkSpec, SpecError, TrainingSpec
from engine.spec.bounds import number
from engine.spec.network import MOST_DROPOUT


def changed_training(
    training: TrainingSpec,
    learning_rate: float | None = None,
    l2: float | None = None,
    iterations: int | None = None,
) -> TrainingSpec:
    """The training with these settings instead of its own; None leaves a setting as it is. Raises SpecError."""
    given = {"learning_rate": learning_rate, "l2": l2, "iterations": iterations}
    return replace(training, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]


def changed_network(network: NetworkSpec, dropout: float | Sequence[float] | None) -> NetworkSpec:
    """The network with another dropout: one rate for all hidden layers, or one for each. Raises SpecError."""
    if dropout is None:
        return network
    rates = _dropout_rates(network, dropout)
    layers = zip(network.hidden, rates, strict=True)
    return replace(network, hidden=tuple(replace(layer, dropout=rate) for layer, rate in layers))


def _dropout_rates(network: NetworkSpec, dropout: float | Sequence[float]) -> tuple[float, ...]:
    hidden = len(network.hidden)
    if isinstance(dropout, Sequence) and not isinstance(dropout, str):
        if len(dropout) != hidden:
            raise SpecError("dropout", f"dropout has {len(dropout)} rates, the network {hidden} hidden layers")
        return tuple(dropout)
    number("dropout", dropout, 0.0, MOST_DROPOUT)
    if dropout and not hidden:
        raise SpecError("dropout", "dropout leaves out units of hidden layers, of which this network has none")
    return (dropout,) * hidden
