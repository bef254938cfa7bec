"""What one client may ask for, so that no request can take the service away from the others."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of the service.

    `body` is in bytes, `rows` are those of one request, `requests` are those in progress at the same time, and
    `seconds` is the time that a request may take to arrive, and then to be answered. `threads` predict at once.
    """

    body: int = 4_000_000
    rows: int = 20_000
    requests: int = 32
    seconds: float = 30.0
    threads: int = min(4, os.cpu_count() or 1)
    stop: int = 10  # seconds for the requests in progress when the service is told to stop


class RefusedError(Exception):
    """A request that is not answered: the HTTP status, and one sentence that says why and what is allowed."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
