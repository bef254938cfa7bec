"""What an edit of the settings means for a network in training: whether it can be applied live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.text import listed

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment

Changes = Mapping[str, Mapping[str, Any]]  # new values by section and setting

LIVE = ("learning_rate", "l2", "iterations")  # training settings that need no new start


def edited(experiment: Experiment, changes: Changes) -> Experiment:
    """The experiment with these settings changed. InputError for a value that is not allowed."""
    for section, values in _with_what_fits(changes).items():
        experiment = experiment.replace(section, **values)  # type: ignore[arg-type]
    return experiment


def _with_what_fits(changes: Changes) -> Changes:
    """The changes, and what they need beside them: an optimizer that searches along a line has no use for chance."""
    from deepnet_tui.experiment.training import FOR_LINE_SEARCH, TRAINING_SETTINGS, needs_all_examples

    if not needs_all_examples(changes.get("training", {}).get("optimizer")):
        return changes
    needed: dict[str, dict[str, Any]] = {"training": {}, "network": {}}
    for name, value in FOR_LINE_SEARCH.items():
        needed["training" if name in TRAINING_SETTINGS else "network"][name] = value
    if "hidden" in changes.get("network", {}):
        del needed["network"]["dropout"]  # the layers say their own
    return {**changes, **{section: {**values, **changes.get(section, {})} for section, values in needed.items()}}


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
    if old.optimizer == new.optimizer:
        return ""
    given = changes.get("training", {})
    said = {
        "the batch size is full": old.batch_size != new.batch_size and "batch_size" not in given,
        "there is one network": before.network.ensemble != after.network.ensemble,
        "the schedule is constant": old.schedule != new.schedule and "schedule" not in given,
        "dropout is 0": [layer.dropout for layer in before.network.hidden]
        != [layer.dropout for layer in after.network.hidden],
        "internal is 0": old.internal != new.internal and "internal" not in given,
        "patience is none": old.patience != new.patience and "patience" not in given,
        "dtype is float64": old.dtype != new.dtype and "dtype" not in given,
    }
    changed = [sentence for sentence, is_so in said.items() if is_so]
    if not changed:
        return ""
    return f"{new.optimizer} works on all examples at once: {listed(changed)} now; u takes that back"
