"""Training that is disturbed: a run, beside others, a resume, a race, a search; the run goes on, and can be resumed."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.faults.calls.scenario import After, Scenario
from tests.faults.calls.tools import RUN, TRAIN, aged, command, listed, runs, told, trained


def last_parameters(name: str) -> dict[str, bytes]:
    """The parameters of a run's newest checkpoint."""
    from deepnet_tui.runs.store import Store

    arrays = Store().open(name).checkpoint()["arrays"]
    return {key: array.tobytes() for key, array in arrays.items()}


def finished_as(after: After, *, also_before: bool = False) -> Iterable[str]:
    """A run of `TRAIN` that is not complete is resumed, and ends as if nothing had been."""
    newest = [run for run in runs() if also_before or f"home/runs/{run['run']}/run.json" not in after.before]
    for run in newest:
        if run["state"] != "completed":
            code, _, err = told("resume", run["run"], "--quiet")
            if code:
                yield f"it can't be resumed: {err}"
                continue
        kept = [report.get("iteration") for report in costs(run["run"])]
        if kept != [0, 10]:
            yield f"the reports are those of the iterations {kept}"
        if last_parameters(run["run"]) != expected_parameters(after):
            yield "the parameters are others than those of a run that nothing disturbed"
        left = [path.name for path in (Path(os.environ["DEEPNET_TUI_HOME"]) / "runs" / run["run"]).glob(".*.tmp")]
        if left and run["state"] != "completed":
            yield f"{left} is still there after a resume"


def expected_parameters(after: After) -> dict[str, bytes]:
    """The parameters of the run in the clean pass."""
    import numpy as np

    path = max(path for path in after.clean if path.endswith("/state.npz"))
    with np.load(io.BytesIO(after.clean[path])) as stored:
        return {n.removeprefix("array "): stored[n].tobytes() for n in stored.files if n.startswith("array ")}


def costs(name: str) -> list[dict[str, Any]]:
    """The lines of a run's costs."""
    path = Path(os.environ["DEEPNET_TUI_HOME"]) / "runs" / name / "costs.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def after_training(after: After) -> Iterable[str]:
    """Training ended well whatever the disk did, said so where it was not kept, and is resumed where it died."""
    yield from listed(after)
    outcome = after.outcome
    ended = not outcome.died and outcome.code == 0 and after.clean_outcome is not None
    if ended and after.clean_outcome and _metrics(outcome.out) != _metrics(after.clean_outcome.out):
        yield f"the result is another one: {outcome.out[-500:]}"
    yield from _told(after)
    yield from finished_as(after)


def _told(after: After) -> Iterable[str]:
    """Where training went on though something could not be written, it was said."""
    failed, outcome = after.failed, after.outcome
    if failed is None or outcome.died or outcome.code:
        return
    folder = failed.name in ("fsync", "fdatasync") and not failed.path.endswith(".tmp") and "costs" not in failed.path
    tidying = failed.name == "unlink" and failed.path.endswith(".tmp")
    beside = any(word in failed.path for word in ("index.sqlite", "labels", ".searches"))
    model = (Path(os.environ["DEEPNET_TUI_HOME"]).parent / failed.path).with_name("model.npz")
    again = failed.name == "open" and ".model.npz." in failed.path and model.is_file()  # zipfile opens once more
    if not (folder or tidying or beside or again) and "kept" not in outcome.err:
        yield f"nobody was told that the run is not kept: {outcome.err!r}"


def _metrics(out: str) -> Any:
    lines = out.splitlines()
    try:
        return json.loads(lines[-1])["metrics"]
    except (IndexError, ValueError, KeyError):
        return f"no result in {out[-300:]!r}"


def interrupted() -> None:
    """A run that was killed at its second checkpoint."""
    pid = os.fork()
    if pid == 0:
        from engine.storage import state as module

        save = module.save
        written: list[object] = []

        def then_dies(path: Path | str, state: Mapping[str, Any]) -> None:
            save(path, state)
            written.append(path)
            if len(written) == 2:
                os._exit(0)

        module.save = then_dies
        told(*TRAIN, "--quiet")
        os._exit(1)
    if os.waitpid(pid, 0)[1]:
        raise AssertionError("it was to be killed")


def beside_others() -> None:
    """A whole run of long ago."""
    trained()
    aged()


def whole_and_interrupted() -> None:
    """A whole run, whose parameters are to be reached, and one that was killed on the way."""
    trained()
    interrupted()


def after_resume(after: After) -> Iterable[str]:
    """The run that was resumed is at least where it was, and reaches the end."""
    yield from listed(after)
    yield from _told(after)
    yield from finished_as(after, also_before=True)


def after_race(after: After) -> Iterable[str]:
    """Every racer that was kept is resumed."""
    yield from listed(after)
    yield from _told(after)
    for run in runs():
        if run["state"] != "completed":
            code, _, err = told("resume", run["run"], "--quiet")
            if code:
                yield f"it can't be resumed: {err}"


SEARCH = ("search", "moons", *"--points 60 --hidden 3 --iterations 20 --batch-size 16".split())  # noqa: SIM905
VARIED = ("--vary", "learning_rate=0.01..0.1", "--vary", "l2=0,0.01", "--trials", "3", "--jobs", "1")


def after_search(after: After) -> Iterable[str]:
    """What is in the journal stays there, and the search is led to its end."""
    yield from listed(after)
    if after.outcome.code == 0 and not after.outcome.died:
        return
    if not any(Path(os.environ["DEEPNET_TUI_HOME"]).glob("runs/.searches/*/search.json")):
        return
    code, _, err = told("search", "--resume", "--json", "--jobs", "1")
    if code:
        yield f"the search can't be resumed: {err}"


TRAINING = (
    Scenario("train", beside_others, lambda: command(*TRAIN, "--json"), after_training),
    Scenario(
        "resume",
        whole_and_interrupted,
        lambda: command("resume", "last", "--json"),
        after_resume,
        changes=RUN,
    ),
    Scenario(
        "race",
        lambda: None,
        lambda: command("race", *TRAIN[1:], "--vary", "learning_rate=0.01,0.1", "--json"),
        after_race,
    ),
    Scenario(
        "search",
        lambda: None,
        lambda: command(*SEARCH, *VARIED, "--json"),
        after_search,
    ),
)
