"""For each workload the least time that the machine allows, and how near the engine is: `python -m benchmarks limits`.

Floating-point operations over the peak, which bare products of 1,024 x 1,024 matrices reach, and bytes over the
bandwidth, which a copy of 256 MB reaches. Peak, engine and JAX are measured in turn, in processes of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import environment
from benchmarks.limits import digits_parts
from benchmarks.measure import Runner, compile_first
from benchmarks.peers import installed
from benchmarks.workloads import WORKLOADS, Workload

RESULTS = Path(__file__).parents[1] / "results"
TURNS = 5
SIDE = 1024  # of the products
COPIED = 2**28  # bytes
PEERS = ("engine", "engine by NumPy", "JAX")


@dataclass(frozen=True)
class Limit:
    """Of an iteration: `flops` in products, `bytes` that it moves at least if nothing stays in a cache.

    Seconds: `compute` and `memory` are the least that the machine allows, `taken` by peer what is needed.
    """

    workload: str
    flops: float
    bytes: float
    compute: float
    memory: float
    taken: dict[str, float]
    settings: dict[str, str]


def traffic(workload: Workload) -> float:
    """Bytes: inputs read twice, activations and errors written and read, parameters, gradient and memory each used.

    A weight is read forward, backward and by the update, and written; its gradient is written and read; each vector of
    the optimizer's memory is read and written. Whatever fits into a cache moves faster than this assumes.
    """
    size = 4 if workload.dtype == "float32" else 8
    m, (inputs, *units) = workload.examples_per_iteration, workload.dims
    parameters = sum((before + 1) * after for before, after in zip(workload.dims, units, strict=False))
    memory = 4 if workload.optimizer == "adam" else 0
    return size * (2 * m * inputs + 6 * m * sum(units) + (6 + memory) * parameters)


def peak(dtype: str, seconds: float = 0.3) -> float:
    """Floating-point operations a second of bare products, with the threads that BLAS has."""
    import numpy as np

    A, B, C = (np.random.RandomState(seed).randn(SIDE, SIDE).astype(dtype) for seed in range(3))
    A.dot(B, C)
    return 2.0 * SIDE**3 / _least(lambda: A.dot(B, C), seconds)


def bandwidth(seconds: float = 0.5) -> float:
    """Bytes a second of a copy, read and written ones together."""
    import numpy as np

    source = np.ones(COPIED // 8)
    target = np.empty_like(source)
    np.copyto(target, source)
    return 2.0 * COPIED / _least(lambda: np.copyto(target, source), seconds)


def _least(call: object, seconds: float) -> float:
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end or best == float("inf"):
        began = time.perf_counter()
        call()  # type: ignore[operator]
        best = min(best, time.perf_counter() - began)
    return best


def measured(workload: Workload, copy: float, turns: int) -> Limit:
    """The engine and JAX in turn with the peak of the machine."""
    peers = [peer for peer in PEERS if peer in installed()]
    runners = {peer: Runner(peer, workload.name, dict(os.environ)) for peer in peers}
    try:
        times: dict[str, list[float]] = {peer: [] for peer in peers}
        peaks = []
        for runner in runners.values():
            runner.settle()
        for _ in range(turns):
            peaks.append(peak(workload.dtype, 0.1))
            for peer, runner in runners.items():
                times[peer].append(runner.seconds())
    finally:
        for runner in runners.values():
            runner.close()
    return Limit(
        workload.name,
        workload.flops,
        traffic(workload),
        workload.flops / statistics.median(peaks),
        traffic(workload) / copy,
        {peer: statistics.median(taken) for peer, taken in times.items()},
        {peer: runner.setting for peer, runner in runners.items()},
    )


def _threads_of_parts() -> dict[str, list[digits_parts.PartTime]]:
    """The parts of digits with all threads and with one, each in a process of its own."""
    found = {}
    for name, own in {
        "as many threads as there are": {},
        "one thread": {
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
        },
    }.items():
        code = (
            "import json, dataclasses; from benchmarks.limits import digits_parts as parts; "
            "print(json.dumps([dataclasses.asdict(part) for part in parts.measure()]))"
        )
        done = subprocess.run(  # noqa: S603  the program is this one
            [sys.executable, "-W", "ignore", "-c", code],
            env={**os.environ, **own},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
        found[name] = [digits_parts.PartTime(**part) for part in json.loads(done.stdout.splitlines()[-1])]
    return found


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks limits", description=__doc__)
    parser.add_argument("workloads", nargs="*", default=list(WORKLOADS), help="some of the six")
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder to write to")
    chosen = parser.parse_args(arguments)
    compile_first()
    copy = bandwidth()
    limits = []
    for name in chosen.workloads:
        limits.append(measured(WORKLOADS[name], copy, chosen.turns))
        print(f"measured {name}", file=sys.stderr, flush=True)
    parts = _threads_of_parts() if "digits" in chosen.workloads else {}
    facts = environment.describe("jax", "numba") | {
        "bandwidth of a copy": f"{copy / 1e9:.1f} GB/s",
        **{f"peak, {kind}": f"{peak(kind) / 1e9:.0f} GFLOP/s" for kind in ("float64", "float32")},
    }
    text = report(facts, limits, parts)
    chosen.results.mkdir(parents=True, exist_ok=True)
    (chosen.results / "limits.md").write_text(text)
    figures = {
        "environment": facts,
        "limits": [asdict(limit) for limit in limits],
        "parts of digits": {name: [asdict(part) for part in found] for name, found in parts.items()},
    }
    (chosen.results / "limits.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(text)


def report(facts: dict[str, str], limits: list[Limit], parts: dict[str, list[digits_parts.PartTime]]) -> str:
    """The Markdown page."""
    lines = environment.heading("Limits", facts)
    lines += [
        "The least time of an iteration is the larger of its floating-point operations over the peak and its bytes",
        "over the bandwidth. The share is that least time over the time needed. The bytes assume that nothing stays",
        "in a cache: where all does, a share above 100% says that the caches are faster than the",
        "memory. cat does not do",
        "these operations: the engine keeps the product of the first layer up to date from the examples'",
        "Gram matrix.",
        "",
        "| workload | MFLOP | MB | by operations, us | by bytes, us | peer | needed, us | share of the limit | path |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for limit in limits:
        least = max(limit.compute, limit.memory)
        lines += [
            f"| {limit.workload} | {limit.flops / 1e6:,.3f} | {limit.bytes / 1e6:,.3f} | {limit.compute * 1e6:,.1f} "
            f"| {limit.memory * 1e6:,.1f} | {peer} | {taken * 1e6:,.1f} | {least / taken:.0%} "
            f"| {limit.settings.get(peer, '')} |"
            for peer, taken in limit.taken.items()
        ]
    for name, found in parts.items():
        lines += ["", f"## The parts of digits, {name}", "", *digits_parts.table(found)]
    return "\n".join([*lines, ""])
