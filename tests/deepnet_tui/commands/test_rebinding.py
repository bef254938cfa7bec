"""Other keys: clashes are named, whatever a terminal can't tell apart is one key."""

from __future__ import annotations

import pytest

from deepnet_tui.commands.rebinding import NO_KEY, QUIT_LETTER, keymap, letters_first, rebound
from deepnet_tui.commands.registry import COMMANDS
from deepnet_tui.common.errors import InputError


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"train": "s"}, "the key s is given to both train and step on the main screen; give one of them another key"),
        ({"run_mark": "p"}, "the key p is given to both run_trained and run_mark in Runs"),
        ({"lesson_on": "a"}, "the key a is given to both add_layer and lesson_on in a lesson"),
        ({"run_mark": "question_mark"}, "the key ? is given to both run_mark and help in Runs"),
        ({"remedy": "ctrl+q"}, "the key ^q is given to both remedy and quit in Health"),
        ({"train": "ctrl+i"}, "given to both train and next_pane on the main screen"),
        ({"train": "escape"}, "escape always goes back"),
    ],
)
def test_a_clash_names_both_commands_the_key_and_the_pane(changes: dict[str, str], said: str) -> None:
    with pytest.raises(InputError) as caught:
        rebound(changes)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_keys_may_be_exchanged_and_a_pane_may_have_one_of_the_screen() -> None:
    assert rebound({"train": "s", "step": "space"})[0].keys == "s"
    assert rebound({"train": "space,enter"})[0].keys == "space,enter"


def test_letters_that_quit_do_not_come_before_what_is_typed() -> None:
    keys = keymap(COMMANDS)
    assert (keys["quit"], keys[QUIT_LETTER]) == ("ctrl+q", "Q")
    keys = keymap(rebound({"quit": "x", "remove_layer": "f9"}))
    assert (keys["quit"], keys[QUIT_LETTER]) == (NO_KEY, "x")


def test_where_ctrl_keys_are_taken_the_others_are_shown() -> None:
    keys = {command.id: command.keys for command in letters_first(COMMANDS)}
    assert (keys["palette"], keys["quit"], keys["help"]) == ("colon,ctrl+p", "Q,ctrl+q", "question_mark,f1")
    assert keys["train"] == "space"
