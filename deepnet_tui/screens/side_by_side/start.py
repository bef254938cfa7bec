"""Opens the networks side by side from the main screen, and takes one of them to the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepnet_tui.common.errors import InputError
from deepnet_tui.race.in_step import FIRST, proposed, side_by_side
from deepnet_tui.race.racers import check_racers
from deepnet_tui.screens.race.start import take_to_workspace

if TYPE_CHECKING:
    from deepnet_tui.race.values import Varied
    from deepnet_tui.screens.workspace import WorkspaceScreen


def open_side_by_side(screen: WorkspaceScreen, note: str = "", *, log: bool = False) -> None:
    """Show the values that were typed into settings beside each other, else three initializers.

    `note` is what a lesson has to say. Raises InputError for more than three networks, or if they don't fit the data.
    """
    from deepnet_tui.screens.side_by_side.screen import SideBySideScreen

    workbench = screen.workbench
    if not workbench.ready:
        raise InputError("There are no data yet", "data")
    varied: Varied = dict(workbench.varied) or {FIRST: proposed(FIRST, workbench.experiment)}
    check_racers(side_by_side(workbench.experiment, varied), workbench.dataset)
    shown = SideBySideScreen(workbench, varied, screen.services.commands, note, log=log)

    def left(_: None) -> None:
        session, taken = shown.session, shown.taken
        session.close(taken)
        screen.compared = max(screen.compared, session.iteration)
        if taken is None:
            return
        take_to_workspace(screen, session, taken)

    screen.app.push_screen(shown, left)
