"""The controls that lead to what a step waits for; a lesson that hides them all waits in vain."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from deepnet_tui.commands.registry import PANES
from deepnet_tui.experiment import Experiment
from deepnet_tui.lessons.conditions import CONDITIONS, facts_of

TRAINING = ("train", "step", "step_report")
SETTING = ("training_pane", "open")
DOORS: dict[str, tuple[str, ...]] = {
    "iteration": TRAINING,
    "resting": TRAINING,
    "finished": TRAINING,
    "diverged": TRAINING,
    "source": ("data", "open"),
    "layers": ("add_layer", "remove_layer", "open"),
    "activation": ("activation", "remove_layer", "view_health", "open"),
    "initializer": (*SETTING, "view_health"),
    "optimizer": SETTING,
    "learning_rate_above": SETTING,
    "learning_rate_below": (*SETTING, "view_health"),
    "l2_above": (*SETTING, "view_health"),
    "dropout_above": SETTING,
}


def closed(name: str, wanted: Any, hidden: Collection[str], settings: Collection[Experiment]) -> tuple[str, ...]:
    """The controls for a condition if all of them are hidden and none of the settings so far fulfils it, else none.

    A pane of the design is reached by the command `design`.
    """
    doors = DOORS.get(name, ())
    if any(door not in hidden and (door not in PANES or "design" not in hidden) for door in doors):
        return ()
    return () if any(CONDITIONS[name].holds(facts_of(each), wanted) for each in settings) else doors
