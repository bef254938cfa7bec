"""The controls that can bring about what a step waits for; a lesson that hides them all would wait for ever."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from deepnet_tui.commands.hiding import PANES
from deepnet_tui.experiment import Experiment
from deepnet_tui.lessons.conditions import CONDITIONS
from deepnet_tui.lessons.facts import facts_of


def hidden_controls(
    name: str, wanted: Any, hidden: Collection[str], settings: Collection[Experiment]
) -> tuple[str, ...]:
    """The controls of the condition `name`, if all are hidden and none of the settings so far meets it; else none.

    A pane of the design is reached by the command `design`.
    """
    controls = CONDITIONS[name].controls
    if any(control not in hidden and (control not in PANES or "design" not in hidden) for control in controls):
        return ()
    return () if any(CONDITIONS[name].holds(facts_of(each), wanted) for each in settings) else controls
