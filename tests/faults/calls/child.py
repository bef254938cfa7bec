"""A piece of work in a forked process, with calls that fail: what it said, how it ended, what it left open."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.calls.shim import Mode, arm, disarm

LONGEST = 60.0  # seconds, after which it counts as hanging
DIED = 137


@dataclass(frozen=True)
class Outcome:
    """`code` is what the work gave, None where the process died; `wrong` is an exception that nobody caught."""

    code: Any
    died: bool
    out: str
    err: str
    wrong: str
    leaked: list[str] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)


def run(work: Callable[[], Any], root: Path, notes: Path, number: int = 0, mode: Mode | None = None) -> Outcome:
    """Do `work` in a process of its own, which is in the folder `root / "out"`; `notes` is a folder for what it says.

    The calls are in `notes / "calls"`. With `number` the call with this number fails as `mode` says.
    """
    notes.mkdir(exist_ok=True)
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        _work(work, root, notes, number, mode)
    end = time.monotonic() + LONGEST
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return Outcome(None, False, "", "", f"it hung for {LONGEST:g} seconds")
        time.sleep(0.002)
    out, err = ((notes / name).read_text(errors="replace") for name in ("out", "err"))
    died = os.waitstatus_to_exitcode(status) == DIED
    try:
        found = json.loads((notes / "ended").read_text())
    except (OSError, ValueError):
        return Outcome(None, died, out, err, "" if died else f"it ended with status {status}")
    return Outcome(found["code"], died, out, err, found["wrong"], found["leaked"], found["modules"])


def _work(work: Callable[[], Any], root: Path, notes: Path, number: int, mode: Mode | None) -> None:
    code, wrong = None, ""
    try:
        for name, stream in (("out", 1), ("err", 2)):
            handle = os.open(notes / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(handle, stream)
            os.close(handle)
        (notes / "ended").unlink(missing_ok=True)
        os.environ |= {"DEEPNET_TUI_HOME": str(root / "home"), "TMPDIR": str(root / "tmp")}
        os.chdir(root / "out")
        before = _handles(root)
        arm(root, notes / "calls", number, mode)
        try:
            code = work()
        except SystemExit as leaving:
            code = leaving.code
        except BaseException:
            wrong = traceback.format_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        disarm()
        leaked = sorted(_handles(root) - before)
        ended = {"code": code, "wrong": wrong, "leaked": leaked, "modules": sorted(sys.modules)}
        (notes / "ended").write_text(json.dumps(ended))
    finally:
        os._exit(0)


def _handles(root: Path) -> set[str]:
    """The files below `root` that this process has open."""
    found = set()
    for handle in Path("/proc/self/fd").iterdir():
        try:
            path = str(handle.readlink())
        except OSError:
            continue
        if path.startswith(str(root)):
            found.add(path)
    return found
