"""One registry feeds bindings, help, palette and manual."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepnet_tui.app import DeepnetApp
from deepnet_tui.commands.manual import manual
from deepnet_tui.commands.rebinding import rebound
from deepnet_tui.commands.registry import COMMANDS
from deepnet_tui.commands.views import VIEWS
from deepnet_tui.common.errors import InputError
from deepnet_tui.screens.main import MainScreen
from deepnet_tui.widgets.base.settings_pane import Rows

MANUAL = Path(__file__).parents[3] / "docs" / "keys.md"


def test_the_manual_is_current() -> None:
    assert MANUAL.read_text(encoding="utf-8") == manual(), "run: python -m deepnet_tui.commands.manual > docs/keys.md"


def test_names_and_keys_are_unique() -> None:
    names = [command.id for command in COMMANDS]
    assert len(names) == len(set(names))
    assert rebound({}) == COMMANDS


def test_every_main_command_has_its_method() -> None:
    for command in COMMANDS:
        owner = {"main": MainScreen, "list": Rows}.get(command.scope)
        if owner is not None and command.id != "quit":
            assert hasattr(owner, f"action_{command.action.split('(')[0]}"), command.id
    assert hasattr(DeepnetApp, "action_quit")


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("space", "train"), ("s", "step"), ("S", "step_report"), ("r", "reset"), ("u", "undo"), ("U", "redo"),
        ("d", "data"), ("e", "export"), ("o", "open"), ("w", "write"), ("z", "zoom"), ("L", "log_axis"),
        ("y", "copy"), ("question_mark,f1", "help"), ("ctrl+p,colon", "palette"), ("ctrl+q,Q", "quit"),
        ("a", "add_layer"),
        ("x", "remove_layer"), ("t", "activation"), ("left_square_bracket", "back"), ("right_square_bracket", "forth"),
    ],
)  # fmt: skip
def test_the_keys_are_the_promised_ones(key: str, name: str) -> None:
    assert {command.id: command.keys for command in COMMANDS}[name] == key


def test_views_are_numbered_in_order() -> None:
    order = ["parameters", "explain", "boundary", "health", "evaluate", "runs", "picture"]
    assert [view.id for view in VIEWS] == order
    by_id = {command.id: command for command in COMMANDS}
    for number, view in enumerate(VIEWS, start=1):
        assert by_id[f"view_{view.id}"].keys == str(number)


def test_a_key_with_two_meanings_is_refused() -> None:
    with pytest.raises(InputError, match="both"):
        rebound({"train": "s"})
    with pytest.raises(InputError, match="no command 'fly'"):
        rebound({"fly": "f"})
    assert rebound({"train": "s", "step": "space"})[0].keys == "s"
