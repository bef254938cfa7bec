"""The app: makes the workbench and the screens, handles the messages of training, and shuts down cleanly."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from deepnet_tui import config, session_state
from deepnet_tui.appearance import Appearance
from deepnet_tui.commands.command import Command
from deepnet_tui.commands.key_names import shown
from deepnet_tui.commands.rebinding import QUIT_LETTER, keymap, letters_first, rebound
from deepnet_tui.commands.registry import COMMANDS
from deepnet_tui.commands.views import VIEWS
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.imports_ahead import ImportsAhead
from deepnet_tui.key_queue import KeyQueue
from deepnet_tui.screens.data.opening import FALLBACK, DataOpener
from deepnet_tui.screens.dialogs.leaving import Palette
from deepnet_tui.screens.files import FileDialogs
from deepnet_tui.screens.main import MainScreen
from deepnet_tui.screens.presenting import Presenter
from deepnet_tui.screens.search.opening import SearchOpener
from deepnet_tui.screens.terminal.link import TerminalLink
from deepnet_tui.screens.workspace import LOW, WIDE
from deepnet_tui.terminal.environment import in_vs_code
from deepnet_tui.workbench.state import State
from deepnet_tui.workbench.workbench import Workbench

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.lessons.lesson import Lesson
    from deepnet_tui.screens.dialogs.dialog import Confirm
    from deepnet_tui.training.messages import FromWorker
    from deepnet_tui.widgets.views.evaluate.view import EvaluateView
    from deepnet_tui.workbench.loading import Restore

QUIT_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
ACTIONS = {
    "quit": "quit",
    "palette": "command_palette",
    "present": "present",
    "suspend": "suspend",
}  # of the app, not of a screen


def palette_provider() -> type[Provider]:
    """What the palette finds, imported when it is opened."""
    from deepnet_tui.screens.palette.provider import PaletteProvider

    return PaletteProvider


class Posted(Message):
    """A message of a training thread, on its way to the app."""

    def __init__(self, content: FromWorker) -> None:
        super().__init__()
        self.content = content


class DeepnetApp(App[None]):
    """Design, train, watch, understand and export a deep neural network.

    `source` is a built-in data set, a data file, an experiment (.toml), or an Experiment; None opens on moons.
    `target` names the column of a data file to predict; without it the app asks. `fresh` says that an Experiment
    stands for a data file, read in a certain way. `restore` gives the data and
    the parameters of a trained model to begin with. With a `lesson` the app opens on it; `present` makes everything
    large and calm for a projector. With `plain_characters` everything is drawn in ASCII. After it has run,
    `next_lesson` is the name of a lesson that is to follow.
    """

    TITLE = "deepnet"
    CSS_PATH = "app.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012  the base class has no ClassVar here
    VERTICAL_BREAKPOINTS = [(0, "-short"), (LOW, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(keymap(COMMANDS)[name], action, id=name, show=False, priority=name == "quit")
            for name, action in ACTIONS.items()
        ),
        Binding(keymap(COMMANDS)[QUIT_LETTER], "quit", id=QUIT_LETTER, show=False),
    ]
    COMMANDS: ClassVar[set[Any]] = {palette_provider}

    def __init__(
        self,
        source: str | Experiment | None = None,
        *,
        target: str | None = None,
        fresh: bool = False,
        lesson: Lesson | None = None,
        present: bool = False,
        restore: Restore | None = None,
        plain_characters: bool = False,
    ) -> None:
        super().__init__()
        self._key_queue = KeyQueue(self, lambda: self.call_after_refresh(self._go_on))
        self._state = session_state.read()
        self._appearance = Appearance(self, self._state.theme)
        self._lesson, self._presenter = lesson, Presenter(self, on=present)
        self._source = (lesson.experiment_at(0) if lesson else source) or FALLBACK
        self._target, self._fresh, self._restore = target, fresh, restore
        self.next_lesson = ""
        self._plain_characters = plain_characters
        self._imports_ahead = ImportsAhead([entry.where.partition(":")[0] for entry in VIEWS])
        self._quit_dialog: Confirm | None = None
        self._workspace: MainScreen | None = None  # without a lesson
        self._configuration_error = ""
        self.commands = COMMANDS
        self._configure()
        self.workbench = Workbench(lambda content: self.post_message(Posted(content)))
        self.terminal = TerminalLink(self, self.workbench, self.config)
        self.data = DataOpener(self, self.workbench, self.commands, self._main_if_open)
        self.searches = SearchOpener(self, self.workbench, self.commands, lambda: self.main)
        self.files = FileDialogs(self, self.workbench, lambda: self.main, self.data.load)

    def _configure(self) -> None:
        """Read config.toml; an error in it is shown once the app is running."""
        try:
            self.config = config.read()
            self.commands = rebound(self.config.keys)
            if in_vs_code(os.environ):
                self.commands = letters_first(self.commands)
        except InputError as error:
            self.config = config.Config()
            self._configuration_error = f"{error}. The defaults are used."
        wrong = self._appearance.begin(self.config.theme)
        self._configuration_error = self._configuration_error or wrong
        self._parsed_with: dict[str, str] | None = self.get_css_variables()
        self.stylesheet.set_variables(self._parsed_with)

    def refresh_css(self, animate: bool = True) -> None:
        """Apply the styles anew; those of the start, which Textual asks for again at once, have just been parsed."""
        parsed_with, self._parsed_with = self._parsed_with, None
        if parsed_with is None or parsed_with != self.get_css_variables():
            super().refresh_css(animate)

    # Start

    def get_default_screen(self) -> MainScreen:
        """The main screen, or that of the lesson."""
        log_axis, hide = self.config.log_axis, self.config.hide
        if self._lesson is None:
            self._workspace = MainScreen(self, log_axis=log_axis, hide=hide, left=self._state)
            return self._workspace
        from deepnet_tui.screens.lesson.learn import LearnScreen

        return LearnScreen(self, self._lesson, log_axis=log_axis, hide=hide)

    def on_mount(self) -> None:
        """Rebind keys, and quit in good order when the system asks for it."""
        self._appearance.fit_to_terminal()
        changed = {*self.config.keys, *([QUIT_LETTER] if "quit" in self.config.keys else [])}
        self.set_keymap({name: keys for name, keys in keymap(self.commands).items() if name in changed})
        self.terminal.begin()
        for number in QUIT_SIGNALS:
            with suppress(NotImplementedError, RuntimeError, ValueError):  # there are none outside the main thread
                asyncio.get_running_loop().add_signal_handler(number, partial(self.exit, return_code=128 + number))

    def on_ready(self) -> None:
        """Paint first, then load: until now nothing has reached the terminal."""
        self.main.refresh()
        self.main.call_after_refresh(self._begin)
        self.call_after_refresh(self._open_first)

    async def _begin(self) -> None:
        await self.main.begin()
        await self._key_queue.begin()
        self._imports_ahead.start()

    def _open_first(self) -> None:
        from deepnet_tui.runs.store import Store

        self.workbench.store = Store()
        if self._configuration_error:
            self.notify(self._configuration_error, severity="warning", timeout=10, markup=False)
        self.data.load(self._source, self._target, fresh=self._fresh, restore=self._restore)

    # While it runs

    @property
    def main(self) -> MainScreen:
        """The main screen, whatever lies above it."""
        return next(screen for screen in self.screen_stack if isinstance(screen, MainScreen))

    def _main_if_open(self) -> MainScreen | None:
        """The main screen; None while the app is closing and nobody is left to hear of anything."""
        screens = (screen for screen in self.screen_stack if isinstance(screen, MainScreen))
        return next((screen for screen in screens if screen.is_attached), None)

    @property
    def presenting(self) -> bool:
        """Whether everything is shown for a class."""
        return self._presenter.on

    def action_present(self) -> None:
        """Show everything for a class, or go back to work."""
        self._presenter.toggle()

    def _go_on(self) -> None:
        """The frame of a key is painted: the training goes on, unless another key has come."""
        if not self._key_queue.busy:
            self.workbench.go_on()

    async def on_event(self, event: events.Event) -> None:
        """Let keys wait for one another; when the app is closing there is nobody left to get any."""
        if isinstance(event, events.InputEvent) and not self.screen_stack:
            return
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.workbench.make_way()
            if self.presenting:
                await self._presenter.key(event)
            await self._key_queue.take(event, super().on_event)
        elif isinstance(event, events.Paste) and not event.is_forwarded and not isinstance(self.focused, Input):
            if isinstance(self.screen, MainScreen):
                from deepnet_tui.screens.terminal.pasting import take_paste

                take_paste(self.screen, event.text)
        else:
            await super().on_event(event)

    def on_posted(self, event: Posted) -> None:
        """Hand a message of the training to the workbench, and show the result."""
        from deepnet_tui.training.messages import Ended, Failed, Noted

        content, main = event.content, self._main_if_open()
        if main is None or not self.workbench.handle(content):
            return
        if isinstance(content, Failed | Noted):
            main.warn(content.message)
        elif self.workbench.state is State.DIVERGED:
            main.warn(self.workbench.message)
        elif isinstance(content, Ended) and self.workbench.message:
            message = self.workbench.message
            main.say(message[0].upper() + message[1:])
        main.poll()
        if isinstance(content, Ended):
            main.examine_run()

    def on_evaluate_view_what_if(self, event: EvaluateView.WhatIf) -> None:
        """Let somebody change the values of an example."""
        from deepnet_tui.screens.what_if.opening import what_if_screen

        member = self.workbench.shown_member
        try:
            screen = what_if_screen(event.case, event.part, event.place, member, self.commands)
        except InputError as error:
            self.main.warn(str(error))
        else:
            self.push_screen(screen)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What stands between the screen and the terminal."""
        filters = self._appearance.filters(super().get_line_filters())
        if not self._plain_characters:
            return filters
        from deepnet_tui.drawing.filters.plain import PlainFilter

        return [*filters, PlainFilter()]

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Offer every command of the main screen in the palette, and the theme."""
        if isinstance(screen, MainScreen):
            for command in self.commands:
                on_offer = command.id not in ACTIONS and not screen.hides(command.action)
                if command.scope == "main" and on_offer:
                    yield self._palette_entry(screen, command)
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)
        yield SystemCommand("Present", "Large and bold for a class, or back to work", self.action_present)
        for command in self.commands:
            if command.id in ("suspend", "quit"):
                yield SystemCommand(command.title, command.help, getattr(self, f"action_{command.id}"))

    def _palette_entry(self, screen: MainScreen, command: Command) -> SystemCommand:
        async def call() -> None:
            await screen.run_action(command.action)

        return SystemCommand(command.title, command.help, call)

    # The terminal

    def copy_to_clipboard(self, text: str) -> None:
        """Copy, on whatever way there is, and say what is known to have happened."""
        self._clipboard = text  # private: what Textual's own fields paste
        self.terminal.copy(text)

    def action_suspend(self) -> None:
        """Back to the shell."""
        self.terminal.suspend()

    def action_command_palette(self) -> None:
        """Open the command palette, if it isn't."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    # The end

    def _under_way(self) -> str | None:
        """The question to be asked before what is under way is stopped; None where nothing is."""
        if self.workbench.state is State.TRAINING:
            return "The network is being trained. Stop the training and quit?"
        for screen in self.screen_stack:
            if question := getattr(screen, "quit_question", ""):
                return str(question)
        if self.searches.busy:
            return "A search is under way. Stop it and quit? It is kept: search --resume goes on."
        return None

    async def action_lesson(self, name: str) -> None:
        """Go on with a lesson in place of what is open; while something is trained, ask first."""
        self.next_lesson = name
        await self.action_quit()

    def action_help_quit(self) -> None:
        """Say how to quit where somebody presses ctrl+c."""
        keys = next(command.keys for command in self.commands if command.id == "quit")
        self.notify(f"{' or '.join(map(shown, keys.split(',')))} quits", markup=False)

    async def action_quit(self) -> None:
        """Quit; while something is trained, ask first."""
        question = self._under_way()
        if question is None:
            self.exit()
            return
        if self._quit_dialog in self.screen_stack:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.exit()
            else:
                self.next_lesson = ""

        from deepnet_tui.screens.dialogs.dialog import Confirm

        self._quit_dialog = Confirm("Quit", question, "quit", "keep training")
        self.push_screen(self._quit_dialog, answered)

    def on_unmount(self) -> None:
        """End the threads, and remember how the app was left."""
        self._imports_ahead.stop()
        state = replace(self._state, theme=self._appearance.theme_to_remember)
        session_state.write(self._workspace.left_as(state) if self._workspace is not None else state)
        self.data.close()
        self.searches.close()
        self.workbench.close()
        for number in QUIT_SIGNALS:
            with suppress(NotImplementedError, RuntimeError, ValueError):
                asyncio.get_running_loop().remove_signal_handler(number)
