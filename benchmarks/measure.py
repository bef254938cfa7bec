"""Paired timing: each peer in a process of its own, the engine and the peer in turn, medians and quartiles."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.workloads import WORKLOADS

ROUNDS = 9
SECONDS = 0.2  # how long one turn takes, or one epoch where that is longer
PAUSE = 0.15  # seconds before a turn: BLAS's threads of the peer before wait actively for 0.12 s
REPOSITORY = Path(__file__).parents[1]


@dataclass(frozen=True)
class Spread:
    """The median of some measurements and their quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, low, high)


@dataclass(frozen=True)
class Result:
    """Seconds an iteration of `peer` on `workload`, and how many times as long as the engine's beside it."""

    workload: str
    peer: str
    seconds: Spread
    ratio: Spread
    setting: str


class Runner:
    """A child process that trains one workload with one peer whenever it is asked to."""

    def __init__(self, peer: str, workload: str, environment: Mapping[str, str]) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.child", peer, workload]
        self.process = subprocess.Popen(  # noqa: S603  the command is this repository's own
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
            cwd=REPOSITORY,
            text=True,
        )
        if self.process.stdin is None or self.process.stdout is None:
            raise OSError("the process has no pipes")
        self._questions, self._answers = self.process.stdin, self.process.stdout
        answer = json.loads(self._answers.readline() or '{"cannot": "its process ended early"}')
        self.setting, self.cannot = answer.get("setting", ""), answer.get("cannot", "")
        entry = WORKLOADS[workload]
        self.unit = entry.examples // entry.examples_per_iteration  # whole epochs only
        self.turn = self.unit

    def settle(self) -> None:
        """Warm up, and find how many iterations fill a turn."""
        self.seconds()
        while (taken := self.seconds() * self.turn) < SECONDS:
            self.turn = self.unit * max(
                self.turn // self.unit + 1,
                min(int(SECONDS / max(taken, 1e-9) * self.turn), 10 * self.turn) // self.unit,
            )

    def seconds(self) -> float:
        """One turn: the seconds an iteration took."""
        time.sleep(PAUSE)
        self._questions.write(f"{self.turn}\n")
        self._questions.flush()
        return float(self._answers.readline()) / self.turn

    def close(self) -> None:
        self._questions.close()
        self.process.wait(30)


def compile_first() -> None:
    """Have the compiled loop in its cache for both kinds of numbers, so that no measurement waits for the compiler."""
    from engine.compiled.native import compiler

    for dtype in ("float64", "float32"):
        with suppress(compiler.NoKernelError):
            compiler.load(dtype)


def compare(
    workload: str, peers: list[str], environment: Mapping[str, str] = os.environ, rounds: int = ROUNDS
) -> list[Result]:
    """Time every peer that can do `workload`; the first of `peers` is what the others are paired with."""
    runners = {peer: Runner(peer, workload, environment) for peer in peers}
    try:
        able = {peer: runner for peer, runner in runners.items() if not runner.cannot}
        for runner in able.values():
            runner.settle()
        ours, others = peers[0], [peer for peer in able if peer != peers[0]]
        seconds: dict[str, list[float]] = {peer: [] for peer in able}
        ratios: dict[str, list[float]] = {peer: [] for peer in others}
        for _ in range(rounds):
            for peer in others:
                beside = able[ours].seconds()
                seconds[ours].append(beside)
                seconds[peer].append(able[peer].seconds())
                ratios[peer].append(seconds[peer][-1] / beside)
        ratios[ours] = [1.0, 1.0]
        return [
            Result(workload, peer, Spread.of(seconds[peer]), Spread.of(ratios[peer]), runner.setting)
            for peer, runner in able.items()
        ]
    finally:
        for runner in runners.values():
            runner.close()
