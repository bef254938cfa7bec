"""predict, export and open with models of other programs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from deepnet_tui.export import load
from tests.deepnet_tui.cli.runner import Runner

SAID = ("--activation", "tanh", "--output-activation", "sigmoid", "--columns", '"distance, km",int')


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    layers = {"fc1": (4, 2), "fc2": (1, 4)}
    weights = {f"{name}.weight": random.standard_normal(shape) for name, shape in layers.items()}
    save_file(weights, tmp_path / "net.safetensors")
    (tmp_path / "rows.csv").write_text('int,"distance, km"\n1,2.5\n-3,0\n')
    return Runner(tmp_path / "home", capsys)


def test_a_state_dict_predicts_and_is_exported(run: Runner, tmp_path: Path) -> None:
    assert "without activations" in run.refused("predict", "net.safetensors", "rows.csv")
    predicted = run("predict", "net.safetensors", "rows.csv", *SAID)
    assert predicted.code == 0, predicted.err
    assert run("export", "net.safetensors", "net.json", *SAID, "--classes", "no,yes").code == 0
    assert load(tmp_path / "net.json").classes == ("no", "yes")
    again = run("predict", "net.json", "rows.csv").out
    assert [line.partition(",")[2] for line in again.splitlines()[1:]] == [
        line.partition(",")[2] for line in predicted.out.splitlines()[1:]
    ]


def test_what_is_said_wrong_is_refused(run: Runner) -> None:
    assert "a name twice" in run.refused("export", "net.safetensors", "n.npz", "--columns", "a,a")
    assert "an empty name" in run.refused("export", "net.safetensors", "n.npz", "--columns", "a,,b")
    assert "a quote that does not end" in run.refused("export", "net.safetensors", "n.npz", "--columns", '"a,b')
    assert "2 inputs, but 3 columns" in run.refused(
        "export", "net.safetensors", "n.npz", *SAID[:4], "--columns", "a,b,c"
    )
    assert "2 classes, but 3" in run.refused("export", "net.safetensors", "n.npz", *SAID, "--classes", "a,b,c")
    assert "no model file" in run.refused("export", "last", "n.npz", "--activation", "relu")
    assert "deepnet-tui open net.safetensors opens it" in run.refused("net.safetensors")
    assert "needs a data file" in run.refused("open", "net.safetensors", *SAID, "--target", "y")
    assert "the app needs a terminal" in run.refused("open", "net.safetensors", *SAID)
