"""Whether an iteration's time grows as its floating-point work does, for more data and for larger networks."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks import environment, plot
from benchmarks.compare import RESULTS
from benchmarks.workloads import Workload
from engine import Trainer

FACTORS = (1, 3, 10, 30, 100)
ROUNDS = 7
SECONDS = 0.2


def series() -> dict[str, list[Workload]]:
    """Each series starts from a network whose iteration is some milliseconds long."""
    return {
        "more examples": [Workload(f"examples x{n}", (30, 64, 32, 1), 1000 * n) for n in FACTORS],
        "larger layers": [
            Workload(f"parameters x{n}", (30, round(64 * n**0.5), round(64 * n**0.5), 1), 2000) for n in FACTORS
        ],
        "more layers": [Workload(f"layers x{n}", (64, *[64] * (2 * n), 1), 1000) for n in FACTORS[:3]],
    }


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks scaling", description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder to write to")
    chosen = parser.parse_args(arguments)
    chosen.results.mkdir(parents=True, exist_ok=True)
    with threadpool_limits(1):
        measured = {name: _measure(workloads) for name, workloads in series().items()}
    facts = environment.describe()
    text = report(facts, measured)
    figures = {"environment": facts, "flops and seconds an iteration": measured}
    (chosen.results / "scaling.md").write_text(text)
    (chosen.results / "scaling.json").write_text(json.dumps(figures, indent=1) + "\n")
    (chosen.results / "scaling.svg").write_text(picture(measured))
    print(text)


def _measure(workloads: list[Workload]) -> list[tuple[float, float]]:
    """(floating-point operations, seconds) of an iteration for each: all in turn, the least disturbed turn counts."""
    trainers = [
        Trainer(workload.network(), workload.training(), *workload.data(), parameters=workload.parameters())
        for workload in workloads
    ]
    turns = []
    for trainer in trainers:
        trainer.advance(2)
        turns.append(max(1, round(SECONDS / (_seconds(trainer, 3) / 3))))
    seconds: list[list[float]] = [[] for _ in trainers]
    for _ in range(ROUNDS):
        for trainer, turn, found in zip(trainers, turns, seconds, strict=True):
            found.append(_seconds(trainer, turn) / turn)
    return [(workload.flops, min(found)) for workload, found in zip(workloads, seconds, strict=True)]


def _seconds(trainer: Trainer, n: int) -> float:
    started = time.perf_counter()
    trainer.advance(n)
    return time.perf_counter() - started


def exponent(points: list[tuple[float, float]]) -> float:
    """The slope of log(seconds) over log(operations): 1 where time grows as the work does."""
    work, seconds = np.log(np.array(points)).T
    return float(np.polyfit(work, seconds, 1)[0])


def report(facts: dict[str, str], measured: dict[str, list[tuple[float, float]]]) -> str:
    parts = environment.heading("How the time of an iteration grows", facts)
    parts += [
        "One BLAS thread for all of them; the shortest of several turns, in which other work disturbed least.",
        "",
    ]
    parts += ["The exponent is the slope of log(time) over log(operations): 1 where time grows as the work does.", ""]
    for name, points in measured.items():
        parts += [f"## {name}: exponent {exponent(points):.2f}", ""]
        parts += ["| operations | ms an iteration | GFLOP/s | work, times the first | time, times the first |"]
        parts += ["|---|---|---|---|---|"]
        work, seconds = points[0]
        for flops, taken in points:
            rate, more, longer = flops / taken / 1e9, flops / work, taken / seconds
            parts.append(f"| {flops:.3g} | {taken * 1e3:.3f} | {rate:.1f} | {more:.1f} | {longer:.1f} |")
        parts.append("")
    return "\n".join(parts)


def picture(measured: dict[str, list[tuple[float, float]]]) -> str:
    """Time over work, with a dashed line of time growing just as work does."""
    drawn = [plot.Line(name, points) for name, points in measured.items()]
    points = [point for found in measured.values() for point in found]
    low, high = min(work for work, _ in points), max(work for work, _ in points)
    rate = statistics.median(work / seconds for work, seconds in points)
    drawn.append(plot.Line("as the work grows", [(low, low / rate), (high, high / rate)], dashed=True))
    return plot.lines("Time of an iteration over its work", "floating-point operations", "seconds", drawn)
