"""What the app does with its terminal besides drawing: it copies, suspends, and counts what it sends."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any

from textual.app import App

from deepnet_tui.common.background import LatestJob
from deepnet_tui.common.paths import data_folder
from deepnet_tui.terminal.byte_budget import ByteBudget, bytes_per_second
from deepnet_tui.terminal.clipboard import Clipboard
from deepnet_tui.workbench.state import State

if TYPE_CHECKING:
    from deepnet_tui.config import Config
    from deepnet_tui.workbench.workbench import Workbench

PATIENCE, LOOK_EVERY = 5.0, 0.02  # seconds for the training to pause


class TerminalLink:
    """`pace` says whether there is room for what nobody has asked for."""

    def __init__(self, app: App[Any], workbench: Workbench, config: Config) -> None:
        self._app, self._workbench = app, workbench
        self.pace = ByteBudget(bytes_per_second(config.refresh, os.environ))
        self._clipboard = Clipboard(config.clipboard, data_folder() / "copied", os.environ)
        self._copying: LatestJob[str] = LatestJob("copy", app.call_later)
        self._goes_on = False  # the training does, once the app is back

    def begin(self) -> None:
        """Count what is sent, if that matters, and listen for the return from the shell."""
        self._app.app_resume_signal.subscribe(self._app, lambda _: self._returned())
        driver = self._app._driver  # private: Textual has no public way to see or send what goes to the terminal
        if driver is None or self.pace.rate is None:
            return
        write, spend = driver.write, self.pace.spend

        def counted(data: str) -> None:
            spend(len(data.encode("utf-8", "replace")))
            write(data)

        driver.write = counted  # type: ignore[method-assign]

    def copy(self, text: str) -> None:
        """Copy, and say what is known to have happened."""
        driver = self._app._driver  # private: see above
        write = None if driver is None else driver.write
        self._copying.start(lambda _: self._clipboard.copy(text, write), self._say)

    def _say(self, said: str | Exception) -> None:
        text = f"This could not be copied: {said}" if isinstance(said, Exception) else said
        self._app.clear_notifications()
        self._app.notify(text, timeout=6, markup=False)

    def suspend(self) -> None:
        """Stop as a program of a shell does; a training is paused before, so that no time passes for it."""
        driver = self._app._driver  # private: see above
        if driver is None or not driver.can_suspend:
            self._say("This terminal has no shell to go back to")
        else:
            self._app.run_worker(self._suspend(), name="suspend", exclusive=True)

    async def _suspend(self) -> None:
        workbench = self._workbench
        self._goes_on = workbench.state is State.TRAINING
        if self._goes_on:
            workbench.pause()
            for _ in range(int(PATIENCE / LOOK_EVERY)):
                if workbench.state is not State.PAUSING:
                    break
                await asyncio.sleep(LOOK_EVERY)
        driver: Any = self._app._driver  # private: see above
        self._app.app_suspend_signal.publish(self._app)
        driver.suspend_application_mode()
        driver._must_signal_resume = True
        os.killpg(0, signal.SIGSTOP)  # the group, as a terminal does, so that a script that started the app stops, too

    def _returned(self) -> None:
        goes_on, self._goes_on = self._goes_on, False
        if goes_on and self._workbench.state in (State.PAUSED, State.PAUSING):
            self._workbench.toggle()
            self._say("Back: the training goes on")
        self._app.screen.refresh(layout=True)
