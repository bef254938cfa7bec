"""A full disk, a read-only home, no home at all: training goes on and says so, whatever is stored stays as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deepnet_tui import config
from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.runs.store import Store
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import keys_take_effect as keys_take_effect
from tests.deepnet_tui.app.conftest import ready, state, told, until
from tests.deepnet_tui.cli.runner import Runner
from tests.faults.homes import FIRST, SECOND, TRAIN

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="disks and users as POSIX has them")


class Disk:
    """A small file system in memory, at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self, *, but: int = 0) -> None:
        """Take all space, but for so many bytes."""
        space = os.statvfs(self.path).f_bavail * os.statvfs(self.path).f_frsize
        (self.path / "filler").write_bytes(b"x" * (space - but))

    def freeze(self) -> None:
        """Make it read-only."""
        subprocess.run(["mount", "-o", "remount,ro", str(self.path)], check=True)


@pytest.fixture
def disk(run: Runner) -> Iterator[Disk]:
    """The home is on a disk of 256 kB."""
    kept = run.home.with_name("kept")
    run.home.rename(kept)
    run.home.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(run.home)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("file systems can't be mounted here")
    try:
        shutil.copytree(kept, run.home, dirs_exist_ok=True)
        yield Disk(run.home)
    finally:
        subprocess.run(["umount", "--lazy", str(run.home)], check=True)


def stored(home: Path) -> dict[str, bytes]:
    """The files of the two runs."""
    return {str(path): path.read_bytes() for name in (FIRST, SECOND) for path in (home / "runs" / name).iterdir()}


@pytest.mark.parametrize("left", [0, 8192])
def test_training_goes_on_when_the_disk_is_full(run: Runner, disk: Disk, left: int) -> None:
    before = stored(run.home)
    disk.fill(but=left)
    ended = run(*TRAIN, "--export", "model.npz")
    assert ended.code == 0, ended.err
    assert "No space left on device" in ended.err
    assert "kept" in ended.err
    assert "Traceback" not in ended.err
    assert Path("model.npz").exists()
    assert "disk" in run.refused("export", SECOND, str(run.home / "model.npz"))
    assert stored(run.home) == before
    assert {FIRST, SECOND} <= {record.id for record in Store().list()}
    assert list(run.home.rglob("*.tmp")) == []
    (run.home / "filler").unlink()
    for record in Store().list():
        if record.state == "interrupted":
            assert run("resume", record.id, "--quiet").code == 0


def test_a_read_only_home_is_read(run: Runner, disk: Disk) -> None:
    disk.freeze()
    before = stored(run.home)
    assert FIRST in run("runs").out
    assert run("export", SECOND, "model.npz").code == 0
    assert run("runs", "show", FIRST).code == 0
    for words in (
        ("runs", "delete", FIRST),
        ("runs", "tag", FIRST, "x"),
        ("resume", SECOND, "--iterations", "9"),
        ("search", "moons", "--trials", "1", "--jobs", "1"),
    ):
        assert "ead-only file system" in run.refused(*words), words
    pruned = run("runs", "--prune", "0")
    assert pruned.code == 2
    assert "not all could be deleted" in pruned.err
    assert "ead-only file system" in pruned.err
    ended = run(*TRAIN, "--export", "other.npz")
    assert ended.code == 0
    assert ended.err.count("Read-only file system") == 1
    assert stored(run.home) == before


async def test_the_app_trains_on_a_full_disk_beside_a_damaged_run(run: Runner, disk: Disk) -> None:
    path = run.home / "runs" / FIRST / "run.json"
    path.write_bytes(path.read_bytes()[:40])
    (run.home / "config.toml").write_bytes(b"theme = \xff\xfe")
    disk.fill()
    app = DeepnetApp(Experiment.default("moons").replace("training", iterations=30))
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await until(pilot, lambda: any("not kept" in said and "No space" in said for said in told(app)), "a warning")
        assert app.workbench.training_run.pulse[0] == 30
    assert [record.id for record in Store().list()] == [SECOND]


def test_a_user_without_a_home_trains_and_is_told(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", unknown)
    for name in ("HOME", "DEEPNET_TUI_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    wanted = "there is no home folder here; set HOME or DEEPNET_TUI_HOME"
    ended = run(*TRAIN)
    assert (ended.code, ended.err) == (0, f"warning: this run is not kept: {wanted}\n")
    assert run.refused("resume", "last") == wanted
    assert run.refused("search", "moons", "--trials", "1", "--jobs", "1") == f"a search can't be kept: {wanted}"
    assert run("runs").code == 0
    assert config.read() == config.Config()
