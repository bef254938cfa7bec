"""Runs the server until it is told to stop; then every session is ended and every folder removed."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web

from deepnet_tui.browser.access import Access
from deepnet_tui.browser.application import BrowserServer
from deepnet_tui.browser.folders import Folders, folders
from deepnet_tui.browser.limits import VisitorLimits
from deepnet_tui.browser.offer import Offer

STOPS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def serve(
    place: socket.socket,
    access: Access,
    limits: VisitorLimits,
    offer: Offer,
    log: Callable[[str], None],
    begun: Callable[[], None],
) -> None:
    """Serve the app at the socket until Ctrl-C, SIGTERM or SIGHUP. `begun` is called once visitors may come, `log` is
    given sentences on their coming and going."""
    with folders() as found:
        asyncio.run(_run(place, access, limits, offer, found, log, begun))


async def _run(
    place: socket.socket,
    access: Access,
    limits: VisitorLimits,
    offer: Offer,
    found: Folders,
    log: Callable[[str], None],
    begun: Callable[[], None],
) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOPS:
        with suppress(NotImplementedError, RuntimeError):  # Windows, or a thread
            loop.add_signal_handler(number, stopped.set)
    server = BrowserServer(access, limits, offer, found, log, place.getsockname()[1])
    runner = web.AppRunner(server.application(), access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.SockSite(runner, place).start()
        begun()
        await stopped.wait()
    finally:
        await server.close()
        await runner.cleanup()
