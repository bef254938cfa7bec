"""The command line in a separate process: Ctrl-C, kill -9, a closed pipe, a terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from deepnet_tui.runs.store import Store
from tests.deepnet_tui.cli.runner import Runner

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")

OFTEN = "import deepnet_tui.runs.writer as r; r.CHECKPOINT_EVERY = 0.0; r.CHECKPOINT_SHARE = 1e9"
STOCHASTIC = "--batch-size 32 --dropout 0.1 --patience 1000 --iterations 3000 --report-every 50".split()  # noqa: SIM905


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Runner(tmp_path / "home", capsys)


def wait_for_iteration(process: subprocess.Popen[str], iteration: int) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["iteration"] >= iteration:
            return
    pytest.fail(f"it ended before iteration {iteration}: {process.communicate()[1]}")


def parameters(path: Path) -> dict[str, bytes]:
    with np.load(path, allow_pickle=False) as saved:
        return {name: saved[name].tobytes() for name in saved.files if name[0] in "Wb" and name[1:].isdigit()}


def test_a_killed_run_resumes_bit_for_bit(run: Runner, tmp_path: Path) -> None:
    whole = run("train", "moons", *STOCHASTIC, "--json", "--export", "whole.npz").events
    slowly = "import deepnet_tui.training.headless as t; t.SLICE = 1e-9;" + OFTEN
    process = run.start("train", "moons", *STOCHASTIC, "--json", before=slowly)
    wait_for_iteration(process, 600)
    process.kill()
    process.communicate()
    record = Store().open("last")
    assert record.state == "interrupted"
    assert 0 < record.iteration < 3000
    resumed = run("resume", record.id, "--json", "--export", "resumed.npz")
    assert resumed.code == 0
    assert parameters(tmp_path / "resumed.npz") == parameters(tmp_path / "whole.npz")
    kept = [progress.by_name() for progress in Store().open(record.id).costs()]
    varying = ("event", "seconds")
    assert [{key: value for key, value in report.items() if key not in varying} for report in kept] == [
        {key: value for key, value in event.items() if key not in varying} for event in whole[:-1]
    ]
    assert Store().open(record.id).state == "completed"
    assert resumed.events[-1]["metrics"] == whole[-1]["metrics"]


def test_a_run_killed_before_a_checkpoint_restarts(run: Runner, tmp_path: Path) -> None:
    run("train", "moons", *STOCHASTIC, "--quiet", "--export", "whole.npz")
    never = (
        "import deepnet_tui.runs.writer as r; r.CHECKPOINT_EVERY = 1e9;"
        "import deepnet_tui.training.headless as t; t.SLICE = 0"
    )
    process = run.start("train", "moons", *STOCHASTIC, "--json", before=never)
    wait_for_iteration(process, 100)
    process.kill()
    process.communicate()
    record = Store().open("last")
    assert record.state == "interrupted"
    assert not record.has_checkpoint
    resumed = run("resume", "last", "--json", "--export", "resumed.npz")
    assert (resumed.code, resumed.events[0]["iteration"]) == (0, 0)
    assert parameters(tmp_path / "resumed.npz") == parameters(tmp_path / "whole.npz")
    iterations = [progress.iteration for progress in Store().open(record.id).costs()]
    assert iterations == list(range(0, 3001, 50))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_kept_and_exported(run: Runner, tmp_path: Path, number: signal.Signals) -> None:
    process = run.start("train", "moons", "--iterations", "1000000000", "--json", "--export", "m.npz")
    wait_for_iteration(process, 100)
    process.send_signal(number)
    out, err = process.communicate()
    assert process.returncode == 130, err
    finished = json.loads(out.splitlines()[-1])
    assert (finished["event"], finished["reason"]) == ("finished", "interrupted")
    assert finished["metrics"]["train"]["accuracy"] > 0.5
    assert "resume" in err
    assert "Traceback" not in err
    assert parameters(tmp_path / "m.npz")
    record = Store().open(finished["run"])
    assert (record.state, record.iteration) == ("interrupted", finished["iteration"])
    assert run("export", "last", "again.npz").code == 0
    assert parameters(tmp_path / "again.npz") == parameters(tmp_path / "m.npz")


def test_a_running_run_is_not_resumed_or_pruned(run: Runner) -> None:
    process = run.start("train", "moons", "--iterations", "1000000000", "--json")
    wait_for_iteration(process, 0)
    assert "still being trained" in run.refused("resume", "last")
    assert run("runs", "--prune", "0").code == 0
    assert [record.state for record in Store().list()] == ["running"]
    process.send_signal(signal.SIGINT)
    process.communicate()


def test_a_closed_pipe_ends_the_command_silently(run: Runner) -> None:
    process = run.start("train", "moons", "--iterations", "1000000000", "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait() == 141
    assert process.stderr.read() == ""
    process.stderr.close()
    assert Store().open("last").state == "interrupted"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("command", ["--help", "--version", "datasets", "datasets --json", "runs --json", "check iris"])
def test_a_full_disk_gives_one_line(run: Runner, command: str) -> None:
    run("train", "xor", "--iterations", "3", "--quiet")
    assert on_a_full_disk(run, command) == (2, FULL)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("how", ["", "--json"])
def test_a_full_disk_does_not_end_the_training(run: Runner, how: str) -> None:
    assert on_a_full_disk(run, f"train moons --iterations 300 {how}") == (2, FULL)
    record = Store().open("last")
    assert (record.state, record.iteration) == ("completed", 300)
    assert run("export", "last", "m.npz").code == 0


FULL = "deepnet-tui: can't write the output: no space left on device\n"


def on_a_full_disk(run: Runner, command: str) -> tuple[int, str]:
    """The exit code and stderr of a command whose output can't be written."""
    environment = {**os.environ, "DEEPNET_TUI_HOME": str(run.home)}
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "deepnet_tui", *command.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            check=False,
        )
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("no_color", [False, True])
def test_a_terminal_gets_a_bar_and_colour_unless_no_color(run: Runner, no_color: bool) -> None:
    import pty

    environment = {**os.environ, "DEEPNET_TUI_HOME": str(run.home), "TERM": "xterm-256color", "COLUMNS": "80"}
    environment.pop("NO_COLOR", None)
    if no_color:
        environment["NO_COLOR"] = "1"
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "deepnet_tui", "train", "moons", "--iterations", "5000"]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    while True:
        try:
            some = os.read(ours, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not some:
            break
        shown += some
    os.close(ours)
    assert process.wait() == 0
    text = shown.decode()
    assert "/5000" in text
    assert "accuracy" in text
    coloured = any(f"\x1b[{code}" in text for code in ("38;", "36m", "3"))
    assert coloured is not no_color
