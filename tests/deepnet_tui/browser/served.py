"""A server in this process with apps that are stubs, a real one in a process of its own, and visitors for both."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType, web

from deepnet_tui.browser import app_process
from deepnet_tui.browser.access import Access
from deepnet_tui.browser.application import BrowserServer
from deepnet_tui.browser.folders import Folders, folders
from deepnet_tui.browser.limits import VisitorLimits
from deepnet_tui.browser.offer import Offer
from deepnet_tui.common.listening import listening

STUB = (sys.executable, "-I", "-S", str(Path(__file__).with_name("stub_app.py")))
ESCAPES = re.compile(r"\x1b\[[0-9;?:$]*[a-zA-Z]")
BREAKS = re.compile(r"[\s▌│─╯╮╭╰]+")  # where a sentence goes on in the next line


@dataclass
class Visit:
    """A session as a browser has it."""

    socket: aiohttp.ClientWebSocketResponse
    text: str = ""
    messages: list[Any] = field(default_factory=list)
    reason: str | None = None

    async def type(self, *keys: str) -> None:
        """Press keys."""
        for key in keys:
            await self.socket.send_json(["stdin", key])

    async def until(self, wanted: str, seconds: float = 60) -> str:
        """Read until `wanted` is shown since the last call; gives what was read."""
        async with asyncio.timeout(seconds):
            while wanted not in BREAKS.sub(" ", self.text) and self.reason is None:
                await self._read()
        read, self.text = BREAKS.sub(" ", self.text), ""
        assert wanted in read, f"{self.reason}: {read[-2000:]}"
        return read

    async def end(self, seconds: float = 30) -> str:
        """Why the server has closed the session, once it has."""
        async with asyncio.timeout(seconds):
            while self.reason is None:
                await self._read()
        return self.reason or ""

    async def _read(self) -> None:
        message = await self.socket.receive()
        if message.type == WSMsgType.BINARY:
            self.text += ESCAPES.sub("", message.data.decode("utf-8", "replace"))
        elif message.type == WSMsgType.TEXT:
            self.messages.append(json.loads(message.data))
        else:
            self.reason = str(message.extra or "")


@dataclass(frozen=True)
class Site:
    """A server and a client of it, with a jar of cookies."""

    url: str
    client: aiohttp.ClientSession
    folder: Path
    log: list[str]
    token: str | None = None

    @asynccontextmanager
    async def visit(self, **headers: str) -> AsyncIterator[Visit]:
        """A session. Raises WSServerHandshakeError where it is refused."""
        headers = {"Origin": self.url} | headers
        address = f"{self.url}/ws?width=100&height=30"
        async with self.client.ws_connect(address, headers=headers, max_msg_size=0) as socket:
            yield Visit(socket)

    async def status(self, path: str, **headers: str) -> int:
        """The status of the answer for a path."""
        async with self.client.get(self.url + path, headers=headers, allow_redirects=False) as answer:
            return answer.status

    async def refused(self, **headers: str) -> int:
        """The status with which a session is refused, 0 where it isn't."""
        try:
            async with self.visit(**headers):
                return 0
        except aiohttp.WSServerHandshakeError as error:
            return error.status

    async def empty(self) -> None:
        """Wait until no folder of a visitor is left."""
        async with asyncio.timeout(20):
            while [path for path in self.folder.iterdir() if path.is_dir()]:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def stub_server(
    monkeypatch: pytest.MonkeyPatch, limits: VisitorLimits | None = None, token: str | None = None, **access: Any
) -> AsyncIterator[Site]:
    """A server in this event loop whose apps are stubs."""
    monkeypatch.setattr(app_process, "COMMAND", STUB)
    log: list[str] = []
    named = Access(token, frozenset(("127.0.0.1", "localhost")), **access)
    with folders() as found, listening("127.0.0.1", 0) as place:
        url = f"http://127.0.0.1:{place.getsockname()[1]}"
        async with _running(named, limits or VisitorLimits(), found, log, place), client() as browser:
            yield Site(url, browser, found.path, log, token)


@asynccontextmanager
async def _running(
    access: Access, limits: VisitorLimits, found: Folders, log: list[str], place: Any
) -> AsyncIterator[None]:
    server = BrowserServer(access, limits, Offer(), found, log.append, place.getsockname()[1])
    runner = web.AppRunner(server.application(), shutdown_timeout=1.0)
    await runner.setup()
    await web.SockSite(runner, place).start()
    try:
        yield
    finally:
        await server.close()
        await runner.cleanup()


def client() -> aiohttp.ClientSession:
    """A browser, as far as cookies go."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


@dataclass
class Command:
    """`deepnet-tui serve` in a process; `temporary` is where it makes folders."""

    process: subprocess.Popen[str]
    url: str
    temporary: Path
    said: list[str]

    @property
    def folder(self) -> Path:
        """The folder of its visitors."""
        return next(self.temporary.glob("deepnet-visitors-*"))

    def children(self) -> list[int]:
        """The processes of visitors."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(one) for one in listed]

    def stop(self, number: signal.Signals) -> int:
        """Send a signal, and give the exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def served(folder: Path, *words: str, **variables: str) -> Iterator[Command]:
    """The command, stopped at the end."""
    temporary = folder / "temporary"
    temporary.mkdir()
    environment = os.environ | {"TMPDIR": str(temporary), "DEEPNET_TUI_HOME": str(folder / "owner")} | variables
    command = [sys.executable, "-m", "deepnet_tui", "serve", *words, "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True)
    assert process.stderr is not None
    first = process.stderr.readline()
    found = re.search(r"(http://[\w.:]+\d)", first)
    assert found is not None, first + process.stderr.read()
    said = [first, *(process.stderr.readline() for _ in range(3))]
    try:
        yield Command(process, found[1], temporary, said)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.stderr.close()
        process.wait(30)


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
