"""How long a race takes beside one of its networks alone, and beside joblib over scikit-learn's MLPClassifier."""

from __future__ import annotations

import argparse
import json
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import environment
from benchmarks.compare import RESULTS
from engine import LayerSpec, NetworkSpec, Race, Trainer, TrainingSpec

ROUNDS = 7
Data = tuple[Any, Any]


@dataclass(frozen=True)
class RaceWorkload:
    """`count` networks with different learning rates; `aim` is how many times as long as one they may take."""

    name: str
    count: int
    aim: float
    hidden: tuple[int, ...]
    optimizer: str
    iterations: int

    def network(self, inputs: int) -> NetworkSpec:
        return NetworkSpec(inputs, tuple(LayerSpec(units) for units in self.hidden), 1, "binary", "he")

    def trainings(self) -> list[TrainingSpec]:
        base = TrainingSpec(self.optimizer, iterations=self.iterations, report_every=100)
        rates = np.geomspace(1e-4, 1e-2, self.count).tolist()
        return [replace(base, learning_rate=rate) for rate in rates]

    def data(self) -> Data:
        """X (n0, m) and Y (1, m)."""
        from deepnet_tui.data.load import load
        from deepnet_tui.data.settings import DataSettings

        part = load(DataSettings(source=self.name)).train
        return part.X, part.Y


WORKLOADS = {
    "tutorial": RaceWorkload("tutorial", 8, 2.5, (4, 5, 2), "gd", 3000),
    "moons": RaceWorkload("moons", 32, 8.0, (16, 8), "adam", 1000),
}


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks race", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"workloads: {', '.join(WORKLOADS)}")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--without-sklearn", action="store_true", help="leave joblib and scikit-learn out")
    parser.add_argument("--results", type=Path, help="the folder to write to", nargs="?", const=RESULTS)
    chosen = parser.parse_args(arguments)
    lines, raw = [], {}
    for name in chosen.names or WORKLOADS:
        work = WORKLOADS[name]
        seconds = measured(work, chosen.rounds, sklearn=not chosen.without_sklearn)
        raw[name] = seconds
        lines += report(work, seconds)
        print("\n".join(lines[-5:]), flush=True)
    lines += [f"{name}: {value}" for name, value in environment.describe("joblib").items()]
    print("\n".join(lines[-12:]))
    if chosen.results is not None:
        chosen.results.mkdir(parents=True, exist_ok=True)
        (chosen.results / "race.json").write_text(json.dumps(raw, indent=1) + "\n")
        (chosen.results / "race.md").write_text("\n".join(lines) + "\n")


def measured(work: RaceWorkload, rounds: int, *, sklearn: bool) -> dict[str, list[float]]:
    """Processor seconds of whole trainings in turn: one alone, all as a race, all by scikit-learn on two cores.

    Processor time, so that other load does not count; of joblib half of what its trainings take, as if nothing else
    cost time. "... bare" is without reports but for the first and the last.
    """
    X, Y = work.data()
    network, trainings = work.network(len(X)), work.trainings()
    bare = [replace(training, report_every=10**6) for training in trainings]

    def one(settings: Sequence[TrainingSpec]) -> None:
        list(Trainer(network, settings[len(settings) // 2], X, Y).run())

    def race(settings: Sequence[TrainingSpec]) -> None:
        list(Race([Trainer(network, each, X, Y) for each in settings]).run())

    peers: dict[str, Callable[[], float]] = {
        "one": lambda: clocked(one, trainings),
        "race": lambda: clocked(race, trainings),
        "one bare": lambda: clocked(one, bare),
        "race bare": lambda: clocked(race, bare),
    }
    if sklearn:
        peers["joblib"] = by_joblib(work, X, Y, trainings)
    found: dict[str, list[float]] = {name: [] for name in peers}
    for number in range(rounds + 1):
        for name, run in peers.items():
            seconds = run()
            if number:  # the first round warms up
                found[name].append(seconds)
    return found


def clocked(work: Callable[[Sequence[TrainingSpec]], None], trainings: Sequence[TrainingSpec]) -> float:
    """The processor seconds that it takes."""
    began = time.process_time()
    work(trainings)
    return time.process_time() - began


def by_joblib(work: RaceWorkload, X: Any, Y: Any, trainings: Sequence[TrainingSpec]) -> Callable[[], float]:
    """The same trainings by MLPClassifier, two at a time in processes that are there already."""
    from joblib import Parallel, delayed

    examples, labels = np.ascontiguousarray(X.T), Y[0].astype(int)
    pool = Parallel(n_jobs=2)
    rates = [training.learning_rate for training in trainings]
    return lambda: sum(pool(delayed(fit)(work, examples, labels, rate) for rate in rates)) / 2


def fit(work: RaceWorkload, X: Any, labels: Any, rate: float) -> float:
    """Train one MLPClassifier on full batches for as many iterations; gives the processor seconds."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(
        work.hidden,
        solver="adam" if work.optimizer == "adam" else "sgd",
        alpha=0.0,
        batch_size=len(X),
        learning_rate_init=rate,
        momentum=0.0,
        nesterovs_momentum=False,
        shuffle=False,
        tol=0.0,
        n_iter_no_change=10**9,
        max_iter=work.iterations,
    )
    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, labels)
    return time.process_time() - began


def report(work: RaceWorkload, seconds: dict[str, list[float]]) -> list[str]:
    """The medians, and the medians of the ratios of each round."""
    per = {name: statistics.median(values) / work.iterations * 1e6 for name, values in seconds.items()}

    def ratio(name: str, beside: str) -> float:
        return statistics.median(one / other for one, other in zip(seconds[name], seconds[beside], strict=True))

    lines = [f"{work.name}: {work.count} networks of {'-'.join(map(str, work.hidden))} by {work.optimizer}"]
    for more, kind in (("", "with a report every 100 iterations"), (" bare", "without reports")):
        times = f"one {per['one' + more]:.1f} us an iteration, race {per['race' + more]:.1f} us"
        lines.append(f"  {kind}: {times}: {ratio('race' + more, 'one' + more):.2f} times one (aim {work.aim:g})")
    if "joblib" in seconds:
        ahead = ratio("joblib", "race")
        lines.append(
            f"  joblib over scikit-learn {per['joblib']:.0f} us: the race is {ahead:.1f} times as fast (aim 10)"
        )
    return [*lines, ""]
