"""A home with two whole runs, made once and copied for each test."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.deepnet_tui.cli.runner import Runner
from tests.faults.homes import FIRST, LONG_AGO, SECOND, TRAIN


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two whole runs and an index of them. It is not to be changed."""
    from deepnet_tui.cli import main

    home = tmp_path_factory.mktemp("made") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEEPNET_TUI_HOME", str(home))
        for name in (FIRST, SECOND):
            assert main(list(TRAIN)) == 0
            folder = next(path for path in (home / "runs").glob("2*") if path.name not in (FIRST, SECOND))
            folder.rename(home / "runs" / name)
            assert main(["runs", "tag", name, "paper"]) == 0
        (home / "config.toml").write_text('theme = "deepnet"\nlog_axis = true\n')
        for path in home.rglob("*"):
            os.utime(path, (LONG_AGO, LONG_AGO))
        assert main(["runs", "--json"]) == 0
        assert (home / "runs" / "index.sqlite").exists()
    return home


@pytest.fixture
def run(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    """The command line with a copy of that home."""
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made, tmp_path / "home")
    return Runner(tmp_path / "home", capsys)
