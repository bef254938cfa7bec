"""A service that runs in a thread, and a client that asks it over a real connection."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from deepnet_tui.common.listening import listening
from deepnet_tui.data.preparation.entries import Categorical, Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.model import Model
from deepnet_tui.serve.application import application
from deepnet_tui.serve.limits import Limits
from deepnet_tui.serve.local_hosts import LOCAL
from deepnet_tui.serve.server import server_of
from tests.deepnet_tui.export.models import make

PREPARATION = Preparation(
    (
        Numeric("age", fill=2.0, mean=1.0, scale=3.0),
        Categorical("plan, name", ("", "basic", "плюс")),
        Numeric("card", "boolean", words=("no", "yes")),
        Numeric("since", "date", mean=19_000.0, scale=300.0),
    )
)
ROW: dict[str, Any] = {"age": 1.5, "plan, name": "basic", "card": "yes", "since": "2024-03-01"}
ROWS = (ROW, {"age": -3.0, "plan, name": "плюс", "card": "no", "since": "2023-01-01"})
SMALL = Limits(body=100_000, rows=500, requests=64, seconds=20.0, threads=2, stop=5)


def model_for(task: str = "multiclass") -> Model:
    return make(task, preparation=PREPARATION, rows=ROWS)


@dataclass(frozen=True)
class Reply:
    """What the service answered."""

    status: int
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Client:
    """Asks the service at a port, each time over a new connection."""

    port: int

    def __call__(
        self, method: str, path: str, body: Any = None, kind: str = "application/json", **headers: str
    ) -> Reply:
        """Send one request; `body` is bytes as they are, or else is made JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            sent = {"Content-Type": kind} if data is not None and kind else {}
            connection.request(
                method, path, data, sent | {key.replace("_", "-"): value for key, value in headers.items()}
            )
            answer = connection.getresponse()
            text = answer.read()
            return Reply(answer.status, {key.lower(): value for key, value in answer.getheaders()}, _parsed(text))
        finally:
            connection.close()

    def predict(self, body: Any) -> Reply:
        """Ask for predictions."""
        return self("POST", "/predict", body)

    def send(self, text: bytes) -> socket.socket:
        """A connection over which these bytes were sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.sendall(text)
        return connection


def _parsed(text: bytes) -> Any:
    return json.loads(text) if text else None


@contextmanager
def served(model: Model, limits: Limits = SMALL) -> Iterator[Client]:
    """The service in a thread; connections are taken from the start and answered as soon as it runs."""
    place = listening("127.0.0.1", 0)
    server = server_of(application(model, limits, LOCAL), limits)
    thread = threading.Thread(target=lambda: server.run(sockets=[place]))
    thread.start()
    try:
        yield Client(place.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(30)
        place.close()
        assert not thread.is_alive()
