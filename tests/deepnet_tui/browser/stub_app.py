"""An app that says what it is told, for tests of the server: it starts in a moment. What is typed may be a command."""

import json
import os
import sys
import time
from pathlib import Path

typed = ""


def send(kind: bytes, content: bytes) -> None:
    os.write(1, kind + len(content).to_bytes(4, "big") + content)


def take() -> tuple[bytes, bytes]:
    head = sys.stdin.buffer.read(5)
    if len(head) < 5:
        os._exit(0)
    return head[:1], sys.stdin.buffer.read(int.from_bytes(head[1:], "big"))


if "fail" in os.environ.get("LC_TEST", ""):
    sys.exit("it has no wish to start")
os.write(1, b"__GANGLION__\n")
send(b"D", f"pid {os.getpid()} in {Path.cwd()} with {sorted(os.environ)}.".encode())
while True:
    kind, content = take()
    if kind == b"D" and content == b"hang":
        while True:
            time.sleep(1)
    elif kind == b"D" and content == b"end":
        break
    elif kind == b"D" and content == b"crash":
        sys.exit("it has crashed")
    elif kind == b"D" and content == b"flood":
        while True:
            send(b"D", b"x" * 60_000)
    elif kind == b"D" and content.startswith(b"write "):
        with Path("large").open("wb") as file:
            file.truncate(int(content[6:]))
    elif kind == b"M" and json.loads(content)["type"] == "quit":
        break
    send(b"D", b"got " + content)
