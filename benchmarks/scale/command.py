"""Tables of many rows: `python -m benchmarks scale`.

Training: reading, preparing and the first epoch, by `deepnet-tui train` and by pandas with scikit-learn (`peer.py`), in
turn; the same network, Adam, the same batch. Predicting: `deepnet-tui predict` on the table and on a quarter of it.
Seconds of a processor, which other load hardly changes, and the most memory that a process had.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import environment
from benchmarks.compare import RESULTS
from benchmarks.scale.table import TARGET
from benchmarks.startup import PROGRAM, TREE, processor_seconds

ROWS, ROUNDS, UNITS, BATCH, VALIDATION = 1_000_000, 3, 100, 200, 0.2
ALLOWED_TIME, ALLOWED_MEMORY, WANTED_RATE = 0.6, 0.5, 200_000
COMPARABLE = "--preparation plain --ensemble 1 --dropout 0 --optimizer adam --learning-rate 0.001 --l2 0.0001"
COMPARABLE += " --schedule constant --internal 0 --patience none --input-scale-rate 0"
"""What makes an epoch the same work as that of `MLPClassifier`: one network, plain inputs, nothing kept aside."""


@dataclass(frozen=True)
class Cost:
    """Seconds of a processor, and the most memory in MiB."""

    seconds: float
    memory: float


@dataclass(frozen=True)
class Round:
    """One turn of each: to the end of the first epoch, and of the whole command (metrics, the stored run)."""

    ours: Cost
    peer: Cost
    ours_in_all: Cost
    peer_in_all: Cost


def peak_memory(process: int) -> float:
    """The most memory in MiB that a process has had so far, 0 where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    found = re.search(r"VmHWM:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else 0.0


def run(command: list[str], mark: str = "") -> tuple[Cost, Cost]:
    """What a command had cost when it wrote a line with `mark`, and at its end."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=TREE, text=True, **pipes)  # type: ignore[call-overload]  # noqa: S603
    assert process.stdout is not None  # noqa: S101
    there = None
    for line in process.stdout:
        if there is None and mark and mark in line:
            there = Cost(processor_seconds(process.pid), peak_memory(process.pid))
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or (mark and there is None):
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    whole = Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
    return there or whole, whole


def train_command(table: Path, rows: int, model: Path) -> tuple[list[str], str]:
    """The command for one epoch, and what its last report begins with."""
    trained_on = rows - round(rows * VALIDATION)
    iterations = -(-trained_on // BATCH)
    size = ["--hidden", str(UNITS), "--batch-size", str(BATCH)]
    size += ["--iterations", str(iterations), "--report-every", str(iterations)]
    words = ["train", str(table), "--target", TARGET, *COMPARABLE.split(), *size, "--json"]
    return [sys.executable, "-c", PROGRAM, *words, "--export", str(model), "--overwrite"], f'"iteration": {iterations},'


def trained(table: Path, rows: int, model: Path) -> Round:
    """Train with both, ours first."""
    command, mark = train_command(table, rows, model)
    ours = run(command, mark)
    size = ["--units", str(UNITS), "--batch", str(BATCH)]
    peer = run([sys.executable, "-m", "benchmarks.scale.peer", str(table), "--target", TARGET, *size], '"trained"')
    return Round(ours[0], peer[0], ours[1], peer[1])


def predicted(table: Path, model: Path) -> Cost:
    """Predict every row of a table into a file beside it."""
    words = ["predict", str(model), str(table), "--output", str(table.with_suffix(".out.csv")), "--overwrite"]
    return run([sys.executable, "-c", PROGRAM, *words])[1]


def main(arguments: Sequence[str] = ()) -> int:
    """Measure, print, and write if there is a folder for that; 0 if all is within what is allowed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks scale", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--results", type=Path, help="the folder to write to", nargs="?", const=RESULTS)
    chosen = parser.parse_args(arguments)
    os.environ["PYTHONPATH"] = str(TREE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["DEEPNET_TUI_HOME"] = name
        table, small, model = folder / "large.csv", folder / "quarter.csv", folder / "model.npz"
        for path, rows in ((table, chosen.rows), (small, chosen.rows // 4)):
            maker = [sys.executable, "-m", "benchmarks.scale.table", str(path), str(rows)]
            subprocess.run(maker, cwd=TREE, check=True)  # noqa: S603
        rounds = []
        for _ in range(chosen.rounds):
            rounds.append(trained(table, chosen.rows, model))
            print(json.dumps(asdict(rounds[-1])), flush=True)
        large = [predicted(table, model) for _ in range(chosen.rounds)]
        quarter = [predicted(small, model) for _ in range(chosen.rounds)]
    lines, kept = page(chosen.rows, rounds, large, quarter)
    print("\n".join(lines))
    if chosen.results is not None:
        write(chosen.results, lines, rounds, large, quarter)
    return int(not kept)


def page(rows: int, rounds: Sequence[Round], large: Sequence[Cost], quarter: Sequence[Cost]) -> tuple[list[str], bool]:
    """The tables of the page, and whether all is within what is allowed."""
    lines = [
        f"A table of {rows:,} rows and 20 columns (`benchmarks/scale/table.py`); medians of {len(rounds)} turns.",
        "",
        "| to the end of | ours, s | theirs, s | ratio | allowed | ours, MiB | theirs, MiB | ratio | allowed |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    ratios = []
    for name, pairs in (
        ("the first epoch", [(each.ours, each.peer) for each in rounds]),
        ("the command", [(each.ours_in_all, each.peer_in_all) for each in rounds]),
    ):
        cells = []
        for what, allowed in (("seconds", ALLOWED_TIME), ("memory", ALLOWED_MEMORY)):
            both = [(getattr(mine, what), getattr(their, what)) for mine, their in pairs]
            mine, their = (statistics.median(side) for side in zip(*both, strict=True))
            ratio = statistics.median(own / other for own, other in both)
            ratios.append((ratio, allowed))
            digits = 1 if what == "seconds" else 0
            cells += [f"{mine:.{digits}f}", f"{their:.{digits}f}", f"{ratio:.2f}", f"{allowed:g}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    whole, part = (statistics.median(cost.seconds for cost in costs) for costs in (large, quarter))
    rate = (rows - rows // 4) / max(whole - part, 1e-9)
    most, least = (statistics.median(cost.memory for cost in costs) for costs in (large, quarter))
    lines += [
        "",
        f"`predict` takes {whole:.2f} s for {rows:,} rows and {part:.2f} s for a quarter of them: {rate:,.0f} rows",
        f"a second, and {rows / whole:,.0f} with the start of the program; {WANTED_RATE:,} are wanted. Its memory is "
        f"{most:.0f} MiB, and {least:.0f} MiB for the quarter.",
    ]
    return lines, all(ratio <= allowed for ratio, allowed in ratios[:2]) and rate >= WANTED_RATE


def write(
    folder: Path, lines: Sequence[str], rounds: Sequence[Round], large: Sequence[Cost], quarter: Sequence[Cost]
) -> None:
    """The page and the figures."""
    about = environment.describe("pandas", "pyarrow")
    head = environment.heading("Tables of many rows", about)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scale.md").write_text("\n".join([*head, *lines]) + "\n")
    raw = {
        "environment": about,
        "training": [asdict(each) for each in rounds],
        "predict": {"all": [asdict(cost) for cost in large], "quarter": [asdict(cost) for cost in quarter]},
    }
    (folder / "scale.json").write_text(json.dumps(raw, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
