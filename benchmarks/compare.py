"""The six workloads, every peer that is installed: a table, the figures as JSON, and a plot."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import environment, plot
from benchmarks.measure import ROUNDS, Result, compare, compile_first
from benchmarks.peers import installed
from benchmarks.workloads import WORKLOADS

RESULTS = Path(__file__).parent / "results"
CAP = "OPENBLAS_CORETYPE"
AIMS = {  # (workload, peer): the least ratio of the peer's time to the engine's; the tutorial's loop as it is printed
    ("tutorial", "with its costs"): 5.0,
    ("tutorial", "PyTorch eager"): 12.0,
    ("planar", "with its costs"): 3.5,
    ("tabular", "with its costs"): 2.0,
    ("cat", "with its costs"): 60.0,
    ("digits", "scikit-learn"): 1.7,
    ("wide", "products alone"): 0.85,
    ("tutorial", "JAX"): 2.0,
    ("planar", "JAX"): 1.2,
    ("tabular", "JAX"): 1.0,
    ("cat", "JAX"): 1.0,
    ("wide", "JAX"): 1.0,
    ("digits", "JAX"): 1.0,
    **{(name, "engine by NumPy"): 1.0 for name in WORKLOADS},
}
OTHER_SETTING = ["engine", "tutorial's code", "scikit-learn", "products alone"]  # measured there, too


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("workloads", nargs="*", default=list(WORKLOADS), help="some of the six")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder to write to")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="pairs of turns")
    parser.add_argument("--peers", nargs="+", metavar="PEER", help="some of the peers, the engine first")
    parser.add_argument("--one-setting", action="store_true", help="only as the environment sets BLAS")
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.workloads if name not in WORKLOADS]
    if unknown:
        parser.error(f"{unknown[0]!r} is unknown; choose from {', '.join(WORKLOADS)}")
    compile_first()
    peers = [peer for peer in installed() if not chosen.peers or peer in chosen.peers]
    as_it_is = _measure(chosen.workloads, peers, dict(os.environ), chosen.rounds)
    name, setting = other_setting()
    other = [] if chosen.one_setting else _measure(chosen.workloads, OTHER_SETTING, setting, chosen.rounds)
    chosen.results.mkdir(parents=True, exist_ok=True)
    facts = environment.describe()
    text = report(facts, as_it_is, name, other)
    figures = {
        "environment": facts,
        "results": [asdict(result) for result in as_it_is],
        name: [asdict(result) for result in other],
    }
    (chosen.results / "workloads.md").write_text(text)
    (chosen.results / "workloads.json").write_text(json.dumps(figures, indent=1) + "\n")
    (chosen.results / "workloads.svg").write_text(picture(as_it_is))
    print(text)


def other_setting() -> tuple[str, dict[str, str]]:
    """The environment with the cap on BLAS lifted where there is one, and set where there is none."""
    if CAP in os.environ:
        return f"{CAP} unset", {name: value for name, value in os.environ.items() if name != CAP}
    return f"{CAP}=Haswell", {**os.environ, CAP: "Haswell"}


def _measure(workloads: Sequence[str], peers: list[str], setting: dict[str, str], rounds: int) -> list[Result]:
    results = []
    for workload in workloads:
        results += compare(workload, peers, setting, rounds)
        print(f"measured {workload}: {', '.join(result.peer for result in results if result.workload == workload)}")
    return results


def report(facts: dict[str, str], results: list[Result], other_name: str, other: list[Result]) -> str:
    """The Markdown page."""
    parts = environment.heading("The six workloads", facts)
    parts += [
        "Whole iterations (forward, backward, update), float64 but for digits; every peer in a process of its own, the",
        "engine and the peer in turn. Medians, quartiles in brackets. The ratio is the peer's time to the engine's",
        "beside it: above 1, the engine is faster. The line `products alone` is as many floating-point operations in",
        "bare matrix products: what the machine can do at most; there the ratio is the share of it that is reached.",
        "",
        "## With BLAS as the environment sets it",
        "",
        *_table(results),
        "",
        "## Both paths beside JAX",
        "",
        *_paths(results),
        "",
        "## Against the aims",
        "",
        "| workload | beside | aim | measured | |",
        "|---|---|---|---|---|",
    ]
    found = {(result.workload, result.peer): result for result in results}
    for (workload, peer), aim in AIMS.items():
        if (workload, peer) in found:
            reached = found[workload, peer].ratio.median
            verdict = "reached" if reached >= aim else "missed"
            if peer == "engine by NumPy" and found[workload, "engine"].setting.startswith("NumPy calls"):
                verdict = "the same path, so the ratio is noise"
            parts.append(f"| {workload} | {peer} | {aim:g} | {reached:.2f} | {verdict} |")
    parts += ["", f"## With {other_name}", "", *_table(other)] if other else []
    parts += [""]
    return "\n".join(parts)


def _table(results: list[Result]) -> list[str]:
    lines = ["| workload | peer | microseconds an iteration | ratio to the engine | setting |", "|---|---|---|---|---|"]
    for result in results:
        time, ratio = result.seconds, result.ratio
        times = f"{time.median * 1e6:,.1f} [{time.low * 1e6:,.1f}, {time.high * 1e6:,.1f}]"
        ratios = "" if result.peer == "engine" else f"{ratio.median:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]"
        lines.append(f"| {result.workload} | {result.peer} | {times} | {ratios} | {result.setting} |")
    return lines


def _paths(results: list[Result]) -> list[str]:
    """A line for each workload: the engine, which takes the path that it chooses, its NumPy path, and JAX."""
    by = {(result.workload, result.peer): result for result in results}
    heads = ("workload", "engine, us", "by NumPy, us", "JAX, us", "NumPy to engine (never below 1)", "JAX to engine")
    lines = [f"| {' | '.join((*heads, 'path'))} |", "|---|---|---|---|---|---|---|"]
    for name in dict.fromkeys(result.workload for result in results):
        each = [by.get((name, peer)) for peer in ("engine", "engine by NumPy", "JAX")]
        times = ["" if result is None else f"{result.seconds.median * 1e6:,.1f}" for result in each]
        ratios = ["" if result is None else f"{result.ratio.median:.2f}" for result in each[1:]]
        lines.append(f"| {name} | {' | '.join(times)} | {' | '.join(ratios)} | {each[0].setting if each[0] else ''} |")
    return lines


def picture(results: list[Result]) -> str:
    """The ratios as SVG."""
    groups: dict[str, list[plot.Point]] = {}
    for result in results:
        if result.peer != "engine":
            ratio = result.ratio
            point = plot.Point(result.peer, ratio.median, ratio.low, ratio.high)
            groups.setdefault(result.workload, []).append(point)
    return plot.rows("Time of an iteration, as a multiple of the engine's", "right of 1: the engine is faster", groups)
