"""How much memory training takes, against its bound, and whether data larger than memory can be trained on.

Each measurement is a process of its own, which tells its highest resident memory (VmHWM).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import environment
from benchmarks.compare import RESULTS
from engine import LayerSpec, NetworkSpec, Trainer, TrainingSpec

MIB = 2**20
NETWORKS = {  # dims, examples, batch: parameters weigh most in the first two, activations in the others
    "784-2048-2048-10, batch 128": ((784, 2048, 2048, 10), 4000, 128),
    "4096-2048-512-1, full batch": ((4096, 2048, 512, 1), 256, None),
    "20-512-512-512-1, full batch": ((20, 512, 512, 512, 1), 20_000, None),
    "20-256-256-10, batch 10,000": ((20, 256, 256, 10), 40_000, 10_000),
}
TRAININGS: dict[str, dict[str, Any]] = {
    "gd": {"optimizer": "gd"},
    "momentum": {"optimizer": "momentum"},
    "adam": {"optimizer": "adam"},
    "adamw, patience": {"optimizer": "adamw", "l2": 0.1, "patience": 3},  # the best parameters are kept too
}
VALIDATION = 100  # examples
DISK_BYTES = 2 * 2**30
DISK_ALLOWED = 300.0  # MiB
DISK_FEATURES = 256


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks memory", description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder to write to")
    chosen = parser.parse_args(arguments)
    chosen.results.mkdir(parents=True, exist_ok=True)
    found = {f"{name}, {training}": _ask("network", name, training) for name in NETWORKS for training in TRAININGS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "examples.npy"
        _write_examples(path)
        disk = {kind: _ask("disk", str(path), kind) for kind in ("mini-batches", "full batch")}
    facts = environment.describe()
    text = report(facts, found, disk)
    figures = {"environment": facts, "networks": found, "disk": disk}
    (chosen.results / "memory.md").write_text(text)
    (chosen.results / "memory.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(text)


def report(facts: dict[str, str], found: dict[str, dict[str, float]], disk: dict[str, dict[str, float]]) -> str:
    parts = environment.heading("Memory while training", facts)
    parts += [
        "What a trainer adds to the process at its highest, from its making to the end of 6 iterations with 3 reports,",
        "in MiB (VmHWM; the caller's own arrays and the imports are taken off). The bound is 6 times the parameters",
        "and 3 times the activations of one batch, inputs among them. Examples lie one after the other in memory, as",
        "in a table; those of an X that lies feature by feature are copied once for mini-batches, which comes on top.",
        "L-BFGS is outside of the bound: it remembers ten moves and ten changes of the gradient, each as long as all",
        "parameters.",
        "",
        "| network | parameters | activations | bound | taken | of the bound |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in found.items():
        share = row["taken"] / row["bound"]
        parts.append(
            f"| {name} | {row['parameters']:.1f} | {row['activations']:.1f} | {row['bound']:.1f} | "
            f"{row['taken']:.1f} | {share:.0%} |"
        )
    parts += [
        "",
        f"## {DISK_BYTES / 2**30:g} GiB of examples in a file, {DISK_FEATURES} features, float32",
        "",
        "The whole process, NumPy and the file's pages among it.",
        "",
        "| | iterations | examples a second | highest MiB | allowed |",
        "|---|---|---|---|---|",
    ]
    for kind, row in disk.items():
        parts.append(
            f"| {kind} | {row['iterations']:.0f} | {row['speed']:,.0f} | {row['highest']:.0f} | {DISK_ALLOWED:g} |"
        )
    return "\n".join([*parts, ""])


def _ask(*what: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.memory", *what]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])  # noqa: S603  the command is this repository's own
    return dict(json.loads(answer.stdout))


def _write_examples(path: Path) -> None:
    """Rows of random numbers, written piece by piece; one block of them over and over."""
    examples = DISK_BYTES // (4 * DISK_FEATURES)
    array = np.lib.format.open_memmap(path, "w+", np.dtype(np.float32), (examples, DISK_FEATURES))
    block = np.random.default_rng(0).standard_normal((16_384, DISK_FEATURES), np.float32)
    for start in range(0, examples, len(block)):
        array[start : start + len(block)] = block[: examples - start]
    array.flush()


def _highest() -> float:
    """The highest resident memory of this process so far, MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return float(line.split()[1]) / 1024
    raise OSError("this system does not tell a process its highest memory")


def _network(name: str, training: str) -> dict[str, float]:
    dims, examples, batch = NETWORKS[name]
    generator = np.random.default_rng(0)
    task = "binary" if dims[-1] == 1 else "multiclass"
    X = generator.standard_normal((examples, dims[0])).T
    labels = generator.integers(0, max(dims[-1], 2), examples)
    Y = labels[None, :] * 1.0 if task == "binary" else (labels == np.arange(dims[-1])[:, None]) * 1.0
    network = NetworkSpec(dims[0], tuple(LayerSpec(units) for units in dims[1:-1]), dims[-1], task, "he")
    settings = TrainingSpec(learning_rate=1e-4, iterations=6, batch_size=batch, report_every=2, **TRAININGS[training])
    warm = Trainer(NetworkSpec(2, (LayerSpec(2),)), TrainingSpec(iterations=2), np.ones((2, 4)), np.ones((1, 4)))
    list(warm.run())
    np.ones((512, 512)) @ np.ones((512, 512))  # BLAS takes its work space once, at the first product
    before = _highest()
    list(Trainer(network, settings, X, Y, (X[:, :VALIDATION], Y[:, :VALIDATION])).run())
    taken = _highest() - before
    parameters = network.size * 8 / MIB
    activations = sum(dims) * (batch or examples) * 8 / MIB
    bound = 6 * parameters + 3 * activations
    return {"parameters": parameters, "activations": activations, "bound": bound, "taken": taken}


def _disk(path: str, kind: str) -> dict[str, float]:
    rows = np.load(path, mmap_mode="r")
    labels = (np.arange(len(rows)) % 2)[None, :].astype(np.float32)
    network = NetworkSpec(DISK_FEATURES, (LayerSpec(64), LayerSpec(16)), 1, "binary", "he")
    batch, iterations = (256, 2000) if kind == "mini-batches" else (None, 2)
    training = TrainingSpec("momentum", 1e-3, iterations, batch, dtype="float32", report_every=iterations)
    trainer = Trainer(network, training, rows.T, labels)
    list(trainer.run())
    speed = iterations * trainer.examples_per_iteration / trainer.seconds
    return {"iterations": iterations, "speed": speed, "highest": _highest()}


if __name__ == "__main__":
    print(json.dumps({"network": _network, "disk": _disk}[sys.argv[1]](*sys.argv[2:])))
