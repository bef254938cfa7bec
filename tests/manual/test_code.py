"""The Python of README and manual runs as it stands, with the names that its page takes for granted."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import deepnet_tui as dn
from engine import LayerSpec, NetworkSpec, TrainingSpec
from tests.manual.pages import DOCS, NAMES, PAGES, ROOT, blocks

RUN_BY = {  # where the blocks of other pages are run
    "docs/library.md": "tests/deepnet_tui/library/test_page.py",
    "docs/mathematics.md": "tests/engine/test_reference.py",
    "docs/doctor.md": "tests/engine/diagnostics/test_doctor.py",
}


def people(rows: int = 60) -> pd.DataFrame:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"age": random.integers(1, 80, rows), "sex": random.choice(["male", "female"], rows)})
    return frame.assign(survived=np.where(frame["age"] + 30 * (frame["sex"] == "male") < 55, "yes", "no"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where there is a model in the formats that pages open."""
    made = tmp_path_factory.mktemp("pages")
    model = dn.train(people(), target="survived", seed=1, iterations=20, ensemble=1, hidden=[4], validation=0.2)
    for suffix in ("npz", "safetensors", "onnx", "py"):
        model.save(made / f"model.{suffix}")
    model.save(made / "churn.npz")
    return made


def numbers() -> dict[str, Any]:
    """A small network with its data, by the names of the engine's pages."""
    random = np.random.default_rng(0)
    X = random.normal(size=(2, 40))
    network = NetworkSpec(inputs=2, hidden=(LayerSpec(3, "tanh"),), outputs=1, task="binary", initializer="xavier")
    return {"X": X, "Y": (X[:1] > 0).astype(float), "network": network, "training": TrainingSpec(iterations=20)}


def traced() -> dict[str, Any]:
    from engine import Trainer

    names = numbers()
    names["network"] = replace(names["network"], hidden=(LayerSpec(3, "tanh"), LayerSpec(3, "relu")))
    return names | {"parameters": Trainer(names["network"], names["training"], names["X"], names["Y"]).parameters}


def rows() -> dict[str, Any]:
    """Examples in rows, as scikit-learn has them; enough of each class for its folds."""
    random = np.random.default_rng(0)
    X = random.normal(size=(60, 2))
    labels = np.where(X[:, 0] > 0, "yes", "no")
    return {"X": X, "y": labels, "table": X, "labels": labels}


def pipeline() -> dict[str, Any]:
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    given = rows()
    frame = pd.DataFrame(given["X"], columns=["a", "b"])
    fitted = make_pipeline(StandardScaler(), MLPClassifier((3,), max_iter=3)).fit(frame, given["y"])
    return {"pipeline": fitted, "frame": frame}


def explained() -> dict[str, Any]:
    frame = people().drop(columns="survived")
    return {"row": frame.iloc[0].to_dict(), "background": frame}


GIVEN: dict[str, Callable[[], dict[str, Any]]] = {
    "README.md": lambda: rows() | numbers(),
    "docs/estimators.md": rows,
    "docs/explain.md": traced,
    "docs/foreign.md": pipeline,
    "docs/formats.md": dict,
    "docs/race.md": lambda: numbers() | {"replace": replace},
    "docs/understand.md": explained,
}


def test_no_page_with_python_is_left_out() -> None:
    with_python = {name for name, page in zip(NAMES, PAGES, strict=True) if list(blocks(page, "python"))}
    assert with_python == {*GIVEN, *RUN_BY}
    assert all((ROOT / file).is_file() for file in RUN_BY.values())


@pytest.mark.parametrize("name", GIVEN)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_python_of_a_page_runs(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "docs/formats.md":
        pytest.importorskip("onnxruntime")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [str(folder), str(DOCS / "examples"), *sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    names = GIVEN[name]()
    for block in blocks(ROOT / name, "python"):
        if "import deepnet_tui" not in block:
            exec(compile(block, name, "exec"), names)  # noqa: S102 - our own documentation
    for module in ("model", "export_mlp"):
        sys.modules.pop(module, None)


@pytest.mark.parametrize("path", sorted((DOCS / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_the_cells_of_a_notebook_run(path: Path) -> None:
    runner = runpy.run_path(str(DOCS / "notebooks.py"))
    ran, kept = runner["run"](path)["cells"], runner["json"].loads(path.read_text(encoding="utf-8"))["cells"]
    for now, before in zip(ran, kept, strict=True):
        assert bool(now.get("outputs")) == bool(before.get("outputs")), "run: python docs/notebooks.py"
