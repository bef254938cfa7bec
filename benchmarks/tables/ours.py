"""The product as people use it: `train` with the target alone, the model in a file, and `predict`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.tables.answers import Answers
from benchmarks.tables.listing import Table

if TYPE_CHECKING:
    import pandas as pd


def learn(table: Table, train: pd.DataFrame, test: pd.DataFrame, seed: int, options: Sequence[str] = ()) -> Answers:
    """Train in a process, with these options of `train` besides, and predict in another.

    The seconds are those of the first process, from its start to the model in a file. Raises ValueError with what
    the command said if one fails, or if it predicts numbers where classes are wanted, or the other way round.
    """
    with TemporaryDirectory() as folder:
        places = {name: Path(folder) / name for name in ("train.csv", "test.csv", "model.npz")}
        train.to_csv(places["train.csv"], index=False)
        test.drop(columns=table.target).to_csv(places["test.csv"], index=False)
        model = str(places["model.npz"])
        asked = ["--target", table.target, "--seed", str(seed), "--json", "--export", model, *options]
        started = time.perf_counter()
        _run("train", str(places["train.csv"]), *asked, home=folder)
        seconds = time.perf_counter() - started
        text = _run("predict", model, str(places["test.csv"]), "--json", home=folder)
    return parse(text, table.task, seconds)


def _run(*arguments: str, home: str) -> str:
    setting = {**os.environ, "DEEPNET_TUI_HOME": home}
    command = [sys.executable, "-m", "deepnet_tui", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=setting, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["nothing"]
        raise ValueError(f"{arguments[0]} ended with {done.returncode} and said: {said[-1]}")
    return done.stdout


def parse(text: str, task: str, seconds: float) -> Answers:
    """The JSON lines of `predict`: {label, probabilities} for a class, {prediction} for a number."""
    lines = [json.loads(line) for line in text.splitlines() if line.strip()]
    wanted = "prediction" if task == "regression" else "probabilities"
    if not lines or any(wanted not in line for line in lines):
        raise ValueError("it predicts classes where numbers are wanted, or the other way round")
    if task == "regression":
        return Answers(seconds, [float(line["prediction"]) for line in lines])
    classes = list(lines[0]["probabilities"])
    probabilities = [[line["probabilities"][name] for name in classes] for line in lines]
    return Answers(seconds, [line["label"] for line in lines], classes, probabilities)
