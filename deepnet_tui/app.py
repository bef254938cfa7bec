"""The app: holds the workbench, hears the threads, and opens the screens."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from deepnet_tui import config
from deepnet_tui.commands import registry
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import is_file
from deepnet_tui.drawing.contrast_filter import ContrastFilter
from deepnet_tui.drawing.theme import DEEPNET
from deepnet_tui.key_queue import KeyQueue
from deepnet_tui.runs.store import Store
from deepnet_tui.screens.dialogs.dialog import Confirm
from deepnet_tui.screens.main import MainScreen
from deepnet_tui.screens.workspace import WIDE
from deepnet_tui.training.messages import Ended, Failed, FromLoader, FromWorker, Loaded, LoadFailed, Loading, Noted
from deepnet_tui.training.state import State
from deepnet_tui.training.workbench import Workbench
from deepnet_tui.widgets.panes.status import StatusLine

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.lessons.lesson import Lesson
    from deepnet_tui.screens.data.chooser import DataChooser
    from deepnet_tui.training.messages import Restore

FIRST = "moons"
LEAVE = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Posted(Message):
    """A message of a thread, on its way to the app."""

    def __init__(self, content: FromWorker | FromLoader) -> None:
        super().__init__()
        self.content = content


class DeepnetApp(App[None]):
    """Design, train, watch, understand and take home a deep neural network.

    `source` is a built-in data set, a data file, an experiment (.toml), or an Experiment; None opens on moons.
    `target` names the column of a data file to learn; without it the app asks. `fresh` says
    that an Experiment stands for a data file, read in a certain way. With a `lesson` the app opens on it; `present`
    makes it large and calm for a projector.
    """

    TITLE = "deepnet"
    CSS_PATH = "app.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012  the base class has no ClassVar here
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(command.keys, action, command.label, id=command.id, priority=command.id == "quit")
        for command in registry.COMMANDS
        for action in [{"quit": "quit", "palette": "command_palette"}.get(command.id)]
        if action is not None
    ]

    def __init__(
        self,
        source: str | Experiment | None = None,
        *,
        target: str | None = None,
        fresh: bool = False,
        lesson: Lesson | None = None,
        present: bool = False,
    ) -> None:
        super().__init__()
        self.register_theme(DEEPNET)
        self._keys_typed = KeyQueue(self)
        self._legible = ContrastFilter()
        self.workbench = Workbench(self._tell, Store())
        self.commands = registry.COMMANDS
        self._lesson, self._present = lesson, present
        self._source = (lesson.experiment_at(0) if lesson else source) or FIRST
        self._target, self._fresh = target, fresh
        self._complaint = ""
        self._request = 0
        self._arrived = -1  # the newest request that was answered
        self._train_at_once = False
        self._asked: Experiment | None = None
        self._chooser: DataChooser | None = None
        self._leaving: Confirm | None = None
        try:
            self.config = config.read()
            self.commands = registry.rebound(self.config.keys)
        except InputError as error:
            self.config = config.Config()
            self._complaint = f"{error}. The defaults are used."
        if self.config.theme not in self.available_themes:
            self._complaint = f"There is no theme {self.config.theme!r}; ctrl+p Theme lists them."
        else:
            self.theme = self.config.theme

    def on_mount(self) -> None:
        """Give the keys their meaning, and leave in good order when the system asks for it."""
        self.set_keymap(dict(self.config.keys))
        for number in LEAVE:
            with suppress(NotImplementedError, RuntimeError, ValueError):  # there are none outside the main thread
                asyncio.get_running_loop().add_signal_handler(number, partial(self.exit, return_code=128 + number))

    def on_ready(self) -> None:
        """Paint first, then load: until now nothing has reached the terminal."""
        self.main.refresh()
        self.main.call_after_refresh(self._begin)
        self.call_after_refresh(self._open_first)

    async def _begin(self) -> None:
        await self.main.begin()
        await self._keys_typed.begin()

    async def on_event(self, event: events.Event) -> None:
        """Keys wait for one another."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self._keys_typed.take(event, super().on_event)
        else:
            await super().on_event(event)

    def get_default_screen(self) -> MainScreen:
        """The main screen, or that of the lesson."""
        if self._lesson is None:
            return MainScreen(log_axis=self.config.log_axis, hide=self.config.hide)
        from deepnet_tui.screens.learn import LearnScreen

        hide = self.config.hide
        return LearnScreen(self._lesson, log_axis=self.config.log_axis, hide=hide, present=self._present)

    def _open_first(self) -> None:
        if self._complaint:
            self.notify(self._complaint, severity="warning", timeout=10, markup=False)
        self.load(self._source, self._target, fresh=self._fresh)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Words are kept legible, unless the terminal alone knows its colours."""
        filters = super().get_line_filters()
        return filters if self.native_ansi_color else [*filters[:1], self._legible, *filters[1:]]

    def on_unmount(self) -> None:
        """No thread outlives the app."""
        self.workbench.close()
        for number in LEAVE:
            with suppress(NotImplementedError, RuntimeError, ValueError):
                asyncio.get_running_loop().remove_signal_handler(number)

    @property
    def main(self) -> MainScreen:
        """The main screen, whatever lies above it."""
        return next(screen for screen in self.screen_stack if isinstance(screen, MainScreen))

    # Threads

    def _tell(self, content: FromWorker | FromLoader) -> None:
        """Called from threads: post_message may be."""
        self.post_message(Posted(content))

    def on_posted(self, event: Posted) -> None:
        """Take in what a thread says, unless the app is closing and no screen is left to hear it."""
        if not any(isinstance(screen, MainScreen) and screen.is_attached for screen in self.screen_stack):
            return
        content = event.content
        if isinstance(content, Loading):
            self._loading(content)
        elif isinstance(content, Loaded | LoadFailed):
            self._loaded(content)
            if isinstance(content, Loaded) and content.dataset.warnings:
                more = len(content.dataset.warnings) - 1
                rest = f" ({more} more warning{'s' if more > 1 else ''}: data, look closer)" if more else ""
                self.main.warn(content.dataset.warnings[0] + rest, beside=True)
        elif self.workbench.handle(content):
            if isinstance(content, Failed | Noted):
                self.main.warn(content.message)
            elif self.workbench.state is State.DIVERGED:
                self.main.warn(self.workbench.message)
            elif isinstance(content, Ended) and self.workbench.message:
                message = self.workbench.message
                self.main.say(message[0].upper() + message[1:])
            self.main.poll()
            if isinstance(content, Ended):
                self.main.see_doctor()

    # Data

    def load(
        self,
        source: str | Experiment,
        target: str | None = None,
        *,
        fresh: bool = False,
        restore: Restore | None = None,
    ) -> None:
        """Begin to load data in a thread; the newest wish wins. For a file without a target the data screen opens.

        `fresh` says of an experiment that its network and its training are nobody's choice yet, as of a data file.
        `restore`, called in the thread, gives the data and the parameters to start from.
        """
        fresh = not source.endswith(".toml") if isinstance(source, str) else fresh
        aimed = target if isinstance(source, str) else source.data.target
        if fresh and aimed is None and is_file(source if isinstance(source, str) else source.data.source):
            self.look_at(source, fresh=True)
            return
        self._request += 1
        name = source if isinstance(source, str) else source.data.source
        if not self.workbench.ready:
            self.main.query_one(StatusLine).announce(Path(name).name)
        args = (self._request, source, target, () if fresh else None, restore)
        threading.Thread(target=self._load, args=args, name="loading", daemon=True).start()

    @property
    def expecting(self) -> bool:
        """Whether data are on their way."""
        return self._arrived != self._request

    def train_when_loaded(self) -> str:
        """Train as soon as the data are there, or take that back; gives a sentence to show."""
        self._train_at_once = not self._train_at_once
        return f"Training {'starts as soon as the data are there' if self._train_at_once else 'waits for space'}"

    def _load(
        self,
        request: int,
        source: str | Experiment,
        target: str | None,
        decided: tuple[str, ...] | None,
        restore: Restore | None,
    ) -> None:
        """In a thread of its own: reading may take long."""
        shown = 0.0

        def progress(fraction: float, what: str) -> None:
            nonlocal shown
            if abs(fraction - shown) >= 0.01:
                shown = fraction
                self._tell(Loading(request, fraction, what))

        try:
            from deepnet_tui.data.load import load

            experiment = self._asked = experiment_of(source, target)
            dataset, parameters = (load(experiment.data, progress), None) if restore is None else restore()
            self._tell(Loaded(request, experiment.with_data_defaults(dataset, decided), dataset, parameters))
        except InputError as error:
            self._tell(LoadFailed(request, str(error), error.field))
        except Exception as error:  # the app lives on and says so
            self._tell(LoadFailed(request, f"The data can't be used: {error or type(error).__name__}"))

    def _loading(self, content: Loading) -> None:
        """Say how far the data have come, on a bench that is still empty."""
        if content.request == self._request and not self.workbench.ready and self._asked is not None:
            name = Path(self._asked.data.source).name
            self.main.query_one(StatusLine).announce(name, f"{content.what} {content.fraction:.0%}")

    def _loaded(self, content: Loaded | LoadFailed) -> None:
        if content.request != self._request:
            return
        self._arrived = content.request
        train, self._train_at_once = self._train_at_once, False
        chooser, main = self._chooser, self.main
        if isinstance(content, LoadFailed):
            if chooser is not None and chooser.is_attached:
                chooser.refuse(content.message)
            else:
                main.warn(content.message)
                asked = self._asked
                if content.field not in ("", "source", "test") and asked and is_file(asked.data.source):
                    self.look_at(asked)  # where it can be put right
                elif not self.workbench.ready and self._source != FIRST:
                    self._source = FIRST
                    self.load(FIRST)
            return
        if self.workbench.state is State.TRAINING:
            self.workbench.pause()
        spare_startup()
        trained = self.workbench.ready and self.workbench.training_run.trained
        self.workbench.adopt(content.experiment, content.dataset, content.parameters)
        if trained:
            main.say("A new run starts; u brings the trained network back")
        if chooser is not None and chooser.is_attached:
            chooser.dismiss(None)
        self._chooser = None
        if train:
            main.action_train()
        main.poll()

    def choose_data(self) -> None:
        """The data chooser."""
        if self._refused_while_training("choose other data"):
            return
        from deepnet_tui.screens.data.chooser import DataChooser

        current = self.workbench.experiment.data.source if self.workbench.ready else ""
        self._chooser = DataChooser(current, self.load, self.look_at)
        self.push_screen(self._chooser)

    def look_at(self, source: str | Experiment, *, fresh: bool = False) -> None:
        """A closer look at data before they are used; "" stands for those that are on the bench."""
        from deepnet_tui.screens.data.columns import DataScreen

        present = self.workbench.experiment if self.workbench.ready else None
        experiment = present if present is not None and source in ("", present.data.source) else experiment_of(source)
        fresh = (fresh or isinstance(source, str)) and experiment is not present

        def taken(result: tuple[Experiment, Dataset] | None) -> None:
            if result is not None:
                self._request += 1
                self._loaded(Loaded(self._request, *result))
            elif not self.workbench.ready:
                self.load(FIRST)

        self.push_screen(DataScreen(experiment, fresh=fresh), taken)

    # Files

    def export(self) -> None:
        """The export dialog."""
        if not self.workbench.ready or self._refused_while_training("export"):
            return
        from deepnet_tui.export import FORMATS, check_path, export
        from deepnet_tui.screens.dialogs.export import ExportDialog

        model = self._attempt(self.workbench.model)
        if model is None:
            return

        sources = self.workbench.experiment.data.files

        def save(path: str, overwrite: bool) -> str:
            return export(model, path, overwrite=overwrite, sources=sources).sentence

        def check(path: str) -> None:
            check_path(path, overwrite=True, sources=sources)

        formats = {suffix: entry.title for suffix, entry in FORMATS.items()}
        self.push_screen(ExportDialog(formats, f"{model.name}", save, check), self._say)

    def open_experiment(self) -> None:
        """Ask for an experiment and open it."""
        if self._refused_while_training("open another experiment"):
            return
        from deepnet_tui.experiment import Experiment
        from deepnet_tui.screens.dialogs.path import AskPath

        hint = "An experiment written with w, or a run's experiment.toml"
        self.push_screen(AskPath("Open an experiment", hint, "", lambda path: self.load(Experiment.read(path))))

    def write_experiment(self) -> None:
        """Ask for a path and write the experiment."""
        if not self.workbench.ready:
            return
        from deepnet_tui.screens.dialogs.path import AskPath

        experiment, name = self.workbench.experiment, self.workbench.dataset.name
        hint = "Data, network and training as TOML; deepnet-tui opens it again"

        def written(path: str | None) -> None:
            if path:
                self._say(f"Wrote {path}")

        ask = AskPath("Write the experiment", hint, f"{name}.toml", experiment.write, asks_before=True)
        self.push_screen(ask, written)

    def _refused_while_training(self, what: str) -> bool:
        if self.workbench.state in (State.TRAINING, State.PAUSING):
            self.main.warn(f"Pause first (space), then {what}")
            return True
        return False

    def _attempt(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except InputError as error:
            self.main.warn(str(error))
            return None

    def _say(self, text: str | None) -> None:
        if text:
            self.main.say(text)

    # The rest

    async def action_quit(self) -> None:
        """Ask while training, then go."""
        if self.workbench.state is not State.TRAINING:
            self.exit()
            return
        if self._leaving in self.screen_stack:
            return
        question = "The network is being trained. Stop the training and quit?"

        def answered(yes: bool | None) -> None:
            if yes:
                self.exit()

        self._leaving = Confirm("Quit", question, "quit", "go on training")
        self.push_screen(self._leaving, answered)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A letter that was made to quit is still a letter where text is edited."""
        if action == "quit" and isinstance(self.focused, Input):
            bound = next(command.keys for command in self.commands if command.id == "quit")
            return not any(len(key) == 1 for key in bound.split(","))
        return super().check_action(action, parameters)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every command of the registry, and the theme."""
        if isinstance(screen, MainScreen):
            for command in self.commands:
                on_offer = command.id not in ("palette", "quit") and not screen.hides(command.action)
                if command.scope == "main" and on_offer:
                    yield self._palette_entry(screen, command)
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)
        yield SystemCommand("Quit", "Quit; asks while training", self.action_quit)

    def _palette_entry(self, screen: MainScreen, command: registry.Command) -> SystemCommand:
        async def call() -> None:
            await screen.run_action(command.action)

        title = command.label[0].upper() + command.label[1:]
        return SystemCommand(f"{title}  ({registry.shown(command.keys, first=True)})", command.help, call)


@cache
def spare_startup() -> None:
    """What has been made so far stays: the garbage collector, which halts every thread, need not look at it again.

    With some 80,000 objects of the libraries to look at, it takes 70 ms every two seconds.
    """
    gc.freeze()


def experiment_of(source: str | Experiment, target: str | None = None) -> Experiment:
    """The experiment that a source names. Raises InputError."""
    from deepnet_tui.experiment import Experiment

    if isinstance(source, Experiment):
        return source
    if source.endswith(".toml"):
        return Experiment.read(source)
    return Experiment.default(source, target)
