"""What the commands load before anything is trained or predicted: NumPy and our own code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SLOW = {"sklearn", "scipy", "pandas", "pyarrow", "pydantic", "pydantic_core", "typer", "click", "rich", "textual"}
SLOW |= {"plotext", "numba", "llvmlite", "joblib", "onnx", "onnxruntime", "h5py", "openpyxl", "safetensors", "tomllib"}
AT_THE_FIRST_ITERATION = """
import json, os, sys
from engine.training.trainer import Trainer
def advance(self, count):
    print(json.dumps(sorted(sys.modules)), flush=True)
    os._exit(0)
Trainer.advance = advance
from deepnet_tui.cli import main
main(sys.argv[1:])
"""
AT_THE_FIRST_OUTPUT = """
import json, os, sys
class Output:
    encoding = "utf-8"
    def isatty(self):
        return False
    def write(self, text):
        print(json.dumps(sorted(sys.modules)), file=sys.__stdout__, flush=True)
        os._exit(0)
sys.stdout = Output()
from deepnet_tui.cli import main
main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small table, a model and points for it."""
    from deepnet_tui.cli import main

    folder = tmp_path_factory.mktemp("startup")
    rows = [
        f"{18 + number % 60},{number * 37.5 % 1000:.2f},{'Oslo' if number % 3 else 'Bern'}" for number in range(200)
    ]
    table = [f"{row},{'stay' if number % 2 else 'go'}" for number, row in enumerate(rows)]
    (folder / "small.csv").write_text("\n".join(["age,income,city,churn", *table]) + "\n")
    (folder / "points.csv").write_text("x1,x2\n0.5,0.25\n-1,0.5\n")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("DEEPNET_TUI_HOME", str(folder))
        assert main(["train", "moons", "--iterations", "2", "--quiet", "--export", str(folder / "model.npz")]) == 0
    return folder


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (AT_THE_FIRST_ITERATION, ["train", "moons"]),
        (AT_THE_FIRST_ITERATION, ["train", "small.csv", "--target", "churn", "--json"]),
        (AT_THE_FIRST_OUTPUT, ["predict", "model.npz", "points.csv"]),
    ],
    ids=["moons", "table", "predict"],
)
def test_nothing_slow_is_loaded_before_there_is_something(code: str, words: list[str], folder: Path) -> None:
    environment = {**os.environ, "DEEPNET_TUI_HOME": str(folder)}
    command = [sys.executable, "-c", code, *words]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)
    found = {name.partition(".")[0] for name in json.loads(ended.stdout.splitlines()[-1])}
    assert "numpy" in found
    assert not found & SLOW
