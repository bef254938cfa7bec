"""Which commands the last line offers."""

from __future__ import annotations

import pytest

from deepnet_tui.commands.registry import COMMANDS
from deepnet_tui.screens.key_line import CommandContext, is_available, label
from deepnet_tui.workbench.state import State

BY_ID = {command.id: command for command in COMMANDS}


def offered(state: State, *, can_undo: bool = False, at_snapshot: bool = False, in_layers: bool = False) -> set[str]:
    """The names of those in the footer that do something."""
    now = CommandContext(state, can_undo, at_snapshot, in_layers)
    return {name for name, command in BY_ID.items() if command.footer and is_available(command, now)}


def test_while_training_only_what_does_not_wait_is_offered() -> None:
    training = offered(State.TRAINING, in_layers=True, at_snapshot=True)
    assert "train" in training
    assert not training & {"step", "step_report", "reset", "data", "export", "add_layer", "remove_layer", "branch"}


def test_a_finished_run_is_not_trained_any_further() -> None:
    assert not offered(State.FINISHED) & {"train", "step", "step_report"}
    assert {"reset", "export"} <= offered(State.FINISHED)
    assert "reset" not in offered(State.IDLE)


def test_some_commands_depend_on_what_is_shown() -> None:
    assert not offered(State.PAUSED) & {"undo", "branch", "remove_layer", "activation"}
    everything = offered(State.PAUSED, can_undo=True, at_snapshot=True, in_layers=True)
    assert {"undo", "branch", "remove_layer", "activation"} <= everything


def test_another_network_is_offered_where_there_are_several() -> None:
    several, one = (CommandContext(State.PAUSED, False, False, False, ensemble=some) for some in (True, False))
    for name in ("next_member", "previous_member"):
        assert is_available(BY_ID[name], several)
        assert not is_available(BY_ID[name], one)


@pytest.mark.parametrize(
    ("state", "text"), [(State.IDLE, "train"), (State.TRAINING, "pause"), (State.PAUSED, "resume")]
)
def test_the_key_of_the_training_says_what_it_does(state: State, text: str) -> None:
    assert label(BY_ID["train"], state) == text
    assert label(BY_ID["reset"], state) == "reset"
