"""Starts races from the main screen, and takes a racer back to the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deepnet_tui.common.errors import InputError
from deepnet_tui.race.racers import Racer, check_racers, racers_of
from deepnet_tui.widgets.base.keys import key_of

if TYPE_CHECKING:
    from deepnet_tui.race.session import RaceSession
    from deepnet_tui.screens.workspace import WorkspaceScreen

HINT = "Type several values, such as 0.001, 0.01, 0.1, into a setting of Training; then {key} starts the race"


def start_race(screen: WorkspaceScreen, racers: Sequence[Racer] | None = None, *, log: bool = False) -> None:
    """Open the race of these racers, or of the values that were typed. Raises InputError."""
    from deepnet_tui.race.session import RaceSession
    from deepnet_tui.screens.race.screen import RaceScreen

    workbench = screen.workbench
    if racers is None:
        if not workbench.varied:
            raise InputError(HINT.format(key=key_of(screen, "race")))
        racers = racers_of(workbench.experiment, dict(workbench.varied))
    check_racers(racers, workbench.dataset)
    session = RaceSession(racers, workbench.dataset, workbench.store)

    def left(taken: int | None) -> None:
        session.close(taken)
        if taken is None:
            screen.say("The race is closed; its runs are kept in Runs")
            return
        take_to_workspace(screen, session, taken)

    screen.app.push_screen(RaceScreen(session, workbench.dataset.name, screen.services.commands, log=log), left)


def take_to_workspace(screen: WorkspaceScreen, session: RaceSession, number: int) -> None:
    """Go on in the workspace with a network of the session, and say so."""
    try:
        screen.workbench.take_over(session.runs[number])
    except InputError as error:
        screen.warn(str(error))
        return
    screen.say(f"{session.racers[number].sentence}; {key_of(screen, 'undo')} goes back")
    screen.redraw()
