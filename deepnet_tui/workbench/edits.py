"""What an edit of the settings means for a network in training: whether it can be applied live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment

Changes = Mapping[str, Mapping[str, Any]]  # new values by section and setting

LIVE = ("learning_rate", "l2", "iterations")  # training settings that need no new start


def edited(experiment: Experiment, changes: Changes) -> Experiment:
    """The experiment with these settings changed. InputError for a value that is not allowed."""
    for section, values in changes.items():
        experiment = experiment.replace(section, **values)  # type: ignore[arg-type]
    return experiment


def live_changes(before: Experiment, after: Experiment) -> dict[str, Any] | None:
    """What a running trainer must be told to get from one experiment to the other; None if it must start anew."""
    old, new = asdict(before.training), asdict(after.training)
    changed = {name for name in new if new[name] != old[name]}
    same_layers = before.replace("network", dropout=0.0).network == after.replace("network", dropout=0.0).network
    if before.data != after.data or not same_layers or not changed <= set(LIVE):
        return None
    changes = {name: new[name] for name in changed}
    if before.network != after.network:
        changes["dropout"] = tuple(layer.dropout for layer in after.network.hidden)
    return changes


def side_effect(before: Experiment, after: Experiment, changes: Changes) -> str:
    """A sentence about a setting that changed along with those in `changes`, "" where there is none."""
    old, new = before.training, after.training
    if old.batch_size != new.batch_size and "batch_size" not in changes.get("training", {}):
        return f"{new.optimizer} works on all examples at once: the batch size is full now; u takes that back"
    return ""
