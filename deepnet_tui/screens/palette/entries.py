"""What the palette offers besides runs: commands, data sets, settings, lessons and themes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.widget import Widget

from deepnet_tui.commands.command import Command
from deepnet_tui.commands.views import VIEWS
from deepnet_tui.screens.main import MainScreen

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

    from deepnet_tui.screens.services import AppServices

MOVES = ("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "escape")
IN_DATA_SCREEN = {
    "validation": "held_out",
    "seed": "split_seed",
    "noise": "plane('noise')",
    "points": "plane('points')",
    "transform": "plane('transform')",
    "function": "plane('function')",
    "target": "",
}
"""Settings of the data, and the action of the data screen that changes each; "" where one does it in the list."""


@dataclass(frozen=True)
class PaletteEntry:
    """A title, what it does, and the call that does it."""

    title: str
    help: str
    run: Callable[[], Any]


def commands_here(screen: Screen[Any], commands: tuple[Command, ...]) -> Iterator[PaletteEntry]:
    """The commands of what has the focus, of the screen, and of the views; none that only move a cursor."""
    offered: set[str] = set()
    nodes = [*(screen.focused.ancestors_with_self if screen.focused is not None else ()), screen]
    for node in nodes:
        bound = {binding.id for binding in getattr(node, "BINDINGS", ()) if isinstance(binding, Binding)}
        for command in commands:
            if command.scope != "main" and command.id in bound - offered and not _moves(command):
                offered.add(command.id)
                yield PaletteEntry(command.title, command.help, partial(_on_node, node, command.action))
    if isinstance(screen, MainScreen):
        views = {view.id: view.title for view in VIEWS if not screen.hides(f"view('{view.id}')")}
        for command in commands:
            if command.scope in views and command.id not in offered and not _moves(command):
                title = f"{views[command.scope]}: {command.title}"
                yield PaletteEntry(title, command.help, partial(_in_view, screen, command))


def things(
    screen: MainScreen, services: AppServices, start_lesson: Callable[[str], Awaitable[None]]
) -> list[PaletteEntry]:
    """Data sets, settings and lessons: all that the main screen can go to. It reads files: call it in a thread."""
    from deepnet_tui.data.builtin import BUILTIN
    from deepnet_tui.data.setting_list import DATA_SETTINGS
    from deepnet_tui.lessons.library import LESSONS, find
    from deepnet_tui.widgets.panes.training import SETTINGS

    found = []
    for name, made in BUILTIN.items():
        found.append(PaletteEntry(f"Data: {name}", made.title, partial(_load, screen, services, name)))
    for entry in SETTINGS if not screen.hides_pane("training_pane") else ():
        title = f"Setting: {entry.setting.label}"
        found.append(PaletteEntry(title, entry.setting.help, partial(screen.show_setting, entry.name)))
    for name, action in IN_DATA_SCREEN.items():
        setting, go = DATA_SETTINGS[name], partial(_data_setting, screen, services, action)
        found.append(PaletteEntry(f"Setting: {setting.label} (data)", setting.help, go))
    for name in LESSONS:
        lesson = find(name)
        found.append(PaletteEntry(f"Lesson: {name}", f"{lesson.title}. {lesson.about}", partial(start_lesson, name)))
    return found


def themes(app: App[Any]) -> Iterator[PaletteEntry]:
    """Every theme."""
    for name, theme in sorted(app.available_themes.items()):
        kind = "dark" if theme.dark else "light"
        yield PaletteEntry(f"Theme: {name}", f"The colours of {name}, {kind}", partial(_use_theme, app, name))


def _moves(command: Command) -> bool:
    return command.keys.split(",")[0] in MOVES


async def _on_node(node: Any, action: str) -> None:
    await node.run_action(action)


async def _in_view(screen: MainScreen, command: Command) -> None:
    await screen.show_view(command.scope)
    if isinstance(screen.view, Widget):
        await screen.view.run_action(command.action)


def _load(screen: MainScreen, services: AppServices, name: str) -> None:
    if not screen.must_pause_first("choose other data"):
        services.data.load(name)


async def _data_setting(screen: MainScreen, services: AppServices, action: str) -> None:
    if screen.must_pause_first("change the data"):
        return
    services.data.look_at("")
    if action:
        screen.call_later(_on_top, screen.app, action)


async def _on_top(app: App[Any], action: str) -> None:
    await app.screen.run_action(action)


def _use_theme(app: App[Any], name: str) -> None:
    app.theme = name
