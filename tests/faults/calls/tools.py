"""What scenarios are made of: commands in this process, runs, and whether all that is stored is whole."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.faults.calls.scenario import After
from tests.faults.homes import LONG_AGO

RUN = r"\d{8}-\d{6}-\w+-[0-9a-f]{2}"
TRAIN = "train moons --points 60 --hidden 3 --iterations 10 --report-every 10 --batch-size 16 --dropout 0.1".split()  # noqa: SIM905


def command(*words: str) -> int:
    """Run a command in this process, with a checkpoint at each chance and each report written at once."""
    from deepnet_tui.cli import main
    from deepnet_tui.runs import writer

    writer.CHECKPOINT_EVERY, writer.CHECKPOINT_SHARE, writer.FLUSH_EVERY = 0.0, 1e9, 0.0
    return main(list(words))


def told(*words: str) -> tuple[int, str, str]:
    """The exit code of a command, what it wrote and what it said."""
    import contextlib
    import io

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = command(*words)
    return code, out.getvalue(), err.getvalue()


def aged() -> None:
    """Give every file the time of long ago: what was written just now is not kept in the index."""
    for path in Path(os.environ["DEEPNET_TUI_HOME"]).rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))


def runs() -> list[dict[str, Any]]:
    """The runs that are listed."""
    code, out, err = told("runs", "--json")
    assert code == 0, err
    return [json.loads(line) for line in out.splitlines()]


def trained(*more: str) -> None:
    """Train a run, quietly."""
    assert told(*TRAIN, "--quiet", *more)[0] == 0


def listed(after: After, *, but: Callable[[str], bool] = lambda name: False) -> Iterable[str]:
    """The store opens, and has each run that was complete before, but those that were to go."""
    try:
        there = {run["run"]: run for run in runs()}
    except Exception as error:  # whatever it is, it is what the test is about
        yield f"the store can't be listed: {error!r}"
        return
    for path in after.before:
        found = re.fullmatch(rf"home/runs/({RUN})/run\.json", path)
        if found and found[1] not in there and not but(found[1]):
            yield f"run {found[1]} is no longer listed"
    yield from whole_runs(Path(os.environ["DEEPNET_TUI_HOME"]) / "runs")
    for name, run in there.items():
        if run["state"] == "running":
            yield f"run {name} is running, but its process has ended"


def whole_runs(store: Path) -> Iterable[str]:
    """Every file of a run that has its final name can be read."""
    from deepnet_tui.common.errors import InputError
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.export import load
    from engine.storage import state

    readers: dict[str, Callable[[Path], object]] = {
        "state.npz": state.load,
        "model.npz": load,
        "experiment.toml": Experiment.read,
        "run.json": lambda path: json.loads(path.read_bytes()),
        "labels.json": lambda path: json.loads(path.read_bytes()),
        "search.json": lambda path: json.loads(path.read_bytes()),
    }
    for path in store.rglob("*"):
        if path.name in readers:
            try:
                readers[path.name](path)
            except (InputError, OSError, ValueError) as error:
                yield f"{path.name} is not whole: {error}"
