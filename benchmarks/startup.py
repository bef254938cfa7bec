"""How long until something is there: `python -m benchmarks startup`.

Pairs, each run in turn so that both meet the same machine. The app against an empty Textual app, from the start of the
process to the first screen painted in a terminal of 120x36; `--help` against an empty typer app. With `--against TREE`,
the folder of another version, `train` and `predict` against those of that version: to the end of the first iteration,
to the first prediction. Medians of the ratios, of time and of processor time, which other load hardly changes.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import random
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import environment
from benchmarks.compare import RESULTS

ROUNDS = 7
ROWS, COLUMNS = 36, 120
QUIET = 0.4  # seconds without output after which the first screen counts as complete
LONGEST = 60.0
TREE = Path(__file__).resolve().parent.parent
SMALL_TABLE = 300  # rows
TRAIN = ("--iterations", "300", "--report-every", "1", "--json")
FIRST_ITERATION, FIRST_PREDICTION = b'"iteration": 1,', b"\n"
PROGRAM = "import sys; from deepnet_tui.cli import main; sys.exit(main())"  # as the script of an installation has it
COMMANDS = {
    "train moons": (("train", "moons", *TRAIN), FIRST_ITERATION),
    "train small.csv": (("train", "small.csv", "--target", "churn", *TRAIN), FIRST_ITERATION),
    "predict model.npz small.csv": (("predict", "model.npz", "small.csv"), FIRST_PREDICTION),
}

EMPTY_APP = """
from textual.app import App
class Empty(App):
    def compose(self):
        from textual.widgets import Static
        yield Static("ready")
Empty().run()
"""
EMPTY_TYPER = """
import typer
app = typer.Typer()
@app.command()
def main() -> None:
    "An empty command."
