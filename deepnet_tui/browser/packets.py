"""The packets between the server and an app: a letter, a length of four bytes, and what is sent.

This is what Textual's driver for browsers speaks (textual/drivers/web_driver.py).
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

START = b"__GANGLION__\n"  # the line that the driver writes first
TERMINAL, MESSAGE, PACKED = b"D", b"M", b"P"
LARGEST = 16_000_000  # bytes; a screen has some thousands, a part of a download 64 kB


def packet(kind: bytes, content: bytes) -> bytes:
    """One packet."""
    return kind + len(content).to_bytes(4, "big") + content


def message(kind: str, **values: Any) -> bytes:
    """A packet with a message."""
    return packet(MESSAGE, json.dumps({"type": kind, **values}).encode())


async def read_packet(stream: asyncio.StreamReader) -> tuple[bytes, bytes] | None:
    """The next packet, its kind and its content; None where there is no more, or no packet."""
    try:
        head = await stream.readexactly(5)
        size = int.from_bytes(head[1:], "big")
        if size > LARGEST:
            return None
        return head[:1], await stream.readexactly(size)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
