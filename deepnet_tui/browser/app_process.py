"""The process in which the app of one visitor runs: how it is started, what it is given, how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from deepnet_tui.browser.limits import VisitorLimits
from deepnet_tui.browser.offer import Offer
from deepnet_tui.browser.packets import START, TERMINAL, message, packet

PASSED_ON = ("PATH", "LANG", "TZ", "LD_LIBRARY_PATH", "PYTHONPATH", "SYSTEMROOT", "COVERAGE_PROCESS_START")
COMMAND = (sys.executable, "-P", "-m", "deepnet_tui.browser.visit")  # -P: nothing in its folder is taken for a module
STORE = "store"  # the folder of a visitor's configuration and runs; what is saved is in the other one
FILES = "files"
ERRORS = "errors.txt"
STARTING = 60.0  # seconds
WAITING = 1_000_000  # bytes of keys that an app has not read yet


class AppProcess:
    """The app on the files of one folder. It knows nothing of this process: neither its environment nor its files."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self._process, self._folder = process, folder
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018  both are pipes
        self._keys, self.packets = process.stdin, process.stdout

    @classmethod
    async def start(cls, folder: Path, offer: Offer, limits: VisitorLimits, width: int, height: int) -> AppProcess:
        """Start the app in `folder`, which must be empty."""
        files = folder / FILES
        for name in (FILES, STORE, "tmp"):
            (folder / name).mkdir()
        told = {
            "folder": str(folder),
            "offered": [str(path) for path in offer.files],
            "source": offer.put_into(files),
            "target": offer.target,
            "fresh": offer.fresh,
            "memory": limits.memory,
        }
        with (folder / ERRORS).open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                *COMMAND,
                json.dumps(told),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env=environment(folder, width, height),
                cwd=files,
                start_new_session=True,  # Ctrl-C on the terminal of the server is for the server
            )
        return cls(process, folder)

    async def begun(self) -> bool:
        """Wait until the app draws; False if it ends before."""
        try:
            async with asyncio.timeout(STARTING):
                while line := await self.packets.readline():
                    if line == START:
                        return True
        except (TimeoutError, ValueError):
            pass
        return False

    def send_keys(self, text: str) -> None:
        """Give the app what was typed; what it can't take any more is dropped."""
        if self._keys.transport.get_write_buffer_size() < WAITING:
            self._keys.write(packet(TERMINAL, text.encode("utf-8", "replace")))

    def send(self, kind: str, **values: Any) -> None:
        """Give the app a message."""
        self._keys.write(message(kind, **values))

    async def code(self) -> int | None:
        """The exit code of an app that writes no more; None if it runs on."""
        await asyncio.wait((asyncio.ensure_future(self._process.wait()),), timeout=5.0)
        return self._process.returncode

    def last_words(self) -> str:
        """The last line that the process wrote to stderr."""
        with contextlib.suppress(OSError):
            lines = (self._folder / ERRORS).read_text(encoding="utf-8", errors="replace").split("\n")
            return next((line.strip() for line in reversed(lines) if line.strip()), "")
        return ""

    async def stop(self, seconds: float) -> None:
        """End it: in order, if it does so within `seconds`."""
        self.send("quit")
        ending = asyncio.ensure_future(self._process.wait())
        reading = asyncio.ensure_future(self._forget_packets())  # else an app that draws would wait for ever
        for step in (self._keys.close, self._signal(signal.SIGTERM), self._signal(getattr(signal, "SIGKILL", 9))):
            if not (await asyncio.wait((ending,), timeout=seconds if step == self._keys.close else 1.0))[0]:
                step()
        self._keys.close()
        await ending
        reading.cancel()

    async def _forget_packets(self) -> None:
        while await self.packets.read(65_536):
            pass

    def _signal(self, number: int) -> Any:
        def send() -> None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

        return send


def environment(folder: Path, width: int, height: int) -> dict[str, str]:
    """The environment of a visitor's process: of ours only what it needs to run."""
    passed = {name: value for name in PASSED_ON if (value := os.environ.get(name)) is not None}
    passed |= {name: value for name, value in os.environ.items() if name.startswith("LC_")}
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "BLIS")}
    return (
        passed
        | threads
        | {
            "HOME": str(folder / FILES),
            "TMPDIR": str(folder / "tmp"),
            "DEEPNET_TUI_HOME": str(folder / STORE),
            "DEEPNET_ENGINE": "numpy",  # the compiled path starts a compiler
            "PYTHONUTF8": "1",
            "PYTHONSAFEPATH": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TEXTUAL_DRIVER": "deepnet_tui.browser.visit.driver:VisitorDriver",
            "TEXTUAL_COLOR_SYSTEM": "truecolor",
            "TEXTUAL_FPS": "30",
            "TERM": "xterm-256color",
            "TERM_PROGRAM": "textual",
            "COLUMNS": str(width),
            "ROWS": str(height),
        }
    )


def missing_package() -> str | None:
    """The package of the extra `web` that is not installed, None for none."""
    return next((name for name in ("aiohttp", "textual_serve") if find_spec(name) is None), None)
