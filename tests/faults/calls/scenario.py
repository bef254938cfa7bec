"""What is done while calls fail, and what must hold afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.calls.child import Outcome
from tests.faults.calls.shim import Call, Mode

TEMPORARY = re.compile(r"^\.?.*\.(tmp|old)$")


@dataclass(frozen=True)
class After:
    """How things are after the work: `root` has `home`, `out` and `tmp`; in the pass `clean` nothing failed."""

    root: Path
    outcome: Outcome
    mode: Mode | None
    failed: Call | None
    before: dict[str, bytes]
    clean: dict[str, bytes] = field(default_factory=dict)
    clean_outcome: Outcome | None = None

    @property
    def files(self) -> dict[str, bytes]:
        """All files now."""
        return files_below(self.root)


@dataclass(frozen=True)
class Scenario:
    """`prepare` makes what is there before, `work` is done while calls fail and gives an exit code.

    `check` gives what is wrong afterwards, in a process in which nothing fails. Files whose path fits `changes` may be
    changed by the work, all others must stay as they were. `quiet` calls, whose path fits it, may fail without a word.
    """

    name: str
    prepare: Callable[[], object]
    work: Callable[[], Any]
    check: Callable[[After], Iterable[str]] = lambda after: ()
    changes: str = r"(?!)"
    codes: tuple[int | None, ...] = (0, None, 2)


def files_below(root: Path) -> dict[str, bytes]:
    """The content of all files by their path from `root`."""
    found = {}
    for path in sorted(root.rglob("*")):
        if path.is_file():
            found[str(path.relative_to(root))] = path.read_bytes()
    return found


def complaints(scenario: Scenario, after: After) -> list[str]:
    """What is wrong after any work, and what the scenario finds."""
    said = list(_of_process(scenario, after)) + list(_of_files(scenario, after))
    return said + list(scenario.check(after))


def _of_process(scenario: Scenario, after: After) -> Iterable[str]:
    outcome, mode = after.outcome, after.mode
    if outcome.wrong:
        yield f"an exception: {outcome.wrong}"
    if "Traceback" in outcome.err:
        yield f"a traceback: {outcome.err}"
    if outcome.leaked:
        yield f"files left open: {outcome.leaked}"
    if outcome.died:
        if mode is None or not mode.dies:
            yield "it died"
        return
    if outcome.code not in scenario.codes:
        yield f"exit code {outcome.code}: {outcome.err}"
    errors = [line for line in outcome.err.splitlines() if line.startswith("deepnet-tui: ")]
    if (outcome.code == 2) != (len(errors) == 1):
        yield f"exit code {outcome.code} with {len(errors)} sentences: {outcome.err}"


def _of_files(scenario: Scenario, after: After) -> Iterable[str]:
    now = after.files
    for path, content in after.before.items():
        if not re.search(scenario.changes, path) and now.get(path) != content:
            yield f"{path} was {'changed' if path in now else 'lost'}"
    stubborn = after.outcome.died or (after.mode and after.mode.letter == "r")
    stubborn = stubborn or (after.failed is not None and after.failed.name in ("unlink", "unlinkat", "rmdir"))
    if not stubborn:
        for path in now.keys() - after.before.keys():
            if any(TEMPORARY.match(part) for part in Path(path).parts):
                yield f"{path} was left"
