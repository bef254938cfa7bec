"""How the app of a visitor talks to the server: Textual's driver for browsers, with what it leaves open."""

from __future__ import annotations

import os
import sys
import threading
from functools import partial
from typing import Any

from textual import messages
from textual.drivers.web_driver import WebDriver

GRACE = 5.0  # seconds for the app to end once the server has gone


class VisitorDriver(WebDriver):
    """One thread writes a packet at a time, notices of the server are shown, and the app ends with the server."""

    def __init__(self, app: Any, **settings: Any) -> None:
        super().__init__(app, **settings)
        self._lock = threading.Lock()
        self._packets = os.dup(self.fileno)
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  a library that prints must not break into a packet
            os.dup2(nowhere.fileno(), self.fileno)
        self._write = partial(self._write_whole)  # Textual has os.write here (8.2.8)

    def _write_whole(self, packet: bytes) -> int:
        try:
            with self._lock:
                rest = memoryview(packet)
                while rest:
                    rest = rest[os.write(self._packets, rest) :]
        except OSError:
            self._server_has_gone()
        return len(packet)

    def run_input_thread(self) -> None:
        """Take packets of the server until there are no more."""
        super().run_input_thread()  # which logs errors where nobody reads them
        if not self.exit_event.is_set():
            print("no more packets come from the server, or one could not be read", file=sys.__stderr__)
            self._server_has_gone()

    def _server_has_gone(self) -> None:
        self.exit_event.set()
        end = threading.Timer(GRACE, os._exit, (1,))
        end.daemon = True
        end.start()
        self._app.post_message(messages.ExitApp())

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        """Show a notice; all else is as Textual has it."""
        if packet_type == "notice":
            tell = partial(self._app.notify, severity="warning", timeout=15, markup=False)
            self._app.call_later(tell, str(payload.get("text", "")))
        else:
            super().on_meta(packet_type, payload)
