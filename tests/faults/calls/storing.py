"""The store that is disturbed: prune, delete and undo, labels, the index."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from tests.faults.calls.scenario import After, Scenario
from tests.faults.calls.tools import aged, command, listed, runs, told, trained

OLD, NEW = "20200101-000000-moons-aa", "20200102-000000-moons-bb"
GONE = "20200103-000000-moons-cc"


def two_runs() -> None:
    """Two whole runs, the older of which is OLD, and one in the trash, all of long ago."""
    store = Path(os.environ["DEEPNET_TUI_HOME"]) / "runs"
    for name in (GONE, OLD, NEW):
        trained()
        folder = next(path for path in store.iterdir() if path.is_dir() and path.name not in (OLD, NEW, GONE, ".trash"))
        about = folder / "run.json"
        about.write_text(re.sub(r'"started": [\d.]+', f'"started": 15778{name[7]}', about.read_text()))
        folder.rename(store / name)
        if name == GONE:
            assert told("runs", "delete", GONE)[0] == 0
    aged()
    (store / "index.sqlite").unlink(missing_ok=True)


def indexed() -> None:
    """The same, with an index that knows both."""
    two_runs()
    runs()


def grown() -> None:
    """The same, and a run that the index does not know."""
    indexed()
    trained()
    aged()


def damaged() -> None:
    """The same, with an index that is no database any more."""
    indexed()
    path = Path(os.environ["DEEPNET_TUI_HOME"]) / "runs" / "index.sqlite"
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"x" * 200 + content[300:])


def after_prune(after: After) -> Iterable[str]:
    """The newer run stays; the older one is whole or not listed; another prune takes it."""
    yield from listed(after, but=lambda name: name == OLD)
    store = Path(os.environ["DEEPNET_TUI_HOME"]) / "runs"
    if (
        after.outcome.code == 0
        and not after.outcome.died
        and any((store / name).exists() for name in (OLD, ".trash/" + OLD, ".trash/" + GONE))
    ):
        yield f"nobody was told that not all is deleted: {after.outcome.err!r}"
    code, out, err = told("runs", "restore")
    if code:
        yield f"the trash can't be listed: {err}"
    for name in out.split():
        folder = Path(os.environ["DEEPNET_TUI_HOME"]) / "runs" / ".trash" / name
        missing = {"run.json", "state.npz", "model.npz", "costs.jsonl", "experiment.toml"} - {
            path.name for path in folder.iterdir()
        }
        if missing:
            yield f"{name} could be restored without {missing}"
    code, _, err = told("runs", "--prune", "1")
    if code or [run["run"] for run in runs()] != [NEW]:
        yield f"another prune leaves {[run['run'] for run in runs()]}: {err}"
    yield from _nothing_but_the_newest()


def _nothing_but_the_newest() -> Iterable[str]:
    store = Path(os.environ["DEEPNET_TUI_HOME"]) / "runs"
    rest = {str(path.relative_to(store)) for path in store.rglob("*")} - {NEW, ".trash", "index.sqlite", ".labels.lock"}
    rest = {path for path in rest if not path.startswith(f"{NEW}/")}
    if rest:
        yield f"after a prune there is still {sorted(rest)}"


def after_delete(after: After) -> Iterable[str]:
    """The run is listed, or in the trash, whole; it can be brought back."""
    yield from listed(after, but=lambda name: name == OLD)
    if OLD not in {run["run"] for run in runs()}:
        code, _, err = told("runs", "restore", OLD)
        if code:
            yield f"it can't be restored: {err}"
    names = {run["run"] for run in runs()}
    if names != {OLD, NEW}:
        yield f"the runs are {names}"
    now = {path.partition("/runs/")[2].removeprefix(".trash/"): data for path, data in after.files.items()}
    for path, data in after.before.items():
        name = path.partition("/runs/")[2].removeprefix(".trash/")
        if name.startswith(RUNS) and now.get(name) != data:
            yield f"{name} is not as it was"


RUNS = (OLD, NEW, GONE)


def delete_and_restore() -> int:
    """Delete a run and bring it back; 2 where one of them is refused."""
    return command("runs", "delete", OLD) or command("runs", "restore", OLD)


def after_labels(after: After) -> Iterable[str]:
    """The labels are those before or those after, and can be changed again."""
    yield from listed(after)
    code, _, err = told("runs", "tag", NEW, "again")
    if code:
        yield f"it can't be labelled: {err}"
    found = next(run for run in runs() if run["run"] == NEW)
    if found["tags"] not in (["again"], ["paper", "again"]):
        yield f"the tags are {found['tags']}"
    if after.outcome.code == 0 and found["tags"] != ["paper", "again"]:
        yield "the tag was lost"


def after_index(after: After) -> Iterable[str]:
    """The list is that of the folders, with the index as it is and with one that is made anew."""
    yield from listed(after)
    if not after.outcome.died and after.clean_outcome and after.outcome.out != after.clean_outcome.out:
        yield f"another list: {after.outcome.out!r}"
    store = Path(os.environ["DEEPNET_TUI_HOME"]) / "runs"
    first = [{**run, "folder": ""} for run in runs()]
    for path in store.glob("index.sqlite*"):
        path.unlink()
    if first != [{**run, "folder": ""} for run in runs()]:
        yield "the index and the folders differ"
    if not (store / "index.sqlite").exists():
        yield "no index is made any more"


LISTING = ("runs", "--sort", "cost")
STORE_FILES = rf"index\.sqlite|{OLD}|{GONE}"
STORING = (
    Scenario("prune", two_runs, lambda: command("runs", "--prune", "1"), after_prune, changes=STORE_FILES),
    Scenario("delete and undo", two_runs, delete_and_restore, after_delete, changes=STORE_FILES),
    Scenario("label", two_runs, lambda: command("runs", "tag", NEW, "paper"), after_labels, changes=r"index|labels"),
    Scenario("index made", two_runs, lambda: command(*LISTING), after_index, changes="index"),
    Scenario("index damaged", damaged, lambda: command(*LISTING), after_index, changes="index"),
    Scenario(
        "index brought up to date",
        grown,
        lambda: command(*LISTING),
        after_index,
        changes="index",
    ),
)
