"""From a source that the user names to data on the workbench: loading, the data chooser, the data screen."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App

from deepnet_tui.common.paths import is_file
from deepnet_tui.workbench.loading import Loaded, Loader, LoadEvent, LoadFailed, LoadProgress, LoadRequest, Restore
from deepnet_tui.workbench.state import State

if TYPE_CHECKING:
    from deepnet_tui.commands.command import Command
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.screens.data.chooser import DataChooser
    from deepnet_tui.screens.data.screen import Taken
    from deepnet_tui.screens.main import MainScreen
    from deepnet_tui.workbench.workbench import Workbench

FALLBACK = "moons"
SMALL_COLLECTIONS = (2_000, 10, 200)  # of garbage: a millisecond each


class DataOpener:
    """Shows dialogs in `app` and messages on the main screen.

    `main` gives that screen, None while the app is closing: then nothing happens any more.
    """

    def __init__(
        self,
        app: App[Any],
        workbench: Workbench,
        commands: tuple[Command, ...],
        main: Callable[[], MainScreen | None],
    ) -> None:
        self._app, self._workbench, self._commands, self._main = app, workbench, commands, main
        self._loader = Loader(self._take, app.call_later)
        self._answered = False  # some request was
        self._fell_back = False
        self._train_at_once = False
        self._asking: DataChooser | None = None  # the chooser that has asked for what is on its way

    @property
    def expecting(self) -> bool:
        """Whether data are on their way."""
        return self._loader.running or not self._answered

    def close(self) -> None:
        """Forget what is under way."""
        self._loader.cancel()

    def load(
        self,
        source: str | Experiment,
        target: str | None = None,
        *,
        fresh: bool = False,
        restore: Restore | None = None,
        asking: DataChooser | None = None,
    ) -> None:
        """Begin to load data; the newest request wins. For a file without a target the data screen opens.

        `fresh` says of an experiment that nobody has chosen its network and its training yet, as of a data file.
        `restore`, called in the thread, gives the data and the parameters to start from. `asking` is the chooser that
        leaves when they are there.
        """
        main = self._main()
        if main is None:
            return
        self._asking = asking
        fresh = not source.endswith(".toml") if isinstance(source, str) else fresh
        name = source if isinstance(source, str) else source.data.source
        aimed = target if isinstance(source, str) else source.data.target
        if fresh and aimed is None and is_file(name):
            self.look_at(source, fresh=True)
            return
        self._fell_back = self._fell_back or source == FALLBACK
        if not self._workbench.ready:
            main.announce(Path(name).name)
        self._loader.start(LoadRequest(source, target, () if fresh else None, restore))

    def give_up(self) -> bool:
        """Forget the data that are on their way, and say so; False where there are none."""
        main = self._main()
        if main is None or not self._loader.running:
            return False
        self._loader.cancel()
        self._answered, self._train_at_once = True, False
        main.say("Loading was given up")
        main.redraw()
        if not self._workbench.ready:
            self.load(FALLBACK)
        return True

    def train_when_loaded(self) -> str:
        """Train as soon as the data are there, or take that back; gives a sentence to show."""
        self._train_at_once = not self._train_at_once
        return f"Training {'starts as soon as the data are there' if self._train_at_once else 'waits for space'}"

    def choose(self) -> None:
        """Open the data chooser."""
        main = self._main()
        if main is None or main.must_pause_first("choose other data"):
            return
        from deepnet_tui.screens.data.chooser import DataChooser

        current = self._workbench.experiment.data.source if self._workbench.ready else ""
        chooser = DataChooser(
            current,
            load=lambda source: self.load(source, asking=chooser),
            look=lambda source: self.look_at(source, asking=chooser),
        )
        self._app.push_screen(chooser)

    def look_at(self, source: str | Experiment, *, fresh: bool = False, asking: DataChooser | None = None) -> None:
        """Open the data screen, where columns are decided on; "" stands for the data on the workbench."""
        from deepnet_tui.screens.data.screen import DataScreen

        present = self._workbench.experiment if self._workbench.ready else None
        known = present if present is not None and source in ("", present.data.source) else None
        experiment = known or LoadRequest(source).experiment()
        fresh = (fresh or isinstance(source, str)) and experiment is not present

        def taken(result: Taken | None) -> None:
            if result is not None:
                self._loader.cancel()
                self._asking = asking
                self._adopt(Loaded(*result))
            elif not self._workbench.ready:
                self.load(FALLBACK)

        self._app.push_screen(DataScreen(experiment, self._commands, fresh=fresh), taken)

    # What the thread tells

    def _take(self, event: LoadEvent) -> None:
        main = self._main()
        if main is None:
            return
        match event:
            case LoadProgress():
                how_far = f"{event.what} {event.fraction:.0%}, Escape gives up"
                main.announce(Path(event.experiment.data.source).name, how_far)
            case LoadFailed():
                self._refuse(event, main)
            case Loaded():
                self._adopt(event)
                main.warn_of_data(event.dataset.warnings)

    def _refuse(self, failed: LoadFailed, main: MainScreen) -> None:
        """Say what is wrong; at the start there is something to look at all the same."""
        self._answered, self._train_at_once = True, False
        if self._asking is not None and self._asking.is_attached:
            self._asking.refuse(failed.message)
            return
        main.warn(failed.message)
        main.redraw()
        asked = failed.experiment
        if failed.field not in ("", "source", "test") and asked and is_file(asked.data.source):
            self.look_at(asked)  # where it can be put right
        elif not self._workbench.ready and not self._fell_back:
            self.load(FALLBACK)

    def _adopt(self, loaded: Loaded) -> None:
        """Put the data on the workbench."""
        main = self._main()
        if main is None:
            return
        self._answered = True
        train, self._train_at_once = self._train_at_once, False
        if self._workbench.state is State.TRAINING:
            self._workbench.pause()
        spare_startup()
        trained = self._workbench.ready and self._workbench.training_run.trained
        self._workbench.adopt(loaded.experiment, loaded.dataset, loaded.parameters)
        if trained:
            main.say("A new run starts; u brings the trained network back")
        if self._asking is not None and self._asking.is_attached:
            self._asking.dismiss(None)
        self._asking = None
        if train:
            main.action_train()
        main.poll()


@cache
def spare_startup() -> None:
    """Keep what has been made so far out of the garbage collector's sight: with some 80,000 objects of the libraries
    to look at, it halts every thread for 70 ms every two seconds. From here on it looks at few objects often: the
    many that suit a start halt a key for 30 ms.
    """
    gc.freeze()
    gc.set_threshold(*SMALL_COLLECTIONS)
