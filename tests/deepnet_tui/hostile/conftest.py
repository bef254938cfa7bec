"""A command line and an app with a home of their own, and a run that was trained on hostile names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deepnet_tui.cli.runner import Runner


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    """Runs commands in an empty folder."""
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Runner(tmp_path / "home", capsys)
