"""Files as people have them, written small; and what comes of one that is trained on, exported and predicted."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.experiment import Experiment
from deepnet_tui.export import FORMATS, export
from deepnet_tui.model import Model
from deepnet_tui.predict.file import predict_file
from engine.arrays import Array

ROWS = 60


def rows(make: Callable[[int], str], end: str = "\n", count: int = ROWS) -> str:
    """Lines of a table from a function of the row."""
    return "".join(make(row) + end for row in range(count))


def noise(row: int) -> float:
    """A number that says nothing about the row."""
    return row * 7919 % 997 / 10


FILES: dict[str, tuple[str, str, str]] = {
    "euro.csv": (
        "Datum;Temperatur;Betrag\n"
        + rows(
            lambda r: f"2019-06-{r % 28 + 1:02} 00:00:00;{20 + noise(r) / 10:.2f};1.240.{r:03},00".replace(".", ",", 1)
        ),
        "Betrag",
        "numbers such as 1.240.000,00 are read with thousands separators",
    ),
    "money.csv": (
        "price,growth,fee,y\n"
        + rows(lambda r: f'"${1000 + noise(r):,.2f}",{r % 9 / 2}%,{70 + r % 5}.00 CHF,{r % 7 * 13}'),
        "y",
        "'price': read as numbers without '$'",
    ),
    "accounts.csv": (
        "balance,y\n"
        + rows(lambda r: f'"({1000 + noise(r):,.2f})",{r % 2}' if r % 3 else f'"{noise(r):,.2f}",{r % 2}'),
        "y",
        "as a negative one",
    ),
    "sep.csv": ("sep=;\nx;name;y\n" + rows(lambda r: f"{r % 11};a,b{r % 3};{r % 2}"), "y", "';' separates the cells"),
    "hash.csv": ("# made by a probe\n# units: nT\nx,y\n" + rows(lambda r: f"{noise(r)},{r % 2}"), "y", "are comments"),
    "tilde.txt": (
        "~Result of a tester\n~\n~Time[h]\tU[V]\tState\n" + rows(lambda r: f"{noise(r)}\t4.{r % 10}\t{r % 2}"),
        "State",
        "The names are those of the line",
    ),
    "preamble.csv": (
        "Station 7\nOperator: B. Moss, room 3\n\ntime;level;y\n" + rows(lambda r: f"{noise(r)};{r % 13};{r % 2}"),
        "y",
        "3 lines above the header were skipped, the first is 'Station 7'",
    ),
    "trailing.csv": (
        "a,b,y\n" + rows(lambda r: f"{noise(r)},{r % 5},{r % 2},"),
        "y",
        "1 separator more than the header",
    ),
    "first.csv": (
        "a,b,y\n" + rows(lambda r: f"{noise(r)},{r % 5},{r % 2}" + "," * (r == 0)),
        "y",
        "1 separator more than the header",
    ),
    "twice.csv": (
        "A,A,A.1,A,y\n" + rows(lambda r: f"{r % 3},{noise(r)},{r % 5 / 2},{r % 7},{r % 2}"),
        "y",
        "'A.2', 'A.3'",
    ),
    "namibia.csv": (
        "country,gdp,risk\n"
        + rows(lambda r: f"{('NA', 'ZA', 'DE', 'NE')[r % 4]},{noise(r)},{('low', 'high')[r % 3 == 0]}"),
        "risk",
        "NA is a word in 'country' (15 cells)",
    ),
    "none.csv": (
        "x,risk\n" + rows(lambda r: f"{noise(r)},{('None', 'Low')[r % 2]}"),
        "risk",
        "None is a word in 'risk'",
    ),
    "infinite.csv": (
        " Flow, Bytes, Label\n"
        + rows(lambda r: f"{noise(r)},{'Infinity' if r % 20 == 1 else r % 9 / 4},{'ab'[r % 2]}"),
        "Label",
        "'Bytes': 3 infinite numbers count as missing",
    ),
    "truth.csv": ("flag,x,y\n" + rows(lambda r: f"{('True', 'FALSE', '', '1')[r % 4]},{noise(r)},{r % 2}"), "y", ""),
    "escapes.csv": (
        "word,x,y\n" + rows(lambda r: f"{('[red]', chr(27) + '[31mred', '[/]')[r % 3]},{noise(r)},{'ab'[r % 2]}"),
        "y",
        "",
    ),
}
"""By name: the text, the target, and what a note says."""


@dataclass(frozen=True)
class Predictions:
    """A dataset, and for the rows of its file what its model predicts: from the prepared rows, by `predict`, and by the
    exported Python file."""

    dataset: Dataset
    trained: Array
    predicted: Array
    python: Array
    notes: list[str]


def model_of(dataset: Dataset) -> Model:
    """A model that was trained a little."""
    experiment = Experiment.default(dataset.source, dataset.target)
    trainer = experiment.replace("training", iterations=3, batch_size=None).trainer(dataset)
    trainer.advance(3)
    return Model.of(dataset, trainer)


def predictions(
    path: Path, target: str, folder: Path, new: Path | None = None, python: bool = True, **settings: object
) -> Predictions:
    """Train a little on a file, and predict the rows of it, or those of a `new` one; with the Python file if wanted."""
    dataset = load(Experiment.default(str(path), target).replace("data", validation=0.0, **settings).data)
    model = model_of(dataset)
    export(model, folder / "model.npz", overwrite=True)
    notes: list[str] = []
    predict_file(folder / "model.npz", new or path, folder / "out.csv", overwrite=True, tell=notes.append)
    found = model.interpret(model.outputs(dataset.train.X))
    trained = found.values if found.probabilities is None else found.probabilities[:, -1]
    assert trained is not None
    predicted = last_numbers((folder / "out.csv").read_text(encoding="utf-8"))
    by_python = np.array([]) if not python else run_python(model, folder / "model.py", new or path)
    if new is not None:
        return Predictions(dataset, trained, predicted, by_python, notes)
    rows = dataset.train.rows
    return Predictions(dataset, trained, predicted[rows], by_python[rows] if python else by_python, notes)


def run_python(model: Model, script: Path, data: Path) -> Array:
    """What the exported Python file predicts."""
    FORMATS[".py"].save(model, script)
    command = [sys.executable, "-I", "-X", "utf8", str(script), str(data)]
    ran = subprocess.run(command, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    return last_numbers(ran.stdout.decode("utf-8"))


def last_numbers(text: str) -> Array:
    """The last number of each row of a file of predictions."""
    return np.array([float(line[-1]) for line in list(csv.reader(io.StringIO(text)))[1:]])
