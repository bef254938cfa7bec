"""What `train` says of a run whose output was calibrated at its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deepnet_tui.experiment import Experiment
from tests.deepnet_tui.cli.runner import Runner

TRAINING = {"iterations": 100, "report_every": 20, "internal": 0.25}


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Runner(tmp_path / "home", capsys)


def test_the_end_says_it(run: Runner, tmp_path: Path) -> None:
    Experiment.from_dict({"data": {"source": "moons"}, "training": TRAINING | {"calibrate": True}}).write("m.toml")
    ended = run("train", "m.toml", "--json")
    found = ended.events[-1]
    assert found["calibration"]["kind"] == "temperature"
    assert found["calibration"]["after"] <= found["calibration"]["before"]
    assert "the probabilities are calibrated (temperature" in found["message"]
    assert found["output_scaled"]
    about = json.loads((tmp_path / "home" / "runs" / found["run"] / "run.json").read_text())
    assert about["calibration"] == found["calibration"]
    assert about["metrics"] == found["metrics"]
    assert "the probabilities are calibrated (temperature" in run("train", "m.toml").out


def test_without_it_there_is_nothing_to_say(run: Runner) -> None:
    Experiment.from_dict({"data": {"source": "moons"}, "training": TRAINING}).write("m.toml")
    found = run("train", "m.toml", "--json").events[-1]
    assert found["calibration"] is None
    assert "output_scaled" not in found
