"""A folder for the monkey: a home, a table, an experiment, a model and a few runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepnet_tui.cli.entry import main
from tests.monkey.watch import Fence

ROWS = 120


def make_world(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Fence:
    """Everything that the app writes goes in here; `folder`/work is the present folder."""
    home, work, temporary = folder / "home", folder / "work", folder / "tmp"
    for path in (home, work, temporary):
        path.mkdir(parents=True)
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(home))
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.chdir(work)
    colours = ("red", "green", "blue")
    rows = (f"{k * 0.37 % 5:.2f},{k * k % 17},{colours[k % 3]},town {k % 40},{k % 7}" for k in range(ROWS))
    (work / "table.csv").write_text("\n".join(["\x1b[31mx\x1b[0m,[b]y,colour,town,price", *rows]))
    train = ("train", "moons", "--iterations", "60", "--report-every", "5", "--quiet")
    assert main([*train, "--export", "model.npz"]) == 0
    assert main(["train", "xor", "--iterations", "40", "--report-every", "5", "--quiet"]) == 0
    (work / "moons.toml").write_text(
        '[data]\nsource = "moons"\n[network]\nhidden = [3, 2]\n[training]\niterations = 300\n'
    )
    return Fence(folder)
