"""A command line with a store of its own, and a table with a leak."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deepnet_tui.cli.runner import Runner


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Runner(tmp_path / "home", capsys)


@pytest.fixture
def leak(tmp_path: Path) -> Path:
    """Titanic in small: `alive` is the target under another name."""
    rows = [(i % 7, i * 5 % 13, "yes" if i * 5 % 13 > 6 else "no", i * 5 % 13 > 6) for i in range(80)]
    path = tmp_path / "leak.csv"
    path.write_text("a,b,alive,survived\n" + "".join(f"{a},{b},{c},{int(d)}\n" for a, b, c, d in rows))
    return path
