"""Runs in MLflow, read back with its own client from an SQLite file; nothing calls the network."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.export import load
from deepnet_tui.runs.store import Store
from tests.deepnet_tui.cli.runner import Runner
from tests.deepnet_tui.runs.many import make_runs

pytest.importorskip("mlflow")
pytest.importorskip("sqlalchemy")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:mlflow")

STATUS = {"completed": "FINISHED", "diverged": "FAILED"}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mlflow") / "runs.db"


@pytest.fixture(autouse=True)
def without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("the network was called")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


class Reader:
    """What MLflow's own client finds."""

    def __init__(self, database: Path) -> None:
        from mlflow.tracking import MlflowClient

        uri = f"sqlite:///{database}"
        self.client: Any = MlflowClient(uri, uri)

    def run(self, name: str) -> Any:
        experiment = self.client.get_experiment_by_name("deepnet-tui")
        (found,) = self.client.search_runs([experiment.experiment_id], f"tags.`deepnet.run` = '{name}'")
        return found

    def curve(self, run: Any, name: str) -> list[tuple[int, float]]:
        return sorted((each.step, each.value) for each in self.client.get_metric_history(run.info.run_id, name))


def test_train_logs_to_mlflow_and_the_model_is_there(run: Runner, database: Path, tmp_path: Path) -> None:
    train = ("train", "moons", "--iterations", "30", "--report-every", "10", "--l2", "0.5", "--export", "model.npz")
    ended = run(*train, "--log-to", f"mlflow:{database}", "--json")
    assert ended.code == 0
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] == "true"
    *reports, end = ended.events
    reader = Reader(database)
    found = reader.run(end["run"])
    for name in ("cost", "validation_cost", "learning_rate"):
        assert reader.curve(found, name) == [(each["iteration"], each[name]) for each in reports]
    assert found.info.status == "FINISHED"
    assert found.data.params["training.l2"] == "0.5"
    assert found.data.params["network.hidden"] == "16,8"
    for part in ("train", "validation"):
        for name, value in end["metrics"][part].items():
            assert found.data.metrics[f"{part}/{name}"] == value
    files = {each.path for each in reader.client.list_artifacts(found.info.run_id)}
    assert files == {"model.npz", "experiment.toml"}
    path = reader.client.download_artifacts(found.info.run_id, "model.npz", str(tmp_path))
    logged, saved = load(path), load(tmp_path / "model.npz")
    for name, values in saved.parameters.items():
        assert np.array_equal(logged.parameters[name], values)


def test_stored_runs_are_read_back(run: Runner, database: Path, tmp_path: Path) -> None:
    make_runs(tmp_path / "home" / "runs", 5)
    run("runs", "name", "last", "two layers")
    run("runs", "note", "last", "too slow\nby far")
    run("runs", "tag", "last", "paper", "base")
    run("runs", "star", "last")
    export = ("runs", "export", "--format", "mlflow", "--output", database)
    assert run(*export).err == f"wrote 5 runs to {database}\n"
    reader = Reader(database)
    records = Store().list()
    for record in records:
        found = reader.run(record.id)
        assert reader.curve(found, "cost") == [(each.iteration, each.cost) for each in record.costs()]
        assert found.info.start_time == 1000 * record.started
        assert found.info.status == STATUS.get(record.state, "KILLED")
        assert found.data.tags["deepnet.state"] == record.state
        assert found.data.tags["deepnet.source"] == record.source
    found = reader.run(records[0].id)
    assert found.info.run_name == "two layers"
    assert found.data.tags["mlflow.note.content"] == "too slow\\nby far"
    assert found.data.tags["tags"] == "paper, base"
    assert found.data.tags["star"] == "yes"
    assert "--overwrite" in run.refused(*export)
    run("runs", "name", "last", "three layers")
    assert run(*export, "--overwrite").code == 0
    assert reader.run(records[0].id).info.run_name == "three layers"


def test_places_that_mlflow_does_not_take_are_refused(run: Runner, tmp_path: Path) -> None:
    said = run.refused("train", "moons", "--log-to", "mlflow:mlruns")
    assert said.startswith("--log-to: MLflow no longer writes to a folder of files like mlruns; give an SQLite file")
    assert "can't use nothing://here with MLflow" in run.refused("train", "moons", "--log-to", "mlflow:nothing://here")
    assert not Store().list()
