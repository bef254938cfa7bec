"""Nothing but `serve` and `serve-model` opens a connection: commands and the app run where none can be."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import until
from tests.deepnet_tui.cli.runner import Runner

INTERNET = (socket.AF_INET, socket.AF_INET6)


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No address is found and no connection made; what was tried is in the list."""
    tried: list[str] = []

    def refuse(name: str) -> Any:
        original = getattr(socket.socket, name)

        def method(self: socket.socket, *arguments: Any) -> Any:
            if self.family not in INTERNET:
                return original(self, *arguments)
            tried.append(f"{name} {arguments}")
            raise OSError("no network in this test")

        return method

    def unknown(*arguments: Any, **_: Any) -> Any:
        tried.append(f"getaddrinfo {arguments}")
        raise socket.gaierror("no network in this test")

    for name in ("connect", "connect_ex", "bind", "listen", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse(name))
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    return tried


def test_the_network_is_closed_in_this_test(attempts: list[str]) -> None:
    with pytest.raises(OSError, match="no network"):
        socket.create_connection(("127.0.0.1", 9))
    with socket.socket() as made, pytest.raises(OSError, match="no network"):
        made.connect(("127.0.0.1", 9))
    assert len(attempts) == 2


def test_commands_open_no_connection(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], attempts: list[str]
) -> None:
    run = Runner(home, capsys)
    rows = "\n".join(f"{x},{x * x % 7},{int(x > 20)}" for x in range(40))
    (tmp_path / "t.csv").write_text(f"a,b,y\n{rows}\n")
    commands: tuple[tuple[str | Path, ...], ...] = (
        ("train", "t.csv", "--target", "y", "--iterations", "4", "--export", "m.npz", "--export", "m.py", "--json"),
        ("predict", "m.npz", "t.csv", "--output", "out.csv"),
        ("check", "moons"),
        ("datasets",),
        ("runs",),
        ("resume", "last", "--iterations", "6"),
        ("--version",),
    )
    for words in commands:
        ended = run(*words)
        assert ended.code == 0, (words, ended)
    assert attempts == []


async def test_the_app_opens_no_connection(attempts: list[str]) -> None:
    app = DeepnetApp(Experiment.default("moons").replace("training", iterations=20))
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.workbench.state is State.IDLE)
        await pilot.press("space")
        await until(pilot, lambda: app.workbench.state is State.FINISHED)
    assert attempts == []
