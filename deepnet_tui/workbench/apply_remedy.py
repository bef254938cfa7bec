"""Applying a remedy that the doctor suggests: its changes become one edit of the workbench."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.diagnostics.findings import Change, Remedy

if TYPE_CHECKING:
    from deepnet_tui.experiment import NetworkSettings
    from deepnet_tui.workbench.workbench import Workbench


SECTIONS: tuple[str, ...] = ("network", "training")


def apply(workbench: Workbench, remedy: Remedy) -> str:
    """Make the changes as one edit; gives a sentence to show. Raises InputError, as every edit does."""
    sections = {change.section for change in remedy.changes}
    network = workbench.experiment.network
    changes = {name: values(remedy, name, network) for name in SECTIONS if name in sections}
    sentence = workbench.revise(changes, name="remedy", back_to=remedy.back_to)
    return f"{str(remedy)[0].upper()}{str(remedy)[1:]}. {sentence or 'u takes it back'}"


def values(remedy: Remedy, section: str, network: NetworkSettings) -> dict[str, Any]:
    """The new values of one section as the workbench takes them."""
    changes = [change for change in remedy.changes if change.section == section]
    new: dict[str, Any] = {change.name: change.after for change in changes if not change.layers}
    layered = [change for change in changes if change.layers]
    if layered:
        new["hidden"] = [_layer(number, layer.model_dump(), layered) for number, layer in enumerate(network.hidden, 1)]
    return new


def _layer(number: int, settings: dict[str, Any], changes: list[Change]) -> dict[str, Any]:
    return settings | {change.name: change.after for change in changes if number in change.layers}
