"""Keys typed faster than the screen changes: each waits until the one before has taken effect.

Over a slow line a whole burst arrives at once, and what the first key opens must be there before the second is handed
to anyone. Textual has no way to ask when a key has taken effect. It handles a key by passing it from the widget that
has the focus to its parent and so on up to the app, each of which has a queue of messages and works through it in
order; what the key sets off (an action, a message of a widget) takes the same way. So a call that is passed up the
same way behind the key, through every queue, arrives when the key has been handled, and the same once more when what
it set off has been handled. This uses public methods only (`call_later`, `ancestors_with_self`), but relies on that
order, which was checked with Textual 8.2.5 and 8.2.8 (`test_keys_typed_in_a_burst_go_where_they_were_meant`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from textual.app import App
from textual.events import Key
from textual.message_pump import MessagePump

PASSES = 2  # up from the focus to the app: for the key, and for what it set off
PATIENCE = 0.3  # seconds after which the next key is handed over all the same: a widget on the path may have gone


class KeyQueue:
    """Hands an app its keys, one at a time, once it is told to `begin`; after the last one it calls `handled`."""

    def __init__(self, app: App[Any], handled: Callable[[], object]) -> None:
        self._app, self._handled = app, handled
        self._waiting: deque[tuple[Key, Callable[[Key], Awaitable[None]]]] = deque()
        self._busy = True
        self._turn = 0

    @property
    def busy(self) -> bool:
        """Whether a key has not been handled yet."""
        return self._busy

    async def begin(self) -> None:
        """Hand over the keys that were typed before there was anything for them to act on, and those to come."""
        await self._next(self._turn)

    async def take(self, key: Key, handle: Callable[[Key], Awaitable[None]]) -> None:
        """Have `handle` called with the key, now or when its turn has come."""
        if self._busy:
            self._waiting.append((key, handle))
            return
        self._busy = True
        await self._handle(key, handle)

    async def _handle(self, key: Key, handle: Callable[[Key], Awaitable[None]]) -> None:
        await handle(key)
        self._turn += 1
        self._app.set_timer(PATIENCE, partial(self._next, self._turn))
        await self._pass_up(self._path(), PASSES, self._turn)

    def _path(self) -> Sequence[MessagePump]:
        """The way of a key: from the focus up to the app."""
        return tuple((self._app.focused or self._app.screen).ancestors_with_self)

    async def _pass_up(self, path: Sequence[MessagePump], passes: int, turn: int) -> None:
        if path:
            node, rest = path[0], path[1:]
            if not node.call_later(self._pass_up, rest, passes, turn):
                await self._pass_up(rest, passes, turn)
        elif passes > 1:
            await self._pass_up(self._path(), passes - 1, turn)
        else:
            await self._next(turn)

    async def _next(self, turn: int) -> None:
        """Hand over the next key, unless the key of this turn has already been followed by another."""
        if turn != self._turn:
            return
        self._turn += 1
        if self._waiting:
            await self._handle(*self._waiting.popleft())
        else:
            self._busy = False
            self._handled()
