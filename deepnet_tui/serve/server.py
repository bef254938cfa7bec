"""Runs the service until it is told to stop; requests in progress are then answered."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from threadpoolctl import threadpool_limits

from deepnet_tui.common.listening import address, is_loopback, listening
from deepnet_tui.model import Model
from deepnet_tui.serve.application import application
from deepnet_tui.serve.connection import TimedConnection
from deepnet_tui.serve.limits import Limits
from deepnet_tui.serve.local_hosts import LOCAL


def serve(
    model: Model, host: str, port: int, limits: Limits, tell: Callable[[str], None], begun: Callable[[str], None]
) -> None:
    """Serve `model` at `host` and `port`, 0 for any free one, until Ctrl-C or SIGTERM.

    `begun` is given the address once clients can connect, `tell` sentences for people. Raises InputError for an address
    that can't be had.
    """
    place = listening(host, port)
    local = is_loopback(host)
    if not local:
        tell(f"warning: whoever reaches {host} can ask the service; it has neither passwords nor encryption")
    app = application(model, limits, LOCAL | {host.lower()} if local else None)
    with place, threadpool_limits(limits=1), _signals_end_quietly():
        begun(address(place))
        server_of(app, limits).run(sockets=[place])


def server_of(app: object, limits: Limits) -> uvicorn.Server:
    """The server for an application."""
    return uvicorn.Server(
        uvicorn.Config(
            app,  # type: ignore[arg-type]
            http=TimedConnection,
            ws="none",
            log_level="error",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=limits.stop,
            h11_max_incomplete_event_size=32_768,
        )
    )


@contextmanager
def _signals_end_quietly() -> Iterator[None]:
    """uvicorn stops at these signals and then raises them once more, for handlers of its caller: there is nothing more
    to do then."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda _number, _frame: None) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
