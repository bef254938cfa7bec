"""The workbench without a screen: every state, and what can go wrong in the training thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.experiment import Experiment
from deepnet_tui.runs.store import Store
from deepnet_tui.training.messages import Paused
from deepnet_tui.workbench.edits import live_changes
from deepnet_tui.workbench.state import State
from engine.training.trainer import Trainer
from tests.deepnet_tui.workbench.bench import Bench, moons


def test_opens_with_its_first_parameters_and_cost(bench: Bench) -> None:
    assert bench.workbench.state is State.EMPTY
    workbench = bench.open(moons())
    assert bench.state_is(State.IDLE)
    assert len(workbench.training_run.history) == 1
    shown = workbench.snapshot
    assert shown is not None
    assert list(shown.parameters) == list(workbench.network.shapes)
    assert set(shown.gradient_norms) == {f"d{name}" for name in workbench.network.shapes}


def test_trains_as_the_engine_does(bench: Bench) -> None:
    workbench = bench.open(moons())
    workbench.start()
    assert bench.state_is(State.TRAINING)
    bench.settle()
    assert bench.state_is(State.FINISHED)
    alone = workbench.experiment.trainer(workbench.dataset)
    costs = [event.cost for event in alone.run()][:-1]
    assert workbench.training_run.history.curves().cost.tolist() == costs
    shown = workbench.snapshot
    assert shown is not None
    for name, values in alone.parameters.items():
        assert np.array_equal(shown.parameters[name], values)


def test_steps_and_reports(bench: Bench) -> None:
    workbench = bench.open(moons())
    workbench.start(1)
    bench.settle()
    assert (workbench.iteration, workbench.state) == (1, State.PAUSED)
    workbench.step_to_report()
    bench.settle()
    assert workbench.iteration == 100
    workbench.step_to_report()
    bench.settle()
    assert workbench.iteration == 200
    assert workbench.training_run.history.curves().iteration.tolist() == [0, 1, 100, 200]


def test_pauses_and_goes_on_without_losing_a_step(bench: Bench) -> None:
    workbench = bench.open(moons(iterations=10**9))
    workbench.start()
    workbench.pause()
    assert workbench.state in (State.PAUSING, State.PAUSED)
    bench.settle()
    assert bench.state_is(State.PAUSED)
    first = workbench.iteration
    workbench.start()
    workbench.pause()
    bench.settle()
    assert workbench.iteration >= first
    alone = workbench.experiment.trainer(workbench.dataset)
    alone.advance(workbench.iteration)
    shown = workbench.snapshot
    assert shown is not None
    assert np.array_equal(shown.parameters["W1"], alone.parameters["W1"])


def test_pause_can_be_taken_back(bench: Bench) -> None:
    workbench = bench.open(moons(iterations=5000))
    workbench.start()
    workbench.toggle()
    workbench.toggle()
    while workbench.state is not State.FINISHED:
        workbench.handle(bench.messages.get(timeout=30))
    assert workbench.iteration == 5000


def test_learning_rate_changes_while_training(bench: Bench) -> None:
    workbench = bench.open(moons(iterations=10**9, report_every=10))
    workbench.start()
    assert workbench.edit("training", learning_rate=0.002) == ""
    workbench.edit("training", iterations=20)
    bench.settle()
    trainer = workbench.training_run.trainer
    assert trainer is not None
    assert trainer.training.learning_rate == 0.002
    assert workbench.experiment.training.learning_rate == 0.002


def test_divergence_keeps_the_last_good_parameters(bench: Bench) -> None:
    experiment = Experiment.default("diabetes").replace("training", optimizer="gd", learning_rate=1e6, iterations=500)
    workbench = bench.open(experiment)
    workbench.start()
    bench.settle()
    assert bench.state_is(State.DIVERGED)
    assert "iteration" in workbench.message
    shown = workbench.snapshot
    assert shown is not None
    assert all(np.isfinite(values).all() for values in shown.parameters.values())
    with pytest.raises(InputError, match="diverged"):
        workbench.start()


@pytest.mark.parametrize("kept", [False, True])
def test_a_single_step_that_diverges_says_so(kept: bool, tmp_path: Path) -> None:
    bench = Bench(Store(tmp_path) if kept else None)
    workbench = bench.open(Experiment.default("tutorial").replace("training", learning_rate=1e300))
    workbench.start(1)
    bench.settle()
    assert bench.state_is(State.DIVERGED)
    assert "infinite or not a number at iteration 1" in workbench.message
    assert [item.iteration for item in workbench.training_run.snapshots.items] == [0]
    assert workbench.iteration == 0
    workbench.close()


def test_more_iterations_continue_a_finished_run(bench: Bench) -> None:
    workbench = bench.open(moons(iterations=100))
    workbench.start()
    bench.settle()
    with pytest.raises(InputError, match="finished"):
        workbench.start()
    workbench.edit("training", iterations=250)
    bench.settle()
    assert bench.state_is(State.PAUSED)
    workbench.start()
    bench.settle()
    assert workbench.iteration == 250
    assert workbench.training_run.history.curves().iteration.tolist() == [0, 100, 200, 250]


def test_an_error_in_the_thread_becomes_a_sentence(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    workbench = bench.open(moons())

    def broken(self: Trainer, n: int) -> None:
        raise RuntimeError("the disk of numbers is cracked")

    monkeypatch.setattr(Trainer, "advance", broken)
    workbench.start()
    bench.settle()
    assert bench.state_is(State.FAILED)
    assert workbench.message == "the disk of numbers is cracked"
    monkeypatch.undo()
    workbench.start()
    bench.settle()
    assert bench.state_is(State.FINISHED)


def test_messages_of_another_run_are_dropped(bench: Bench) -> None:
    workbench = bench.open(moons(iterations=10**9))
    workbench.start()
    assert not workbench.handle(Paused("another", 2))
    assert not workbench.handle(Paused(workbench.training_run.id, 1))
    assert bench.state_is(State.TRAINING)


def test_lbfgs_takes_what_it_needs_and_says_so(bench: Bench) -> None:
    workbench = bench.open(Experiment.default("digits"))
    assert workbench.experiment.training.batch_size == 64
    assert "the batch size is full now" in workbench.edit("training", optimizer="lbfgs")
    assert workbench.experiment.training.batch_size is None
    workbench.undo()
    assert workbench.experiment.training.batch_size == 64
    workbench.edit("training", batch_size=32, schedule="cosine")
    workbench.edit("network", ensemble=3, dropout=0.2)
    said = workbench.edit("training", optimizer="lbfgs")
    assert "the batch size is full, there is one network, the schedule is constant, dropout is 0 now" in said
    workbench.undo()
    assert (workbench.experiment.network.ensemble, workbench.experiment.training.batch_size) == (3, 32)
    workbench.edit("training", internal=0.1, patience=12)
    assert "internal is 0, patience is none now" in workbench.edit("training", optimizer="lbfgs")
    assert (workbench.experiment.training.internal, workbench.experiment.training.patience) == (0, None)
    with pytest.raises(InputError, match=r"^batch_size must be full with lbfgs.*, not 32$"):
        workbench.edit("training", batch_size=32)


@pytest.mark.parametrize(
    ("section", "values", "field"),
    [
        ("network", {"hidden": [0]}, "units"),
        ("network", {"hidden": [1_000_000]}, "units"),
        ("training", {"learning_rate": float("nan")}, "learning_rate"),
        ("training", {"learning_rate": -1.0}, "learning_rate"),
        ("training", {"batch_size": 0}, "batch_size"),
        ("network", {"dropout": 1.5}, "dropout"),
    ],
)
def test_a_refused_value_changes_nothing(bench: Bench, section: str, values: dict[str, Any], field: str) -> None:
    workbench = bench.open(moons())
    before = workbench.experiment
    with pytest.raises(InputError) as refusal:
        workbench.edit(section, **values)
    assert refusal.value.field == field
    assert workbench.experiment is before
    with pytest.raises(InputError):
        workbench.undo()


def test_what_can_change_live() -> None:
    start = moons()
    assert live_changes(start, start.replace("training", l2=0.3)) == {"l2": 0.3}
    assert live_changes(start, start.replace("network", dropout=0.3)) == {"dropout": (0.3, 0.3)}
    assert live_changes(start, start.replace("training", optimizer="gd")) is None
    assert live_changes(start, start.replace("network", initializer="zeros")) is None
    assert live_changes(start, start.replace("network", hidden=[16])) is None


def test_architecture_only_changes_at_rest(bench: Bench) -> None:
    workbench = bench.open(moons(iterations=10**9))
    workbench.start()
    with pytest.raises(InputError, match="Pause first"):
        workbench.edit("network", hidden=[3])
    with pytest.raises(InputError, match="Pause first"):
        workbench.reset()
    assert workbench.network.dims == (2, 16, 8, 1)
