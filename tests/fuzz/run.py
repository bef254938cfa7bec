"""Reading many damaged files in processes of their own.

`python -m tests.fuzz.run COUNT [READER ...]`: so many files for each reader, all of them by default. The seed is that
of FUZZ_SEED. It prints what came of them, and for each finding how to see it again; FUZZ_KEEP names a folder that
keeps the files of findings.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.readers import READERS

PATIENCE = 30.0  # seconds for one file, on a machine that has other work
ROOT = Path(__file__).parents[2]


@dataclass
class Outcome:
    """How many files of a reader were read and refused; `findings` are the first of each kind."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: float = 0.0

    def note(self, number: int, said: dict[str, Any]) -> None:
        """Count what was said about the file `number`."""
        if "outcome" in said:
            self.counts[said["outcome"]] += 1
            return
        self.counts["findings"] += 1
        kind = f"{said['finding']} {said['where']}" if said["finding"] not in ("slow", "memory") else said["finding"]
        self.findings.setdefault(kind, {"first": number, "times": 0, **said})["times"] += 1


def fuzz(name: str, count: int, seed: int, first: int = 0) -> Outcome:
    """Read `count` damaged files with the reader `name`; a process that dies is a finding, and another goes on."""
    outcome, began = Outcome(), time.monotonic()
    number, last = first - 1, first + count - 1
    while number < last:
        number = _run_child(name, seed, number + 1, last, outcome)
    outcome.seconds = time.monotonic() - began
    return outcome


def _run_child(name: str, seed: int, first: int, last: int, outcome: Outcome) -> int:
    """Run one process until it is through or dies; gives the number of the last file that it had begun."""
    words = [sys.executable, "-m", "tests.fuzz.child", name, str(seed), str(first), str(last - first + 1)]
    number = first - 1
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True) as process:
        lines: queue.Queue[str | None] = queue.Queue()
        errors: list[str] = []
        threading.Thread(target=_lines_of, args=(process, lines), daemon=True).start()
        threading.Thread(target=lambda: errors.append(process.stderr.read()), daemon=True).start()  # type: ignore[union-attr]
        open_number = False
        while True:
            try:
                line = lines.get(timeout=PATIENCE)
            except queue.Empty:
                process.kill()
                outcome.note(number, {"finding": "hangs", "where": f"for {PATIENCE:g} s"})
                return max(number, first)
            if line is None:
                break
            said = json.loads(line)
            open_number = "number" in said
            if open_number:
                number = said["number"]
            else:
                outcome.note(number, said)
        process.wait()
    if number < first:
        raise RuntimeError(f"the process for {name} did not begin: {''.join(errors)[-2000:]}")
    if open_number:
        told = "".join(errors).strip().splitlines()
        outcome.note(number, {"finding": "died", "where": str(process.returncode), "said": "\n".join(told[:8])})
    return number


def _lines_of(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put(None)


def seed_of_today() -> int:
    """The seed that FUZZ_SEED names, else another one each day."""
    return int(os.environ.get("FUZZ_SEED") or time.strftime("%Y%m%d"))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(words: list[str]) -> None:
    """Fuzz the readers and print what came of it."""
    count, names = int(words[0]), words[1:] or list(READERS)
    seed = seed_of_today()
    _say(f"seed {seed}")
    for name in names:
        outcome = fuzz(name, count, seed)
        _say(f"{name}: {dict(outcome.counts)} in {outcome.seconds:.0f} s")
        for said in outcome.findings.values():
            _say(f"    {json.dumps(said)}")
            if keep := os.environ.get("FUZZ_KEEP"):
                reader = READERS[name]
                content = reader.damaged(reader.good(), f"{seed} {name} {said['first']}")
                (Path(keep) / f"{name}-{said['first']}{reader.suffix}").write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1:])
