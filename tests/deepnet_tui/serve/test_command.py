"""`serve-model`: it says where it is, and stops when it is told to."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("uvicorn")
pytest.importorskip("starlette")

from deepnet_tui.cli import main
from deepnet_tui.common.listening import is_loopback
from deepnet_tui.export import export
from tests.deepnet_tui.serve.client import ROW, Client, Reply, model_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str], number: signal.Signals) -> None:
    export(model_for(), tmp_path / "model.npz")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    replies: list[int] = []

    def asks() -> None:
        ask = Client(port)
        replies.append(once_it_listens(lambda: ask.predict([ROW])).status)
        with ask.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n") as idle:
            assert idle.recv(12) == b"HTTP/1.1 200"
            os.kill(os.getpid(), number)
            while idle.recv(1000):
                pass

    before = signal.getsignal(number)
    client = threading.Thread(target=asks)
    client.start()
    assert main(["serve-model", str(tmp_path / "model.npz"), "--port", str(port)]) == 0
    client.join(20)
    assert replies == [200]
    assert signal.getsignal(number) is before
    out, told = capsys.readouterr()
    assert out == ""
    assert told == (
        f"test is served at http://127.0.0.1:{port} (POST /predict, GET /health, GET /openapi.json); Ctrl-C stops it\n"
        "stopped\n"
    )


def once_it_listens(call: Callable[[], Reply]) -> Reply:
    """The reply as soon as there is somebody to connect to."""
    for _ in range(10_000):
        with suppress(ConnectionRefusedError):
            return call()
        os.sched_yield()
    pytest.fail("nothing listens")


def test_what_can_not_be_served_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.npz"
    export(model_for(), path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for options, said in (
            ([str(path), "--port", port], f"can't listen on 127.0.0.1, port {port}: address already in use"),
            ([str(path), "--host", "no such host"], "the host 'no such host' is not known"),
            ([str(tmp_path / "none.npz")], "not there"),
            ([str(path), "--port", "70000"], "--port"),
        ):
            assert main(["serve-model", *options]) == 2
            assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("127.8.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False)],  # noqa: S104
)
def test_which_hosts_are_loopback(host: str, local: bool) -> None:
    assert is_loopback(host) == local
