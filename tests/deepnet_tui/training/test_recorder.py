"""Runs of the workbench in the run store."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deepnet_tui.export import load as load_model
from deepnet_tui.runs.store import Store
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.workbench.bench import Bench, moons


def test_runs_are_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    bench = Bench(store)
    workbench = bench.open(moons())
    assert store.list() == []
    workbench.start(1)
    bench.settle()
    workbench.start()
    bench.settle()
    workbench.reset()
    bench.settle()
    workbench.start(5)
    bench.settle()
    workbench.close()
    newest, oldest = store.list()
    assert (oldest.state, oldest.iteration) == ("completed", 300)
    assert [progress.iteration for progress in oldest.costs()] == [0, 100, 200, 300]
    assert newest.state == "stopped"


def test_a_kept_run_holds_its_model(tmp_path: Path) -> None:
    bench = Bench(Store(tmp_path))
    workbench = bench.open(moons())
    workbench.start(150)
    bench.settle()
    (record,) = Store(tmp_path).list()
    paused = load_model(record.folder / "model.npz")
    assert paused.iterations == 150
    assert np.array_equal(paused.parameters["W2"], workbench.model().parameters["W2"])
    workbench.start()
    bench.settle()
    assert load_model(record.folder / "model.npz").iterations == 300
    workbench.close()


@pytest.mark.parametrize("own", [False, True])
def test_given_first_parameters_are_written_at_once(tmp_path: Path, own: bool) -> None:
    from deepnet_tui.data.load import load
    from deepnet_tui.training.recorder import RunRecorder

    store, experiment = Store(tmp_path), moons()
    dataset = load(experiment.data)
    keeper = RunRecorder(store)
    keeper.begin(experiment, dataset, experiment.trainer(dataset), given_parameters=own)
    assert store.open("last").has_checkpoint is own
    keeper.close()


def test_a_kept_run_follows_what_is_changed_meanwhile(tmp_path: Path) -> None:
    store = Store(tmp_path)
    bench = Bench(store)
    workbench = bench.open(moons(iterations=100))
    workbench.start(50)
    bench.settle()
    workbench.edit("training", learning_rate=0.002)
    bench.settle()
    (record,) = store.list()
    assert record.experiment().training.learning_rate == 0.002
    workbench.start()
    bench.settle()
    workbench.edit("training", iterations=250)
    bench.settle()
    assert store.open("last").experiment().training.iterations == 100  # nothing more was trained
    workbench.start()
    bench.settle()
    workbench.close()
    (record,) = store.list()
    assert (record.state, record.iteration) == ("completed", 250)
    assert record.experiment() == workbench.experiment
    assert record.experiment().training.iterations == 250


def test_a_store_that_cant_be_written_stops_nothing(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    bench = Bench(Store(blocked))
    workbench = bench.open(moons())
    workbench.start()
    bench.settle()
    heard = bench.settle() if workbench.state is not State.FINISHED else []
    assert bench.state_is(State.FINISHED), heard
    assert workbench.training_run.warning
    workbench.close()
