"""The app beside the same training without a screen: `python -m benchmarks app [NETWORK ...]`.

The app runs in a pseudo-terminal of 120 x 36, as a user has it, with each view open in turn. The two train in short
turns, one after the other; the share is the median over these pairs, in seconds and in processor time. Keys are pressed
while it trains beside a busy process: the time runs from the key to the last byte of the frame that shows its effect.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import environment
from benchmarks.app.sessions import Headless, Terminal
from deepnet_tui.commands.views import VIEWS
from deepnet_tui.experiment import Experiment

RESULTS = Path(__file__).parents[1] / "results"
TURNS = 11
SECONDS = 0.5  # a turn; without a screen it goes on to the next report
KEYS = 200
LEAST_SHARE, LONGEST_WAIT = 0.9, 0.05  # what is aimed at: of the speed, and seconds from a key to its frame
NETWORKS: dict[str, tuple[str, dict[str, Any], str]] = {  # data, network, engine
    "tiny": ("tutorial", {}, "numpy"),
    "tiny-compiled": ("tutorial", {}, "compiled"),
    "large": ("moons", {"hidden": [384, 384]}, "numpy"),
}
BUSY = "while True: pass"


@dataclass(frozen=True)
class Share:
    """Of the speed without a screen, what is left with a view open; `headless` and `app` are iterations a second."""

    view: str
    seconds: float
    processor: float
    app: float
    headless: float


@dataclass(frozen=True)
class Key:
    """Seconds, and processor seconds of all threads, from a key to the end of the frame that shows what it did."""

    kind: str
    seconds: float
    processor: float


@dataclass(frozen=True)
class Measured:
    """`keys` are those pressed while it trains beside a busy process, `first` those that show a view the first time."""

    network: str
    shares: list[Share]
    keys: list[Key]
    first: list[Key]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks app", description=__doc__)
    parser.add_argument("networks", nargs="*", help=f"some of {', '.join(NETWORKS)}")
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--keys", type=int, default=KEYS)
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder to write to")
    chosen = parser.parse_args(arguments)
    load, found = os.getloadavg()[0], []
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen.networks or NETWORKS:
            found.append(measure(name, Path(folder), chosen.turns, chosen.keys))
            print(f"measured {name}", file=sys.stderr, flush=True)
    facts = environment.describe("textual", "numba") | {"load before": f"{load:.1f}"}
    text = report(facts, found)
    chosen.results.mkdir(parents=True, exist_ok=True)
    (chosen.results / "app.md").write_text(text)
    figures = {"environment": facts, "results": [asdict(each) for each in found]}
    (chosen.results / "app.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(text)


def measure(name: str, folder: Path, turns: int = TURNS, keys: int = KEYS) -> Measured:
    """The figures of one network."""
    source, network, engine = NETWORKS[name]
    experiment = Experiment.default(source).replace("training", iterations=10**9)
    experiment = experiment.replace("network", **network) if network else experiment
    path = folder / f"{name}.toml"
    experiment.write(path)
    terminal, headless = Terminal(path, folder, engine), Headless(path, engine)
    try:
        terminal.press(b"", b"ready", 60.0)
        terminal.read(1.0)
        terminal.train(0.5)
        first = [_show(terminal, number) for number in range(1, len(VIEWS) + 1)]
        headless.train(SECONDS)
        shares = [_share(terminal, headless, number, turns) for number in range(1, len(VIEWS) + 1)] if turns else []
        with _busy_process():
            pressed = _press_keys(terminal, keys) if keys else []
    finally:
        terminal.close()
        headless.close()
    return Measured(name, shares, pressed, first)


def _show(terminal: Terminal, number: int) -> Key:
    before = terminal.ran()
    took = terminal.press(str(number).encode(), VIEWS[number - 1].title.encode(), 20.0)
    ran = terminal.ran() - before
    terminal.read(0.3)
    return Key("first time", took, ran)


def _share(terminal: Terminal, headless: Headless, number: int, turns: int) -> Share:
    _show(terminal, 1 + number % len(VIEWS))
    _show(terminal, number)
    pairs = []
    for turn in range(turns):
        both = [lambda: terminal.train(SECONDS), lambda: headless.train(SECONDS)]
        first, second = (both[turn % 2](), both[1 - turn % 2]())
        pairs.append((first, second) if turn % 2 == 0 else (second, first))
    return Share(
        VIEWS[number - 1].title,
        statistics.median(ours.speed / alone.speed for ours, alone in pairs),
        statistics.median(ours.processor_speed / alone.processor_speed for ours, alone in pairs),
        statistics.median(ours.speed for ours, _ in pairs),
        statistics.median(alone.speed for _, alone in pairs),
    )


def _press_keys(terminal: Terminal, count: int) -> list[Key]:
    """Change the view, turn the logarithmic axis on and off, pause and go on, at all phases of the redraws."""
    pressed: list[Key] = []

    def press(kind: str, key: str, effect: str) -> None:
        before = terminal.ran()
        took = terminal.press(key.encode(), effect.encode())
        pressed.append(Key(kind, took, terminal.ran() - before))

    press("train", " ", "training")
    for number in range(count - 1):
        terminal.read(0.05 + 0.0007 * number)
        if number % 8 == 3:
            press("pause", " ", "paus")
            terminal.read(0.1)
            press("train", " ", "training")
        elif number % 8 == 7:
            press("axis", "L", "log " if number // 8 % 2 == 0 else "Cost")
        else:
            view = 1 + number % len(VIEWS)
            press(VIEWS[view - 1].title, str(view), VIEWS[view - 1].title)
    terminal.press(b" ", b"paus")
    return pressed


@contextmanager
def _busy_process() -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-c", BUSY])  # noqa: S603  a constant
    try:
        time.sleep(0.1)
        yield
    finally:
        process.kill()
        process.wait()


def late(waits: list[float]) -> float:
    """The 99th percentile."""
    ordered = sorted(waits)
    return ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]


def _three(seconds: list[float]) -> str:
    ms = (1e3 * value for value in (statistics.median(seconds), late(seconds), max(seconds)))
    return " | ".join(f"{value:.0f}" for value in ms)


def report(facts: dict[str, str], found: list[Measured]) -> str:
    """The Markdown page."""
    parts = environment.heading("The app", facts)
    parts += [
        "Training in the app beside the same training without a screen, in turns, medians. The share is of the speed",
        "without a screen, in seconds and in processor time of the whole process: other load affects only the first.",
        "",
        "| network | view | share, seconds | share, processor time | iterations a second | without a screen |",
        "|---|---|---|---|---|---|",
    ]
    for each in found:
        parts += [
            f"| {each.network} | {share.view} | {share.seconds:.0%} | {share.processor:.0%} | {share.app:,.0f} "
            f"| {share.headless:,.0f} |"
            for share in each.shares
        ]
    parts += [
        "",
        "From a key to the end of the frame that shows it, while the network trains beside a busy process, in ms:",
        "by the clock, and in processor time of all threads of the app, which is what it takes where no",
        "other load delays it.",
        "",
        "| network | key | number | median | p99 | longest | processor: median | p99 | longest |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for each in found:
        kinds = dict.fromkeys(key.kind for key in each.keys)
        groups = {kind: [key for key in each.keys if key.kind == kind] for kind in kinds}
        groups |= {"all": each.keys, "first time a view is shown, at rest": each.first}
        for kind, keys in groups.items():
            if keys:
                cells = " | ".join([_three([k.seconds for k in keys]), _three([k.processor for k in keys])])
                parts.append(f"| {each.network} | {kind} | {len(keys)} | {cells} |")
    shares = [share.processor for each in found for share in each.shares]
    waits = [key.seconds for each in found for key in each.keys]
    parts += ["", f"Aims: a share of {LEAST_SHARE:.0%} with any view open, and p99 of {1e3 * LONGEST_WAIT:.0f} ms."]
    if shares:
        parts.append(
            f"Share in processor time: {statistics.median(shares):.0%} in the median, {min(shares):.0%} at least."
        )
    parts += [f"p99 of all keys: {1e3 * late(waits):.0f} ms.", ""] if waits else [""]
    return "\n".join(parts)
