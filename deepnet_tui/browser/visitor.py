"""One visitor: a WebSocket on this side, an app on the other, and the clocks that end the session."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from deepnet_tui.browser.app_process import AppProcess
from deepnet_tui.browser.downloads import Downloads
from deepnet_tui.browser.folders import size_of
from deepnet_tui.browser.limits import VisitorLimits
from deepnet_tui.browser.packets import MESSAGE, PACKED, TERMINAL, read_packet
from deepnet_tui.common.times import spoken

if TYPE_CHECKING:
    from deepnet_tui.browser.offer import Offer

DISK_EVERY = 10.0  # seconds
LARGEST_SCREEN = 1_000  # columns, and rows
GONE = ""  # the reason where the browser has closed the connection


class Visitor:
    """Lets a browser use an app of its own; `run` gives the sentence on why it has ended."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        folder: Path,
        limits: VisitorLimits,
        downloads: Downloads,
        log: Callable[[str], None],
    ) -> None:
        self._socket, self._folder, self._limits, self._downloads = socket, folder, limits, downloads
        self._log = log
        self._began = self._touched = time.monotonic()
        self._app: AppProcess

    async def run(self, offer: Offer, size: tuple[int, int], closing: asyncio.Event) -> str:
        """Start the app, and let it be used until it, the browser, a clock or the server ends the session."""
        self._app = await AppProcess.start(self._folder, offer, self._limits, *size)
        parts: tuple[Coroutine[Any, Any, str], ...] = (
            self._from_app(),
            self._from_browser(),
            self._clock(),
            self._disk(),
            self._server(closing),
        )
        tasks = [asyncio.ensure_future(part) for part in parts]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return next(task.result() for task in tasks if task in done)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._downloads.drop(self._app)
            await asyncio.shield(self._app.stop(self._limits.ending))
            if words := self._app.last_words():
                self._log(f"the app of a visitor said: {words}")

    async def _from_app(self) -> str:
        if not await self._app.begun():
            return "The app could not be started here; the server's terminal says why."
        while (found := await read_packet(self._app.packets)) is not None:
            kind, content = found
            if kind == TERMINAL:
                await self._socket.send_bytes(content)
            elif kind == MESSAGE:
                await self._message(json.loads(content))
            elif kind == PACKED:
                self._downloads.add_part(content)
        if code := await self._app.code():
            self._log(f"the app of a visitor ended with status {code}")
            return "The app has failed; the server's terminal says more. Its files are gone."
        return "The session has ended."

    async def _message(self, told: dict[str, Any]) -> None:
        if told.get("type") == "deliver_file_start":
            key = self._downloads.announce(self._app, told)
            if key is not None:
                await self._socket.send_json(["deliver_file_start", key])

    async def _from_browser(self) -> str:
        async for received in self._socket:
            if received.type is not WSMsgType.TEXT:
                continue
            try:
                kind, *values = received.json()
                value = values[0] if values else None
            except (ValueError, TypeError, IndexError, RecursionError):
                continue
            if kind == "stdin" and isinstance(value, str):
                self._touched = time.monotonic()
                self._app.send_keys(value)
            elif kind == "resize" and isinstance(value, dict):
                width, height = screen_size(value)
                self._app.send("resize", width=width, height=height)
            elif kind in ("focus", "blur"):
                self._app.send(kind)
            elif kind == "ping" and isinstance(value, str | int | float):
                await self._socket.send_json(["pong", value])
        return GONE

    async def _clock(self) -> str:
        """Say when the session is about to end, and end it."""
        limits, told = self._limits, 0.0
        notice = min(limits.notice, limits.seconds / 2, limits.idle / 2)
        while True:
            now = time.monotonic()
            last, idle = self._began + limits.seconds, self._touched + limits.idle
            end = min(last, idle)
            if now >= end:
                why = "time for a session is over" if end == last else "session was closed: nobody used it"
                return f"The {why} ({spoken(limits.seconds if end == last else limits.idle)}). Its files are gone."
            if now < end - notice:
                await asyncio.sleep(end - notice - now)
                continue
            if told != end:
                told = end
                left = spoken(notice)
                rest = "save what you need" if end == last else "any key keeps it open"
                self._app.send("notice", text=f"This session ends in {left}; {rest}")
            await asyncio.sleep(min(end - now, 1.0) if end == idle else end - now)

    async def _disk(self) -> str:
        while True:
            await asyncio.sleep(DISK_EVERY)
            if await asyncio.to_thread(size_of, self._folder) > self._limits.disk:
                return f"The session was closed: its files took more than {self._limits.disk / 1e6:,.0f} MB."

    @staticmethod
    async def _server(closing: asyncio.Event) -> str:
        await closing.wait()
        return "The server has been stopped."


def screen_size(values: Any) -> tuple[int, int]:
    """Columns and rows as a browser gives them; what is none is 80 and 24."""
    found = []
    for name, usual in (("width", 80), ("height", 24)):
        try:
            value = int(values.get(name, usual))
        except (ValueError, TypeError, OverflowError):
            value = usual
        found.append(min(max(value, 1), LARGEST_SCREEN))
    return found[0], found[1]
