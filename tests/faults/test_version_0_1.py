"""Files of version 0.1.0, made by it, are read: a run goes on bit for bit, models predict, settings are understood."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.experiment import Experiment
from deepnet_tui.export import load
from deepnet_tui.runs.store import Store
from engine.storage import state
from engine.storage.state import READABLE, VERSION, StateError, unpack
from tests.deepnet_tui.cli.runner import Runner

FILES = Path(__file__).with_name("version_0_1_0")
INTERRUPTED, COMPLETED = "20261127-moons-interrupted", "20261127-small-completed"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    """The command line, with a store that holds the runs of version 0.1.0."""
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    shutil.copytree(FILES / "runs", tmp_path / "home" / "runs")
    shutil.copy(FILES / "small.csv", tmp_path)
    for path in (tmp_path / "home" / "runs").glob("*/*"):
        if path.suffix in (".toml", ".json"):
            path.write_text(path.read_text().replace("/DATA", str(tmp_path)))
    return Runner(tmp_path / "home", capsys)


def parameters(path: Path) -> dict[str, bytes]:
    return {name: values.tobytes() for name, values in load(path).parameters.items()}


def test_an_interrupted_run_goes_on_bit_for_bit(run: Runner, tmp_path: Path) -> None:
    assert {record.id: record.state for record in Store().list()} == {
        INTERRUPTED: "interrupted",
        COMPLETED: "completed",
    }
    assert Store().open(INTERRUPTED).checkpoint()["meta"]["version"] == READABLE[0]
    ended = run("resume", INTERRUPTED, "--json", "--export", "now.json")
    assert ended.code == 0, ended.err
    assert parameters(tmp_path / "now.json") == parameters(FILES / "moons.json")
    record = Store().open(INTERRUPTED)
    assert (record.state, record.iteration) == ("completed", 60)
    assert [report.iteration for report in record.costs()] == list(range(0, 61, 10))
    assert record.checkpoint()["meta"]["version"] == VERSION
    assert run("resume", INTERRUPTED, "--iterations", "80", "--quiet").code == 0


def test_a_completed_run_is_shown_exported_and_trained_further(run: Runner, tmp_path: Path) -> None:
    assert run("export", COMPLETED, "now.json").code == 0
    assert parameters(tmp_path / "now.json") == parameters(FILES / "small.json")
    shown = run("runs", "show", COMPLETED)
    assert shown.code == 0
    assert "40" in shown.out
    further = run("resume", COMPLETED, "--iterations", "60", "--quiet")
    assert further.code == 0, further.err
    assert Store().open(COMPLETED).iteration == 60


@pytest.mark.parametrize("file", ["moons.json", "small.json", f"runs/{COMPLETED}/model.npz"])
def test_a_model_gives_the_outputs_that_it_gave(file: str) -> None:
    model = load(FILES / file)
    raw: Any = json.loads((FILES / file).read_text()) if file.endswith(".json") else None
    if raw is None:
        with np.load(FILES / file, allow_pickle=False) as stored:
            raw = json.loads(str(stored["model"]))
    prepared, outputs = (np.array(raw["test_vectors"][name]) for name in ("prepared", "outputs"))
    assert raw["library"].endswith("0.1.0")
    np.testing.assert_allclose(model.outputs(prepared.T).T, outputs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", [INTERRUPTED, COMPLETED])
def test_an_experiment_has_the_settings_that_it_had(run: Runner, name: str) -> None:
    experiment = Experiment.read(run.home / "runs" / name / "experiment.toml")
    training = experiment.training
    assert (training.iterations, training.l2, experiment.network.ensemble) == (
        (60, 0.5, 1) if name == INTERRUPTED else (40, 2.0, 1)
    )
    assert experiment.data.preparation in (None, "plain")


def test_a_state_of_a_newer_version_is_refused_in_a_sentence(run: Runner) -> None:
    path = run.home / "runs" / INTERRUPTED / "state.npz"
    content = state.load(path)
    content["meta"]["version"] = VERSION + 1
    with pytest.raises(StateError, match="newer version"):
        unpack(content)
    state.save(path, content)
    said = run.refused("resume", INTERRUPTED)
    assert f"version {VERSION + 1}" in said
    assert "newer version" in said
    assert Store().open(INTERRUPTED).state == "interrupted"


def test_a_run_of_a_newer_version_is_listed_and_refused(run: Runner) -> None:
    about = run.home / "runs" / INTERRUPTED / "run.json"
    before = about.read_text().replace('"source"', '"format": 99, "library": "9.0.0", "source"', 1)
    about.write_text(before)
    assert INTERRUPTED in run("runs").out
    said = run.refused("resume", INTERRUPTED)
    assert said.startswith(f"run {INTERRUPTED} was written by a newer version of deepnet-tui, '9.0.0'")
    assert "newer version" in run.refused("export", INTERRUPTED, "m.npz")
    assert about.read_text() == before
    assert run("export", COMPLETED, "m.npz").code == 0
