"""What is hidden, and what is left to be shown first."""

from __future__ import annotations

from deepnet_tui.commands.hiding import PANES
from deepnet_tui.commands.views import VIEWS
from deepnet_tui.screens.hidden_controls import HiddenControls


def test_commands_are_hidden_by_their_actions() -> None:
    hidden = HiddenControls(["export", "view_parameters"])
    assert hidden.hides("export")
    assert hidden.hides("view('parameters')")
    assert hidden.hides_call("view", ("parameters",))
    assert not hidden.hides("view('explain')")
    assert not hidden.hides("design")
    assert hidden.first_view == "explain"


def test_without_panes_the_design_is_hidden() -> None:
    assert HiddenControls(PANES).hides("design")
    assert HiddenControls(PANES).first_pane is None
    assert HiddenControls(["architecture_pane"]).first_pane == "data_pane"
    assert HiddenControls().first_pane == "architecture_pane"


def test_all_views_may_be_hidden() -> None:
    assert HiddenControls([f"view_{view.id}" for view in VIEWS]).first_view == ""
