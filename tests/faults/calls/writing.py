"""Files that people ask for: exports of a model, reports, tables, predictions, pictures, experiment files."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults.calls.scenario import After, Scenario
from tests.faults.calls.tools import RUN, aged, command, listed, told, trained

ROWS = "x1,x2,label\n0.1,0.2,0\n-0.3,0.4,1\n0.5,-0.6,0\n"
VARYING = re.compile(rb"\d{8}-\d{6}-\w+-[0-9a-f]{2}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?")


def exporting(path: str) -> tuple[Callable[[], object], Callable[[], int]]:
    """A run and an older file of the same name, and the export over it."""

    def prepare() -> None:
        trained("--seed", "7")
        assert told("export", "last", path)[0] == 0
        trained()
        aged()

    return prepare, lambda: command("export", "last", path, "--overwrite")


def one_or_the_other(path: str, after: After) -> Iterable[str]:
    """What has the final name is the older content or the newer one, whole; then the same work does well."""
    yield from listed(after)
    now, name = after.files, f"out/{path}"

    def mine(files: dict[str, bytes]) -> dict[str, Any]:
        return {place: _comparable(data) for place, data in files.items() if f"{place}/".startswith(f"{name}/")}

    if mine(now) not in (mine(after.before), mine(after.clean)):
        yield f"{path} is neither what it was nor what it was to be, but {sorted(mine(now))}"
    if after.outcome.code == 0 and not after.outcome.died and mine(now) != mine(after.clean):
        yield f"{path} was not written, and nobody was told: {after.outcome.err!r}"
    if after.outcome.code == 2 and mine(now) == mine(after.clean) and after.clean and after.mode is not None:
        late = after.failed is None or after.failed.name in ("unlink", "rmdir", "unlinkat", "fsync")
        late = late or (after.failed is not None and Path(path).name not in after.failed.path)  # of another file
        if mine(after.before) != mine(after.clean) and not late and after.mode.letter == "o":
            yield f"{path} is written, but it was said that it is not: {after.outcome.err!r}"


def then_again(path: str, work: Callable[[], int], after: After) -> Iterable[str]:
    """After a while the same work succeeds, and takes what is left of a process that died with it."""
    yield from one_or_the_other(path, after)
    for left in Path.cwd().iterdir():
        os.utime(left, (1.7e9, 1.7e9))
    code = work()
    if code:
        yield f"the same work fails afterwards: {code}"
    rest = [entry.name for entry in Path.cwd().iterdir() if entry.name.endswith((".tmp", ".old"))]
    if rest:
        yield f"{rest} is still there after the same work"


def _comparable(content: bytes) -> Any:
    """The content without what differs between two writings of the same; of an archive its members."""
    if content[:2] == b"PK":
        import io
        import zipfile

        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return {name: VARYING.sub(b"", archive.read(name)) for name in archive.namelist()}
        except (zipfile.BadZipFile, EOFError, OSError, ValueError):
            return content
    return VARYING.sub(b"", content)


def a_model() -> None:
    """A run, its model in a file, and rows to predict."""
    trained()
    assert told("export", "last", "model.npz")[0] == 0
    Path("rows.csv").write_text(ROWS)
    aged()


def saved_from_the_app() -> int:
    """What the app's dialogs call: a picture, and the experiment."""
    from deepnet_tui.common.errors import InputError
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.screens.saving.saver import write

    try:
        write(Path("pane.svg"), b"<svg>" + b"x" * 5000 + b"</svg>")
        Experiment.default("moons").write("experiment.toml")
    except InputError as error:
        sys.stderr.write(f"deepnet-tui: {error}\n")
        return 2
    return 0


FORMATS = (
    "m.npz",
    "m.safetensors",
    "m.json",
    "m.onnx",
    "m.matrix.onnx",
    "m.py",
    "m.pt.py",
    "m.h",
    "m.c",
    "m.csv",
    "folder",
)
FILES = {
    "report as HTML": ("report.html", ("report", "last", "--output", "report.html", "--overwrite")),
    "report as Markdown": ("report.md", ("report", "last", "--output", "report.md", "--overwrite")),
    "table of runs": ("runs.csv", ("runs", "export", "--output", "runs.csv", "--overwrite")),
    "predictions": ("out.csv", ("predict", "model.npz", "rows.csv", "--output", "out.csv", "--overwrite")),
    "explanation": (
        "why.jsonl",
        ("explain", "model.npz", "rows.csv", "--row", "1", "--output", "why.jsonl", "--overwrite"),
    ),
}


def _export_scenario(path: str) -> Scenario:
    prepare, work = exporting(path)
    return Scenario(
        f"export {path}", prepare, work, partial(then_again, path, work), changes=rf"^out/|index|^tmp/|{RUN}/lock"
    )


def _file_scenario(name: str, path: str, words: tuple[str, ...]) -> Scenario:
    work = partial(command, *words)
    return Scenario(name, a_model, work, partial(then_again, path, work), changes=r"^out/|index|^tmp/")


WRITING = (
    *map(_export_scenario, FORMATS),
    *(_file_scenario(name, path, words) for name, (path, words) in FILES.items()),
    Scenario(
        "picture and experiment",
        lambda: None,
        saved_from_the_app,
        partial(then_again, "pane.svg", saved_from_the_app),
        changes="^out/",
    ),
)
