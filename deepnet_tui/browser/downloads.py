"""Files on their way from an app to a browser: the app announces one under a key, the browser asks for it once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from textual._binary_encode import DecodeError, load  # the other side of Textual's driver

if TYPE_CHECKING:
    from deepnet_tui.browser.app_process import AppProcess

KEY = re.compile(r"[0-9a-f]{32}")
CHUNK = 65_536  # bytes
PATIENCE = 20.0  # seconds for an app to give the next part


@dataclass
class Download:
    """A file that an app has announced; `parts` come when they are asked for, an empty one is the last."""

    app: AppProcess
    key: str
    name: str
    parts: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)

    @property
    def disposition(self) -> str:
        """The header that makes a browser save it under its name."""
        plain = re.sub(r"[^A-Za-z0-9._-]", "_", self.name)
        return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(self.name, safe='')}"

    async def read(self) -> AsyncIterator[bytes]:
        """The parts. Raises TimeoutError for an app that gives no more."""
        while True:
            self.app.send("deliver_chunk_request", key=self.key, size=CHUNK, name=None)
            async with asyncio.timeout(PATIENCE):
                part = await self.parts.get()
            if not part:
                return
            yield part


class Downloads:
    """The files of all visitors, by key."""

    def __init__(self) -> None:
        self._waiting: dict[str, Download] = {}
        self._running: dict[str, Download] = {}

    def announce(self, app: AppProcess, told: dict[str, Any]) -> str | None:
        """Take a file that an app offers, and give the key by which it is asked for; None for a wrong message."""
        key, path = told.get("key"), told.get("path")
        if not isinstance(key, str) or not isinstance(path, str) or not KEY.fullmatch(key):
            return None
        self._waiting[key] = Download(app, key, re.split(r"[/\\]", path)[-1])
        return key

    def take(self, key: str) -> Download | None:
        """The download with this key, which is then used up."""
        found = self._waiting.pop(key, None)
        if found is not None:
            self._running[key] = found
        return found

    def done(self, download: Download) -> None:
        """Forget a download that has ended."""
        self._running.pop(download.key, None)

    def add_part(self, packed: bytes) -> None:
        """Take a part that an app has sent."""
        try:
            sent: Any = load(packed)
            kind, key, part = sent
        except (DecodeError, TypeError, ValueError):
            return
        download = self._running.get(key)
        if kind == "deliver_chunk" and download is not None:
            download.parts.put_nowait(part.encode() if isinstance(part, str) else part)

    def drop(self, app: AppProcess) -> None:
        """Forget what an app has offered, since it has ended."""
        self._waiting = {key: one for key, one in self._waiting.items() if one.app is not app}
        for one in self._running.values():
            if one.app is app:
                one.parts.put_nowait(b"")