app()
"""


Times = tuple[float, float]
"""Seconds, and seconds of a processor; 0 where the system does not tell those of another process."""


@dataclass(frozen=True)
class Pair:
    """What was measured of one pair: `ours` and `theirs` by round, and the ratios that are allowed."""

    name: str
    other: str
    allowed: float
    ours: list[Times]
    theirs: list[Times]

    def medians(self) -> tuple[float, float, float]:
        """The medians of both in seconds, and of the ratios; of processor time where it is known."""
        which = int(all(times[1] for times in (*self.ours, *self.theirs)))
        pairs = [(mine[which], their[which]) for mine, their in zip(self.ours, self.theirs, strict=True)]
        mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
        return mine, theirs, statistics.median(own / other for own, other in pairs)

    def wall_ratio(self) -> float:
        """The median of the ratios of time."""
        return statistics.median(mine[0] / their[0] for mine, their in zip(self.ours, self.theirs, strict=True))

    def row(self) -> str:
        """A row of the page."""
        mine, theirs, ratio = self.medians()
        return (
            f"| {self.name} | {self.other} | {mine * 1e3:.0f} | {theirs * 1e3:.0f} | {ratio:.2f} "
            f"| {self.wall_ratio():.2f} | {self.allowed:.2f} |"
        )


def processor_seconds(process: int) -> float:
    """Processor time of another process so far; 0 where the system does not tell."""
    try:
        return time.clock_gettime((~process << 3) | 2)  # Linux makes the number of the clock like this
    except OSError:
        return 0.0


def first_screen(command: list[str], mark: bytes) -> Times:
    """From the start of `command` in a terminal until it has written `mark`."""
    began = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        os.execv(command[0], command)  # noqa: S606  the commands are written above
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    shown = b""
    found = None
    try:
        while found is None:
            if time.perf_counter() - began > LONGEST:
                raise SystemExit(f"{' '.join(command)} showed no {mark!r} within {LONGEST:g} s")
            if select.select([terminal], [], [], QUIET)[0]:
                shown += os.read(terminal, 65536)
                if mark in shown:
                    found = time.perf_counter() - began, processor_seconds(process)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)
    return found


def whole(command: list[str]) -> Times:
    """From the start of `command` to its end."""
    began, before = time.perf_counter(), os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  the command is this repository's own
    after = os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, processor


def first_output(words: Sequence[str], mark: bytes, tree: Path, folder: Path) -> Times:
    """From the start of a command of the version in `tree` until it has written `mark` to stdout."""
    code = f"import sys; sys.path.insert(0, {str(tree)!r}); {PROGRAM}"
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603  a command of a version of this repository
        [sys.executable, "-c", code, *words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None  # noqa: S101
    written = b""
    while mark not in written:
        piece = os.read(process.stdout.fileno(), 65536)
        if not piece:
            raise SystemExit(f"{' '.join(words)} of {tree} wrote no {mark!r}")
        written += piece
    found = time.perf_counter() - began, processor_seconds(process.pid)
    process.kill()
    process.wait()
    process.stdout.close()
    return found


def compare(
    name: str, other: str, allowed: float, ours: Callable[[], Times], theirs: Callable[[], Times], rounds: int
) -> Pair:
    """Measure both in turn, after one time that is not counted: byte code and disk cache."""
    ours()
    theirs()
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    pair = Pair(name, other, allowed, [mine for mine, _ in pairs], [their for _, their in pairs])
    print(pair.row(), flush=True)
    return pair


def write_table(path: Path) -> None:
    """A few hundred rows with numbers and words."""
    drawn = random.Random(1)  # noqa: S311  no secret
    lines = ["age,income,city,member,churn"]
    for _ in range(SMALL_TABLE):
        town, member, churn = drawn.choice(("Oslo", "Bern", "Graz")), drawn.choice("yn"), drawn.choice(("go", "stay"))
        lines.append(f"{drawn.randint(18, 80)},{drawn.gauss(3000, 800):.2f},{town},{member},{churn}")
    path.write_text("\n".join(lines) + "\n")


def measured(against: Path | None, rounds: int, folder: Path) -> list[Pair]:
    """All pairs; `folder` is for files."""
    os.environ |= {"DEEPNET_TUI_HOME": str(folder), "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPATH"] = str(TREE)
    program = [sys.executable, "-c", PROGRAM]
    app, command = folder / "empty_app.py", folder / "empty_typer.py"
    app.write_text(EMPTY_APP)
    command.write_text(EMPTY_TYPER)
    pairs = []
    if against is not None:
        write_table(folder / "small.csv")
        train = [*program, "train", "small.csv", "--target", "churn", "--iterations", "20", "--quiet"]
        save = [*train, "--export", "model.npz"]
        subprocess.run(save, cwd=folder, check=True, stderr=subprocess.DEVNULL)  # noqa: S603  as above
        for name, (words, mark) in COMMANDS.items():
            pairs.append(
                compare(
                    name,
                    "the version before",
                    0.5,
                    lambda words=words, mark=mark: first_output(words, mark, TREE, folder),  # type: ignore[misc]
                    lambda words=words, mark=mark: first_output(words, mark, against, folder),  # type: ignore[misc]
                    rounds,
                )
            )
    pairs.append(
        compare(
            "first painted screen",
            "empty Textual app",
            1.5,
            lambda: first_screen(program, b"Architecture"),
            lambda: first_screen([sys.executable, str(app)], b"ready"),
            rounds,
        )
    )
    pairs.append(
        compare(
            "--help",
            "empty typer app",
            2.0,
            lambda: whole([*program, "--help"]),
            lambda: whole([sys.executable, str(command), "--help"]),
            rounds,
        )
    )
    return pairs


def main(arguments: Sequence[str] = ()) -> int:
    """Measure the pairs, and write them if there is a folder for that; 0 if they are within what is allowed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks startup", description=__doc__)
    parser.add_argument("--against", type=Path, help="the folder of another version, for train and predict")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--results", type=Path, help="the folder to write to", nargs="?", const=RESULTS)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        pairs = measured(chosen.against and chosen.against.resolve(), chosen.rounds, Path(folder))
    if chosen.results is not None:
        write(pairs, chosen.results, chosen.rounds)
    return int(any(pair.medians()[2] > pair.allowed for pair in pairs))


def write(pairs: Sequence[Pair], folder: Path, rounds: int) -> None:
    """The page and the figures."""
    about = environment.describe("textual", "typer", "pandas")
    lines = environment.heading("Start-up", about)
    lines += [
        f"Milliseconds of processor time until something is there, medians of {rounds} rounds in turn; the ratios are",
        "medians of those of each round. Training counts to the end of its first iteration, predicting to a row,",
        "the app to its first screen. Byte code is cached, as after a first run.",
        "",
        "| what | beside | ms | theirs, ms | ratio | ratio of time | allowed |",
        "|---|---|---|---|---|---|---|",
        *(pair.row() for pair in pairs),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "startup.md").write_text("\n".join(lines) + "\n")
    raw = {"environment": about, "pairs": [asdict(pair) for pair in pairs]}
    (folder / "startup.json").write_text(json.dumps(raw, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
