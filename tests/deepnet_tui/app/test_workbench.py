"""The workbench without a screen: every state, every edit, and what can go wrong in the training thread."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.load import load
from deepnet_tui.evaluate.remedies import apply
from deepnet_tui.experiment import Experiment
from deepnet_tui.export import load as load_model
from deepnet_tui.runs.store import Store
from deepnet_tui.training.edits import live_changes
from deepnet_tui.training.messages import FromWorker, Paused
from deepnet_tui.training.state import State
from deepnet_tui.training.workbench import Workbench
from engine.diagnostics.findings import Change, Remedy
from engine.training.trainer import Trainer


class Bench:
    """A workbench whose messages are taken in by hand."""

    def __init__(self, store: Store | None = None) -> None:
        self.messages: queue.SimpleQueue[FromWorker] = queue.SimpleQueue()
        self.workbench = Workbench(self.messages.put, store)

    def open(self, experiment: Experiment) -> Workbench:
        self.workbench.adopt(experiment, load(experiment.data))
        self.settle()
        return self.workbench

    def state_is(self, state: State) -> bool:
        """A call, because a type checker takes an attribute to stay as it was."""
        return self.workbench.state is state

    def settle(self) -> list[FromWorker]:
        """Take messages in until the present stretch has told how it ended."""
        heard = []
        while True:
            message = self.messages.get(timeout=30)
            heard.append(message)
            if self.workbench.handle(message):
                return heard


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.workbench.close()


def moons(**training: Any) -> Experiment:
    return Experiment.default("moons").replace("training", **({"iterations": 300} | training))


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


def test_undo_of_a_live_edit_reaches_the_trainer(bench: Bench) -> None:
    workbench = bench.open(moons(learning_rate=0.01))
    workbench.edit("training", learning_rate=0.5)
    bench.settle()
    assert workbench.undo() == "learning_rate"
    bench.settle()
    trainer = workbench.training_run.trainer
    assert trainer is not None
    assert trainer.training.learning_rate == 0.01


def test_architecture_only_changes_at_rest(bench: Bench) -> None:
    workbench = bench.open(moons(iterations=10**9))
    workbench.start()
    with pytest.raises(InputError, match="Pause first"):
        workbench.edit("network", hidden=[3])
    with pytest.raises(InputError, match="Pause first"):
        workbench.reset()
    assert workbench.network.dims == (2, 16, 8, 1)


def test_undo_brings_the_trained_network_back(bench: Bench) -> None:
    workbench = bench.open(moons())
    workbench.start()
    bench.settle()
    trained = workbench.snapshot
    assert "anew" in workbench.edit("network", hidden=[3])
    bench.settle()
    assert workbench.network.dims == (2, 3, 1)
    assert bench.state_is(State.IDLE)
    workbench.undo()
    assert workbench.snapshot is trained
    assert bench.state_is(State.FINISHED)
    workbench.redo()
    assert workbench.network.dims == (2, 3, 1)


def test_edits_of_networks_never_trained_cost_no_trained_one(bench: Bench) -> None:
    workbench = bench.open(moons())
    workbench.start()
    bench.settle()
    trained = workbench.snapshot
    for units in range(1, 13):
        workbench.edit("network", hidden=[units])
        bench.settle()
    for _ in range(12):
        workbench.undo()
    assert workbench.snapshot is trained
    assert bench.state_is(State.FINISHED)


def test_undo_without_an_edit_says_so(bench: Bench) -> None:
    workbench = bench.open(moons())
    with pytest.raises(InputError, match="nothing to undo"):
        workbench.undo()
    with pytest.raises(InputError, match="nothing to redo"):
        workbench.redo()


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


def test_a_branch_starts_from_an_earlier_moment(bench: Bench) -> None:
    workbench = bench.open(moons())
    workbench.start()
    bench.settle()
    with pytest.raises(InputError, match="earlier moment"):
        workbench.branch()
    assert bench.state_is(State.FINISHED)


def test_a_finished_run_goes_on_when_the_iterations_are_raised(bench: Bench) -> None:
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


def test_the_time_machine_goes_back_and_forth(bench: Bench) -> None:
    workbench = bench.open(moons())
    workbench.start()
    bench.settle()
    assert workbench.cursor is None
    seen: list[int | None] = []
    for _ in range(5):
        workbench.back()
        seen.append(workbench.cursor)
    assert seen == [200, 100, 0, 0, 0]
    shown = workbench.snapshot
    assert shown is not None
    assert shown.iteration == 0
    for _ in range(4):
        workbench.back(-1)
    assert workbench.cursor is None


def test_a_branch_starts_from_the_snapshot(bench: Bench) -> None:
    workbench = bench.open(moons())
    workbench.start()
    bench.settle()
    workbench.back()
    old = workbench.snapshot
    assert old is not None
    assert workbench.branch() == 200
    bench.settle()
    new = workbench.snapshot
    assert new is not None
    assert workbench.iteration == 0
    assert np.array_equal(new.parameters["W1"], old.parameters["W1"])
    assert new.cost == old.cost


def test_the_model_is_that_of_the_snapshot(bench: Bench) -> None:
    workbench = bench.open(moons())
    workbench.start()
    bench.settle()
    workbench.back(2)
    model, shown = workbench.model(), workbench.snapshot
    assert shown is not None
    assert model.iterations == 100
    assert np.array_equal(model.parameters["W2"], shown.parameters["W2"])


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
def test_first_parameters_that_no_seed_gives_again_are_kept_at_once(tmp_path: Path, own: bool) -> None:
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


def test_lbfgs_gets_all_examples_unless_somebody_chose_a_batch(bench: Bench) -> None:
    workbench = bench.open(Experiment.default("digits"))
    assert workbench.experiment.training.batch_size == 64
    assert "the batch size is full now" in workbench.edit("training", optimizer="lbfgs")
    assert workbench.experiment.training.batch_size is None
    workbench.undo()
    assert workbench.experiment.training.batch_size == 64
    workbench.edit("training", batch_size=32)
    with pytest.raises(InputError, match=r"^batch_size must be full with lbfgs.*, not 32$"):
        workbench.edit("training", optimizer="lbfgs")


def test_what_can_change_live() -> None:
    start = moons()
    assert live_changes(start, start.replace("training", l2=0.3)) == {"l2": 0.3}
    assert live_changes(start, start.replace("network", dropout=0.3)) == {"dropout": (0.3, 0.3)}
    assert live_changes(start, start.replace("training", optimizer="gd")) is None
    assert live_changes(start, start.replace("network", initializer="zeros")) is None
    assert live_changes(start, start.replace("network", hidden=[16])) is None


def test_every_report_leaves_a_snapshot_however_dear_its_gradient(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deepnet_tui.training.run.NORMS_GRACE", -1.0)
    monkeypatch.setattr("deepnet_tui.training.run.NORMS_SHARE", 1e-9)
    workbench = bench.open(moons(report_every=50))
    workbench.start()
    bench.settle()
    assert [item.iteration for item in workbench.training_run.snapshots.items] == [0, 50, 100, 150, 200, 250, 300]
    workbench.back(3)
    shown, trainer = workbench.snapshot, workbench.training_run.trainer
    assert shown is not None
    assert trainer is not None
    assert shown.iteration == 150
    workbench.training_run.add_gradient_norms(shown)
    direct = trainer.gradients(shown.parameters)
    assert shown.gradient_norms == {name: float(np.linalg.norm(values)) for name, values in direct.items()}
    assert not np.array_equal(direct["dW1"], trainer.gradients()["dW1"])


def test_a_remedy_is_one_edit_and_all_or_nothing(bench: Bench) -> None:
    workbench = bench.open(moons(iterations=10**9))
    workbench.start()
    remedy = Remedy(
        (Change("network", "initializer", "he", "xavier"), Change("training", "learning_rate", 0.01, 0.02)), "why", 0
    )
    with pytest.raises(InputError, match="Pause first"):
        apply(workbench, remedy)
    assert workbench.cursor is None
    workbench.pause()
    bench.settle()
    trained, iteration = workbench.training_run, workbench.iteration
    apply(workbench, remedy)
    bench.settle()
    assert workbench.experiment.network.initializer == "xavier"
    assert workbench.experiment.training.learning_rate == 0.02
    assert workbench.iteration == 0
    assert workbench.undo() == "remedy"
    assert workbench.training_run is trained
    assert workbench.iteration == iteration
    assert workbench.experiment == moons(iterations=10**9)


def test_undo_brings_every_layers_own_dropout_back(bench: Bench) -> None:
    experiment = moons()
    layers = [layer.model_dump() | {"dropout": 0.1 * place} for place, layer in enumerate(experiment.network.hidden, 1)]
    workbench = bench.open(experiment.replace("network", hidden=layers))
    workbench.start(5)
    bench.settle()
    trainer = workbench.training_run.trainer
    assert trainer is not None
    workbench.edit("network", dropout=0.5)
    bench.settle()
    assert [layer.dropout for layer in trainer.network.hidden] == [0.5, 0.5]
    workbench.undo()
    bench.settle()
    assert [layer.dropout for layer in trainer.network.hidden] == [0.1, 0.2]
    assert workbench.training_run.trainer is trainer
    assert workbench.iteration == 5
