"""Keys typed faster than the screen changes: each waits until the one before has taken effect.

Over a slow line a whole burst arrives at once, and what the first key opens must be there before the second is told to
anyone. A key climbs from the widget that has the focus up to the app, and what it sets off does the same; so a call
that climbs behind it, twice, arrives when all of it is done.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from textual.app import App
from textual.events import Key
from textual.message_pump import MessagePump

CLIMBS = 2
PATIENCE = 0.3  # seconds after which the next key is told all the same: a widget on the path may have gone


class KeyQueue:
    """Hands an app its keys, one at a time, once it is told to `begin`."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._waiting: deque[tuple[Key, Callable[[Key], Awaitable[None]]]] = deque()
        self._busy = True
        self._turn = 0

    async def begin(self) -> None:
        """What the keys are meant for is there; those that were typed before have waited for it."""
        await self._go_on(self._turn)

    async def take(self, key: Key, handle: Callable[[Key], Awaitable[None]]) -> None:
        """Have `handle` called with the key, now or when its turn has come."""
        if self._busy:
            self._waiting.append((key, handle))
            return
        self._busy = True
        await self._tell(key, handle)

    async def _tell(self, key: Key, handle: Callable[[Key], Awaitable[None]]) -> None:
        await handle(key)
        self._turn += 1
        self._app.set_timer(PATIENCE, partial(self._go_on, self._turn))
        await self._climb(self._path(), CLIMBS, self._turn)

    def _path(self) -> Sequence[MessagePump]:
        return tuple((self._app.focused or self._app.screen).ancestors_with_self)

    async def _climb(self, path: Sequence[MessagePump], climbs: int, turn: int) -> None:
        if path:
            node, rest = path[0], path[1:]
            if not node.call_later(self._climb, rest, climbs, turn):
                await self._climb(rest, climbs, turn)
        elif climbs > 1:
            await self._climb(self._path(), climbs - 1, turn)
        else:
            await self._go_on(turn)

    async def _go_on(self, turn: int) -> None:
        if turn != self._turn:
            return
        self._turn += 1
        if self._waiting:
            await self._tell(*self._waiting.popleft())
        else:
            self._busy = False
