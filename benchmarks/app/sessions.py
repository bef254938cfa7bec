"""The app in a pseudo-terminal, and the same training without a screen, each in a process of its own."""

from __future__ import annotations

import fcntl
import json
import math
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass
from pathlib import Path

APP = """
import json, sys, threading, time
from deepnet_tui.cli.entry import prepare_process
prepare_process()
from deepnet_tui.app import DeepnetApp
app = DeepnetApp(sys.argv[1])
questions, answers = open(int(sys.argv[2])), open(int(sys.argv[3]), "w", buffering=1)
def answer():
    for question in questions:
        moment = (app.workbench.training_run.pulse[0], time.perf_counter(), time.process_time())
        print(json.dumps(moment), file=answers)
threading.Thread(target=answer, daemon=True).start()
app.run()
"""
HEADLESS = """
import json, sys, time
from deepnet_tui.cli.entry import prepare_process
prepare_process()
from deepnet_tui.data.load import load
from deepnet_tui.experiment import Experiment
experiment = Experiment.read(sys.argv[1])
trainer = experiment.trainer(load(experiment.data))
events = trainer.run()
next(events)
for seconds in map(float, sys.stdin):
    first, began, cpu = trainer.iteration, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        next(events)
    print(json.dumps((trainer.iteration - first, time.perf_counter() - began, time.process_time() - cpu)), flush=True)
"""


@dataclass(frozen=True)
class Turn:
    """Iterations, and the seconds and processor seconds that they took, all threads of the process included."""

    iterations: int
    seconds: float
    processor: float

    @property
    def speed(self) -> float:
        """Iterations a second."""
        return self.iterations / self.seconds

    @property
    def processor_speed(self) -> float:
        """Iterations a second of processor time: other load hardly affects it."""
        return self.iterations / self.processor


class Terminal:
    """The app in a pseudo-terminal."""

    def __init__(self, experiment: Path, home: Path, engine: str) -> None:
        (questions, question), (answer, answers) = os.pipe(), os.pipe()
        os.set_inheritable(questions, True)
        os.set_inheritable(answers, True)
        self.process, self.screen = pty.fork()
        if self.process == 0:
            os.environ |= {
                "TERM": "xterm-256color",
                "DEEPNET_TUI_HOME": str(home),
                "COLORTERM": "truecolor",
                "DEEPNET_ENGINE": engine,
            }
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

    def moment(self) -> tuple[int, float, float]:
        """Iterations done, a clock in seconds, and the processor seconds of the process."""
        self._questions.write("moment\n")
        iteration, seconds, processor = json.loads(self._answers.readline())
        return iteration, seconds, processor

    def train(self, seconds: float) -> Turn:
        """Train for a while."""
        first = self.moment()[0]
        self.press(b" ", b"training")
        self.read(0.1)
        while (began := self.moment())[0] == first:  # a kernel is compiled the first time
            self.read(0.1)
        self.read(seconds)
        ended = self.moment()
        self.press(b" ", b"paused")
        return Turn(*(after - before for before, after in zip(began, ended, strict=True)))

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

    def ran(self) -> float:
        """The processor seconds of all threads so far, from Linux's figures; nan elsewhere."""
        try:
            tasks = Path(f"/proc/{self.process}/task").glob("*/schedstat")
            return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
        except (OSError, IndexError, ValueError):
            return math.nan

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

    def __init__(self, experiment: Path, engine: str) -> None:
        environment = {**os.environ, "DEEPNET_ENGINE": engine}
        command = [sys.executable, "-c", HEADLESS, str(experiment)]
        self._process = subprocess.Popen(  # noqa: S603  the command is this repository's own
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )

    def train(self, seconds: float) -> Turn:
        """Train for a while."""
        if self._process.stdin is None or self._process.stdout is None:
            raise OSError("the process has no pipes")
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        return Turn(*json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """The process ends with its input."""
        self._process.communicate()
