"""Opens the search screen: on the search under way, or on a new one for what is on the workbench."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.app import App

from deepnet_tui.common.errors import InputError
from deepnet_tui.search.extra import require

if TYPE_CHECKING:
    from deepnet_tui.commands.command import Command
    from deepnet_tui.screens.main import MainScreen
    from deepnet_tui.search.background import BackgroundSearch
    from deepnet_tui.search.trial import Trial
    from deepnet_tui.workbench.workbench import Workbench


class SearchOpener:
    """Holds the search, so that it goes on while other screens are shown. `main` gives the main screen."""

    def __init__(
        self, app: App[Any], workbench: Workbench, commands: tuple[Command, ...], main: Callable[[], MainScreen]
    ) -> None:
        self._app, self._workbench, self._commands, self._main = app, workbench, commands, main
        self.search: BackgroundSearch | None = None

    def open(self) -> None:
        """Show the search. One for other data or settings is replaced, unless it is running."""
        try:
            require()
            search = self._present()
        except InputError as error:
            self._main().warn(str(error))
            return
        from deepnet_tui.screens.search.screen import SearchScreen

        self._app.push_screen(SearchScreen(search, self._commands, self._take))

    @property
    def busy(self) -> bool:
        """Whether trials are under way."""
        if self.search is None:
            return False
        from deepnet_tui.search.background import Stage

        return self.search.stage in (Stage.SEARCHING, Stage.PAUSING)

    @property
    def how_far(self) -> str:
        """How far a search is that is under way, "" where there is none."""
        if self.search is None or not self.busy:
            return ""
        return f"search {self.search.progress.finished}/{self.search.wanted}"

    def close(self) -> None:
        """End the search and its processes."""
        if self.search is not None:
            self.search.close()

    def _present(self) -> BackgroundSearch:
        from deepnet_tui.runs.store import Store
        from deepnet_tui.search.background import BackgroundSearch

        workbench, search = self._workbench, self.search
        if search is not None and (self.busy or search.fits(workbench.experiment, workbench.dataset)):
            return search
        store = Store() if workbench.store is None else workbench.store
        self.search = BackgroundSearch(workbench.experiment, workbench.dataset, store)
        return self.search

    def _take(self, trial: Trial) -> None:
        """Put the settings of a trial on the workbench, as one edit. Raises InputError."""
        search = self.search
        assert search is not None  # noqa: S101
        if self._workbench.experiment.data != search.case.experiment.data:
            name = search.case.dataset.name
            raise InputError(f"These settings are for {name}; choose these data first", "source")
        which = f"trial {trial.number}" if trial.number else "the defaults"
        said = self._workbench.revise(search.changes(trial), which)
        self._main().poll()
        self._main().say(said or f"These are the settings of {which} now; u goes back")
