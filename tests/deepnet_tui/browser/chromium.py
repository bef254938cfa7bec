"""Drives a headless Chromium by its DevTools protocol, over a WebSocket; nothing else is needed."""

from __future__ import annotations

import asyncio
import base64
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
FLAGS = (
    *(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--hide-scrollbars",
    ),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars"),
    *("--remote-debugging-port=0", "--window-size=1280,800", "about:blank"),
)
KEYS = {" ": ("Space", 32), "\r": ("Enter", 13)}


class Page:
    """One page of the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._number = socket, 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.events: list[dict[str, Any]] = []
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        async for message in self._socket:
            told = message.json()
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            else:
                self.events.append(told)

    async def __call__(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of a command of the protocol."""
        self._number += 1
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        told = await asyncio.wait_for(answer, 60)
        assert "error" not in told, told
        result: dict[str, Any] = told["result"]
        return result

    async def value(self, code: str) -> Any:
        """What JavaScript gives for an expression."""
        told = await self("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def until(self, code: str, seconds: float = 60) -> None:
        """Wait until an expression is true."""
        async with asyncio.timeout(seconds):
            while not await self.value(code):
                await asyncio.sleep(0.05)

    async def key(self, text: str) -> None:
        """Press a key that has a character."""
        code, number = KEYS.get(text, (f"Key{text.upper()}", ord(text.upper())))
        name = "Enter" if text == "\r" else text
        about = {"key": name, "code": code, "windowsVirtualKeyCode": number}
        await self("Input.dispatchKeyEvent", type="keyDown", text=text, **about)
        await self("Input.dispatchKeyEvent", type="keyUp", **about)

    async def picture(self) -> bytes:
        """The page as PNG."""
        told = await self("Page.captureScreenshot", format="png")
        return base64.b64decode(told["data"])

    def named(self, method: str) -> list[dict[str, Any]]:
        """What the browser has told of this kind."""
        return [event["params"] for event in self.events if event["method"] == method]


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Page]:
    """A browser with one page, whose files are in `folder`."""
    assert PROGRAM is not None
    profile = folder / "profile"
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        f"--user-data-dir={profile}",
        *FLAGS,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        place = profile / "DevToolsActivePort"
        async with asyncio.timeout(60):
            while not (place.is_file() and place.read_text().count("\n")):
                if process.returncode is not None:
                    pytest.skip(f"{PROGRAM} does not start here")
                await asyncio.sleep(0.05)
        port = place.read_text().split("\n")[0]
        async with aiohttp.ClientSession() as client:
            found = await (await client.get(f"http://127.0.0.1:{port}/json")).json(content_type=None)
            address = next(one["webSocketDebuggerUrl"] for one in found if one["type"] == "page")
            async with client.ws_connect(address, max_msg_size=0) as socket:
                yield Page(socket)
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()
