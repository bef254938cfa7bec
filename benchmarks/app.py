"""The app beside the same training without a screen: `python -m benchmarks.app`.

The app runs in a pseudo-terminal of 120 x 36, as a user has it. Printed for a tiny network and for one that takes
several milliseconds an iteration: the time from a key to its effect on the screen while training, and the
training speed in the app as a share of that of `Trainer.run()` in a process of its own. The two train in short
turns, one after the other, each turn of the app between two of the other; the share is the median over the turns.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path
from typing import Any

from deepnet_tui.experiment import Experiment

TURNS = 11
SECONDS = 1.5  # a turn; without a screen it goes on to the next report
PRESSES = 70  # of each of three keys
NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "tiny (tutorial, 3-4-5-2-1)": ("tutorial", {}),
    "large (moons, 2-384-384-1)": ("moons", {"hidden": [384, 384]}),
}
APP = """
import json, os, sys, threading
from deepnet_tui.app import DeepnetApp
app = DeepnetApp(sys.argv[1])
questions, answers = open(int(sys.argv[2])), open(int(sys.argv[3]), "w", buffering=1)
def answer():
    for question in questions:
        print(json.dumps(app.workbench.session.pulse), file=answers)
threading.Thread(target=answer, daemon=True).start()
app.run()
"""
HEADLESS = """
import json, sys, time
from deepnet_tui.data.load import load
from deepnet_tui.experiment import Experiment
experiment = Experiment.read(sys.argv[1])
trainer = experiment.trainer(load(experiment.data))
events = trainer.run()
next(events)
for seconds in map(float, sys.stdin):
    first, began = trainer.iteration, time.perf_counter()
    while time.perf_counter() - began < seconds:
        next(events)
    print((trainer.iteration - first) / (time.perf_counter() - began), flush=True)
"""


class Terminal:
    """The app in a pseudo-terminal."""

    def __init__(self, experiment: Path, home: Path) -> None:
        (questions, question), (answer, answers) = os.pipe(), os.pipe()
        os.set_inheritable(questions, True)
        os.set_inheritable(answers, True)
        self.process, self.screen = pty.fork()
        if self.process == 0:
            os.environ |= {"TERM": "xterm-256color", "DEEPNET_TUI_HOME": str(home), "COLORTERM": "truecolor"}
            os.execv(  # noqa: S606  a shell has nothing to do here
                sys.executable,
                [
                    sys.executable,
                    "-c",
                    APP,
                    str(experiment),
                    str(questions),
                    str(answers),
                ],
            )
        os.close(questions)
        os.close(answers)
        self._questions, self._answers = os.fdopen(question, "w", buffering=1), os.fdopen(answer)
        fcntl.ioctl(self.screen, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))

    def pulse(self) -> tuple[int, float]:
        """Iterations done, and the seconds spent in them."""
        self._questions.write("pulse\n")
        iteration, seconds = json.loads(self._answers.readline())
        return iteration, seconds

    def train(self, seconds: float) -> float:
        """Train for a while; gives the iterations a second."""
        first, began = self.pulse()
        self.press(b" ", b"training")
        self.read(seconds)
        self.press(b" ", b"paused")
        last, ended = self.pulse()
        return (last - first) / (ended - began)

    def read(self, seconds: float) -> bytes:
        """What is painted in that time."""
        seen, end = b"", time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if select.select([self.screen], [], [], left)[0]:
                try:
                    seen += os.read(self.screen, 65536)
                except OSError:
                    return seen
        return seen

    def press(self, key: bytes, effect: bytes, seconds: float = 10.0) -> float:
        """Press a key; the seconds until `effect` has been painted."""
        self.read(0.01)
        began = time.perf_counter()
        os.write(self.screen, key)
        seen = b""
        while effect not in seen:
            if time.perf_counter() - began > seconds:
                raise SystemExit(f"{key!r} had no effect {effect!r} within {seconds} seconds")
            seen += self.read(0.0005)
        return time.perf_counter() - began

    def close(self) -> None:
        """Quit; the process is gone afterwards."""
        os.write(self.screen, b"\x11")
        end = time.perf_counter() + 10
        while os.waitpid(self.process, os.WNOHANG)[0] == 0:
            self.read(0.05)
            if time.perf_counter() > end:
                os.kill(self.process, signal.SIGKILL)
        for end_of_pipe in (self._questions, self._answers):
            end_of_pipe.close()


class Headless:
    """`Trainer.run()` in a process of its own, which trains whenever it is asked to."""

    def __init__(self, experiment: Path) -> None:
        command = [sys.executable, "-c", HEADLESS, str(experiment)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603  the command is this repository's own

    def train(self, seconds: float) -> float:
        """Train for a while; gives the iterations a second."""
        if self._process.stdin is None or self._process.stdout is None:
            raise OSError("the process has no pipes")
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """The process ends with its input."""
        self._process.communicate()


def measure(name: str, source: str, network: dict[str, Any], folder: Path) -> None:
    """Print the figures of one network."""
    experiment = Experiment.default(source).replace("training", iterations=10**9)
    experiment = experiment.replace("network", **network) if network else experiment
    path = folder / "experiment.toml"
    experiment.write(path)
    terminal, headless = Terminal(path, folder), Headless(path)
    terminal.press(b"", b"ready")
    terminal.read(1.0)
    idle = [press_l(terminal, number) for number in range(PRESSES)]
    waits = []
    for number in range(PRESSES):
        waits.append(terminal.press(b" ", b"training"))
        terminal.read(0.05 + 0.0007 * number)  # so that keys meet every phase of the redraws
        waits.append(press_l(terminal, number))
        waits.append(terminal.press(b" ", b"paus"))
    terminal.read(0.5)
    alone, speeds = [headless.train(SECONDS)], []
    for _ in range(TURNS):
        speeds.append(terminal.train(SECONDS))
        alone.append(headless.train(SECONDS))
    shares = [2 * speed / (before + after) for speed, before, after in zip(speeds, alone, alone[1:], strict=False)]
    low, share, high = statistics.quantiles(shares, n=4)
    terminal.close()
    headless.close()
    print(name)
    print(f"  speed in the app        {statistics.median(speeds):12,.0f} iterations a second")
    print(f"  share of headless speed {share:12.0%}   (quartiles {low:.0%} and {high:.0%}, {len(shares)} turns)")
    print(f"  key to screen, training {spread(waits)}")
    print(f"  key to screen, at rest  {spread(idle)}")


def press_l(terminal: Terminal, number: int) -> float:
    """Turn the logarithmic axis on or off."""
    took = terminal.press(b"L", b"log " if number % 2 == 0 else b"Cost")
    terminal.read(0.03)
    return took


def spread(waits: list[float]) -> str:
    """Median, 99th percentile and largest, in ms."""
    ordered = sorted(1e3 * wait for wait in waits)
    late = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    return f"{statistics.median(ordered):9.0f} ms median, {late:.0f} ms at p99, {ordered[-1]:.0f} ms at most"


def main() -> None:
    """Measure both networks."""
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before (above 0 other work is being measured too)")
    with tempfile.TemporaryDirectory() as folder:
        for name, (source, network) in NETWORKS.items():
            measure(name, source, network, Path(folder))


if __name__ == "__main__":
    main()
