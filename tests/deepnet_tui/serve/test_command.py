"""`serve-model` as a process: it says where it is, and stops when it is told to, its requests answered."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("uvicorn")
pytest.importorskip("starlette")

from deepnet_tui.cli import main
from deepnet_tui.export import export
from deepnet_tui.serve.server import is_loopback
from tests.deepnet_tui.serve.client import ROW, Client, model_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_in_order(tmp_path: Path, number: signal.Signals) -> None:
    export(model_for(), tmp_path / "model.npz")
    command = [sys.executable, "-m", "deepnet_tui", "serve-model", str(tmp_path / "model.npz"), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)", process.stderr.readline())
        assert found is not None
        ask = Client(int(found[1]))
        assert ask.predict([ROW]).status == 200
        with ask.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n") as idle:
            assert idle.recv(12) == b"HTTP/1.1 200"
            process.send_signal(number)
            out, rest = process.communicate(timeout=20)
    assert (process.returncode, out, rest) == (0, "", "stopped\n")


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
