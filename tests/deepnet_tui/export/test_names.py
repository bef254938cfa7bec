"""Names that trip programs up go through every format: words of C, commas, quotes, Cyrillic, tabs, line breaks."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from deepnet_tui.data.preparation.entries import Categorical, Entry, Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.export import FORMATS, export, load
from deepnet_tui.model import Model
from engine.spec import LayerSpec, NetworkSpec

NAMES = (
    "int",
    "distance, km",
    'say "no"',
    "тест",
    "a\tb",
    "label",
    "X",
    "W1",
    "row",
    "line\nbreak",
    "C:\\n%s",
)
WORDS = ("ж, й", '"q"', "tab\there", "%d\\0")
CLASSES = ('no, "never"', "да\tда\ronce")
FORMATS_WITH_NAMES = [suffix for suffix, entry in FORMATS.items() if entry.complete or suffix in (".py", ".h", ".c")]


@pytest.fixture(scope="module")
def model() -> Model:
    """A model with these names and words."""
    entries: tuple[Entry, ...] = (*(Numeric(name, fill=0.5, scale=2.0) for name in NAMES), Categorical("слово", WORDS))
    network = NetworkSpec(len(NAMES) + len(WORDS), (LayerSpec(3, "tanh"),), 1, "binary", "he")
    random = np.random.default_rng(0)
    parameters = {name: random.standard_normal(shape) for name, shape in network.shapes.items()}
    made = Model(network, parameters, target="цель\t", classes=CLASSES, preparation=Preparation(entries))
    X = random.standard_normal((network.inputs, 4)).round(2)
    X[len(NAMES) :] = np.eye(4)
    return made.with_test_vectors(X)


@pytest.mark.parametrize("suffix", FORMATS_WITH_NAMES)
def test_names_survive(model: Model, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"model{suffix}"
    receipt = export(model, path)
    assert receipt.verified, receipt.sentence
    if FORMATS[suffix].complete:
        copy = load(path)
        assert (copy.preparation, copy.classes, copy.target) == (model.preparation, CLASSES, model.target)


def test_a_python_file_reads_a_table_with_such_names(model: Model, tmp_path: Path) -> None:
    assert model.test_vectors is not None
    export(model, tmp_path / "model.py")
    rows = model.test_vectors.raw[:4]
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(model.preparation.columns)
    writer.writerows([row[name] for name in model.preparation.columns] for row in rows)
    (tmp_path / "rows.csv").write_text(table.getvalue(), encoding="utf-8", newline="")
    ran = subprocess.run([sys.executable, "model.py", "rows.csv"], cwd=tmp_path, capture_output=True)
    assert ran.returncode == 0, ran.stderr.decode()
    found = list(csv.reader(io.StringIO(ran.stdout.decode("utf-8"), newline="")))
    assert found[0] == ["label", *(f"probability {name}" for name in CLASSES)]
    wanted = model.predict(list(rows))
    assert wanted.labels is not None
    assert [line[0] for line in found[1:]] == list(wanted.labels)
