"""Feeds Textual's command palette: what it offers is in `entries.py` and `runs.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Protocol, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from deepnet_tui.commands.command import Command
from deepnet_tui.runs.store import Store
from deepnet_tui.screens.main import MainScreen
from deepnet_tui.screens.palette.entries import PaletteEntry, commands_here, themes, things
from deepnet_tui.screens.palette.runs import RunNames
from deepnet_tui.screens.services import AppServices


class HasPalette(AppServices, Protocol):
    """What the palette needs of the app."""

    @property
    def commands(self) -> tuple[Command, ...]:
        """All commands with the keys that the user has for them."""

    async def action_lesson(self, name: str) -> None:
        """Start a lesson."""


class PaletteProvider(Provider):
    """Commands are there at once; what lies in files is read in threads, while one types."""

    async def startup(self) -> None:
        """Begin to read."""
        app, screen = cast("HasPalette", self.app), self.screen
        self._things: asyncio.Future[list[PaletteEntry]] | None = None
        self._runs: asyncio.Future[RunNames] | None = None
        if isinstance(screen, MainScreen):
            loop = asyncio.get_running_loop()
            self._things = loop.run_in_executor(None, things, screen, app, app.action_lesson)
            self._runs = loop.run_in_executor(None, RunNames, app.workbench.store or Store())

    def _commands(self) -> list[PaletteEntry]:
        screen: Any = self.screen
        system = [PaletteEntry(each.title, each.help, each.callback) for each in self.app.get_system_commands(screen)]
        return [*system, *commands_here(screen, cast("HasPalette", self.app).commands)]

    async def discover(self) -> Hits:
        """The commands."""
        for entry in self._commands():
            yield DiscoveryHit(entry.title, entry.run, help=entry.help)

    async def search(self, query: str) -> Hits:
        """All that fits, runs last: there may be thousands.

        Textual cancels a search when one types on, which must not cancel the reading, hence `shield`.
        """
        matcher = self.matcher(query)

        def hits(entries: Iterable[PaletteEntry]) -> Iterator[Hit]:
            for entry in entries:
                score = max(matcher.match(entry.title), 0.5 * matcher.match(entry.help))
                if score > 0:
                    yield Hit(score, matcher.highlight(entry.title), entry.run, text=entry.title, help=entry.help)

        for hit in hits([*self._commands(), *themes(self.app)]):
            yield hit
        if self._things is not None:
            for hit in hits(await asyncio.shield(self._things)):
                yield hit
        if self._runs is not None:
            screen = cast(MainScreen, self.screen)
            for run in (await asyncio.shield(self._runs)).find(query):
                call = partial(screen.action_all_runs, run.id)
                yield Hit(run.score, matcher.highlight(run.title), call, text=run.title, help=run.help)
