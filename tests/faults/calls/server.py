"""Goes through scenarios in a process in which calls can be made to fail: `python -m tests.faults.calls.server`.

Each line of the input asks for a scenario, as JSON: its name, and in how many `ways` each of its calls is to fail; with
0 about `few` of them fail.
The answer is a line: how many cases there were, and what was wrong.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.faults.calls.all import SCENARIOS
from tests.faults.calls.child import Outcome, run
from tests.faults.calls.durability import disorder
from tests.faults.calls.scenario import After, Scenario, complaints, files_below
from tests.faults.calls.shim import MODES, Call, Mode, calls

LOADED = (
    "numpy",
    "sklearn.linear_model",
    "onnx",
    "onnxruntime",
    "safetensors.numpy",
    "deepnet_tui.cli.training_run",
    "deepnet_tui.export",
    "deepnet_tui.report.build",
)
RANDOM = re.compile(r"\.[a-z0-9_]{8}\.(tmp|old)|-[a-z0-9_]{8}(?=/|$)|\d{8}-\d{6}-\w+-[0-9a-f]{2}|\d+")


def main() -> None:
    for name in LOADED:
        importlib.import_module(name)
    _answer([scenario.name for scenario in SCENARIOS])
    for line in sys.stdin:
        asked = json.loads(line)
        scenario = next(each for each in SCENARIOS if each.name == asked["name"])
        with tempfile.TemporaryDirectory() as folder:
            answer = examine(scenario, Path(folder).resolve(), asked["ways"], asked.get("few", 1000))
        _answer(answer)


def _answer(content: Any) -> None:
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


def examine(scenario: Scenario, folder: Path, ways: int, few: int) -> dict[str, Any]:
    """Let calls fail in each way, one after the other, and give the number of cases and what was wrong."""
    root, template, notes = folder / "root", folder / "template", folder / "notes"
    for name in ("home", "out", "tmp"):
        (root / name).mkdir(parents=True)
    prepared = _first(scenario.prepare, root, notes)
    if prepared.wrong or prepared.died:
        return {"cases": 0, "calls": 0, "wrong": [f"it can't be prepared: {prepared.wrong}{prepared.err}"]}
    root.rename(template)
    before = files_below(template)
    _copy(template, root)
    outcome = _first(scenario.work, root, notes)
    clean, done = files_below(root), calls(notes / "calls")
    first = After(root, outcome, None, None, before, clean, outcome)
    wrong = [f"with no fault: {said}" for said in [*_checked(scenario, first, notes), *disorder(done)]]
    cases = 0
    for number, mode in _cases(done, ways, few):
        _copy(template, root)
        outcome = run(scenario.work, root, notes, number, mode)
        # what failed is what was asked for in this pass, which may differ from the first one in its names
        happened = calls(notes / "calls")
        failed = happened[number - 1] if number <= len(happened) else None
        after = After(root, outcome, mode, failed, before, clean, first.outcome)
        where = f"{mode.name}, call {number}: {failed.name if failed else 'none'} {_short(failed, root)}"
        wrong += [f"{where}: {said}" for said in _checked(scenario, after, notes)]
        cases += 1
    return {"cases": cases, "calls": len(done), "wrong": wrong}


def _first(work: Callable[[], Any], root: Path, notes: Path) -> Outcome:
    """Do it once, and load here what it loads, so that the processes of the cases begin with it."""
    outcome = run(work, root, notes)
    for name in outcome.modules:
        if name not in sys.modules:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    gc.collect()
    gc.freeze()  # so that children share it
    return outcome


def _checked(scenario: Scenario, after: After, notes: Path) -> list[str]:
    found: list[str] = []

    def check() -> None:
        Path(notes / "wrong").write_text(json.dumps(complaints(scenario, after)))

    (notes / "wrong").unlink(missing_ok=True)
    checked = (run if after.mode else _first)(check, after.root, notes / "check")
    if checked.wrong or checked.died or not (notes / "wrong").exists():
        found.append(f"the check itself: {checked.wrong}{checked.err[-1000:]}")
    else:
        found += json.loads((notes / "wrong").read_text())
    return found


def _cases(done: list[Call], ways: int, few: int) -> Iterator[tuple[int, Mode]]:
    """Every call in so many ways; with 0 about `few` kinds of call on a kind of file, in turn in each way."""
    if ways:
        for turn in range(ways):
            for number in range(1, len(done) + 1):
                yield number, MODES[(number + turn) % len(MODES)]
        return
    kinds: dict[tuple[str, str, str], int] = {}
    for number, call in enumerate(done, 1):
        kinds.setdefault((call.name, RANDOM.sub("", call.path), RANDOM.sub("", call.to)), number)
    numbers = list(kinds.values())
    step = max(1, len(numbers) // few)
    for turn, number in enumerate(numbers[::step]):
        yield number, MODES[turn % len(MODES)]


def _short(call: Call | None, root: Path) -> str:
    return "" if call is None else f"{call.path} {call.to}".replace(f"{root}/", "").strip()


def _copy(template: Path, root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(template, root, copy_function=shutil.copy2, symlinks=True)


if __name__ == "__main__":
    os.environ.setdefault("DEEPNET_ENGINE", "numpy")
    main()
