"""Which commands the last line of the main screen offers, and how it calls them."""

from __future__ import annotations

from dataclasses import dataclass

from deepnet_tui.commands.command import Command
from deepnet_tui.workbench.state import State

TRAIN_LABELS = {State.TRAINING: "pause", State.PAUSING: "resume", State.PAUSED: "resume"}


@dataclass(frozen=True)
class CommandContext:
    """What decides which commands do something now."""

    state: State
    can_undo: bool
    at_snapshot: bool  # an earlier snapshot is shown
    in_layers: bool  # the architecture pane has the focus
    ensemble: bool = False  # several networks are trained at once
    varied: bool = False  # there are values that are to race


def label(command: Command, state: State) -> str:
    """What the command is called in this state."""
    return TRAIN_LABELS.get(state, command.label) if command.id == "train" else command.label


def is_available(command: Command, now: CommandContext) -> bool:
    """Whether the command does something now."""
    over = now.state in (State.FINISHED, State.DIVERGED)
    resting = now.state not in (State.TRAINING, State.PAUSING)
    match command.id:
        case "train":
            return not over
        case "step" | "step_report":
            return not over and resting
        case "reset":
            return resting and now.state is not State.IDLE
        case "data" | "export" | "add_layer":
            return resting
        case "race":
            return resting and now.varied
        case "branch":
            return resting and now.at_snapshot
        case "next_member" | "previous_member":
            return now.ensemble
        case "undo":
            return now.can_undo
        case "remove_layer" | "activation":
            return resting and now.in_layers
        case _:
            return True
