"""Running the command line in tests: in this process where that will do, else in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deepnet_tui.cli import main


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """The lines of stdout as JSON."""
        return [json.loads(line, parse_constant=pytest.fail) for line in self.out.splitlines()]


class Runner:
    """Runs commands with a home of their own."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> Ended:
        """Run `deepnet-tui` with these arguments in this process."""
        self._capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = self._capsys.readouterr()
        return Ended(code, out, err)

    def refused(self, *arguments: str | Path) -> str:
        """Run what must be refused: exit code 2 and one plain line, which is returned."""
        ended = self(*arguments)
        assert ended.code == 2, ended
        assert ended.out == ""
        assert ended.err.startswith("deepnet-tui: ")
        assert ended.err.count("\n") == 1, ended.err
        assert "Traceback" not in ended.err
        return ended.err.removeprefix("deepnet-tui: ").strip()

    def start(self, *arguments: str | Path, before: str = "") -> subprocess.Popen[str]:
        """Start it in a process of its own; `before` is Python that runs first."""
        code = f"import sys; {before}\nfrom deepnet_tui.cli import main\nsys.exit(main())"
        return subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "DEEPNET_TUI_HOME": str(self.home)},
        )
