"""An ensemble on the workbench: every network is what a single one with its seed is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.evaluate.diagnosis import Diagnosis, DiagnosisInput
from deepnet_tui.experiment import Experiment
from deepnet_tui.runs.store import Store
from deepnet_tui.training.snapshots import Snapshot
from deepnet_tui.workbench.state import State
from deepnet_tui.workbench.workbench import Workbench
from engine.diagnostics.rules import diagnose
from engine.parameters import member_seed
from tests.deepnet_tui.workbench.bench import Bench, moons

K = 3
ADAM: dict[str, Any] = {"optimizer": "adam", "learning_rate": 0.01, "l2": 0.1, "batch_size": 64, "report_every": 50}


def ensemble(**training: Any) -> Experiment:
    return moons(**(ADAM | training)).replace("network", ensemble=K)


def alone(experiment: Experiment, k: int) -> Experiment:
    """The experiment of network `k` by itself."""
    seed = member_seed(experiment.training.seed, k)
    return experiment.replace("network", ensemble=1).replace("training", seed=seed)


def shown(workbench: Workbench) -> Snapshot:
    snapshot = workbench.snapshot
    assert snapshot is not None
    return snapshot


def trained(experiment: Experiment, steps: int | None = None) -> Workbench:
    bench = Bench()
    workbench = bench.open(experiment)
    workbench.start(steps)
    bench.settle()
    workbench.close()
    return workbench


@pytest.mark.parametrize("steps", [None, 170])
def test_each_network_is_what_it_would_be_alone(steps: int | None) -> None:
    whole = trained(ensemble(), steps)
    assert len(shown(whole).members) == K
    singles = [trained(alone(whole.experiment, k), steps) for k in range(K)]
    for k, single in enumerate(singles):
        one, other = shown(whole).member(k), shown(single)
        assert one.cost == pytest.approx(other.cost, rel=1e-9)
        for name, values in other.parameters.items():
            np.testing.assert_allclose(one.parameters[name], values, rtol=1e-6, atol=1e-9)
        assert one.gradient_norms == pytest.approx(other.gradient_norms, rel=1e-6)
        assert one.next_update is not None
        assert other.next_update is not None
        assert one.next_update.number == other.next_update.number
        assert one.next_update.examples == other.next_update.examples
        for symbol, named in other.next_update.memory.items():
            for name, values in named.items():
                np.testing.assert_allclose(one.next_update.memory[symbol][name], values, rtol=1e-6, atol=1e-9)
    curves = whole.training_run.history.curves()
    costs = np.array([single.training_run.history.curves().cost for single in singles])
    np.testing.assert_allclose(curves.cost, costs.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(curves.lowest, costs.min(axis=0), rtol=1e-9)
    np.testing.assert_allclose(curves.highest, costs.max(axis=0), rtol=1e-9)
    assert np.isnan(curves.internal_cost).all()


def test_the_doctor_examines_the_network_that_is_shown() -> None:
    whole = trained(ensemble())
    diagnosis = Diagnosis()
    for k in (0, 1, 2):
        assert whole.shown_member == k
        record = diagnosis.record(DiagnosisInput(whole))
        single = Diagnosis().record(DiagnosisInput(trained(alone(whole.experiment, k))))
        assert record.network == single.network
        assert record.now.loss == pytest.approx(single.now.loss, rel=1e-9)
        assert [finding.name for finding in diagnose(record)] == [finding.name for finding in diagnose(single)]
        whole.show_member(1)
    assert whole.shown_member == 0


def test_one_network_alone_has_no_other_to_show(bench: Bench) -> None:
    workbench = bench.open(moons())
    with pytest.raises(InputError, match="only one network"):
        workbench.show_member(1)
    assert workbench.shown_member == 0
    assert shown(workbench).member(0) is shown(workbench)


def test_the_network_shown_stays_while_there_are_as_many(bench: Bench) -> None:
    workbench = bench.open(ensemble())
    workbench.show_member(-1)
    assert workbench.shown_member == 2
    workbench.edit("training", seed=5)
    bench.settle()
    assert workbench.shown_member == 2
    workbench.edit("network", ensemble=2)
    bench.settle()
    assert workbench.shown_member == 0


def test_time_machine_branch_and_undo_keep_all_networks(bench: Bench) -> None:
    workbench = bench.open(ensemble())
    workbench.start()
    bench.settle()
    last = shown(workbench)
    workbench.back(2)
    earlier = shown(workbench)
    assert earlier.iteration == 200
    workbench.training_run.add_gradient_norms(earlier)
    assert all(set(each.gradient_norms) == {f"d{name}" for name in last.parameters} for each in earlier.members)
    assert workbench.branch() == 200
    bench.settle()
    for k in range(K):
        for name, values in earlier.member(k).parameters.items():
            np.testing.assert_array_equal(shown(workbench).member(k).parameters[name], values)
    workbench.undo()
    assert shown(workbench) is last


def test_a_weight_is_changed_in_the_network_that_is_shown_only(bench: Bench) -> None:
    workbench = bench.open(ensemble())
    workbench.show_member(1)
    before = shown(workbench)
    own = {name: np.array(values) for name, values in before.member(1).parameters.items()}
    own["W1"][0, 0] = 7.0
    workbench.set_parameters(own)
    bench.settle()
    after = shown(workbench)
    assert workbench.shown_member == 1
    assert after.parameters["W1"][1, 0, 0] == 7.0
    changed = np.flatnonzero((after.parameters["W1"] != before.parameters["W1"]).any(axis=(1, 2)))
    assert changed.tolist() == [1]
    assert after.member(0).cost == before.member(0).cost
    assert after.member(1).cost != before.member(1).cost


def test_costs_at_the_end_are_those_of_the_parameters_that_were_brought_back() -> None:
    whole = trained(ensemble(internal=0.3, learning_rate=0.3))
    trainer = whole.training_run.trainer
    assert trainer is not None
    assert "best parameters" in whole.message
    assert [each.cost for each in shown(whole).members] == trainer.costs().tolist()
    assert shown(whole).cost == trainer.cost()
    assert np.isfinite(whole.training_run.history.curves().internal_cost).all()


def test_a_kept_run_has_the_costs_of_its_networks(tmp_path: Path) -> None:
    bench = Bench(Store(tmp_path))
    workbench = bench.open(ensemble(internal=0.2))
    workbench.start(120)
    bench.settle()
    workbench.start()
    bench.settle()
    workbench.close()
    assert bench.state_is(State.FINISHED)
    (record,) = Store(tmp_path).list()
    costs = record.costs()
    assert [progress.iteration for progress in costs] == [0, 50, 100, 150, 200, 250, 300]
    for progress in costs:
        assert progress.lowest is not None
        assert progress.highest is not None
        assert progress.internal_cost is not None
        assert progress.lowest < progress.cost < progress.highest
    assert record.about["ensemble"] == K


def test_penalties_are_divided_by_what_each_network_trains_on() -> None:
    """With class weights and internal parts the networks differ in the weight of their examples."""
    whole = trained(ensemble(internal=0.31, class_weight=(1.0, 3.0)), 10)
    trainer = whole.training_run.trainer
    assert trainer is not None
    assert trainer.kept_aside is not None
    weight = np.where(whole.dataset.train.Y[0] > 0.5, 3.0, 1.0)
    totals = [weight.sum() - weight[aside].sum() for aside in trainer.kept_aside]
    assert len(set(totals)) > 1
    found = [each.next_update.examples for each in shown(whole).members if each.next_update is not None]
    assert found == pytest.approx(totals)


def test_an_optimizer_of_one_network_ends_the_ensemble_and_refuses_another(bench: Bench) -> None:
    workbench = bench.open(ensemble(batch_size=None))
    workbench.show_member(2)
    workbench.edit("training", optimizer="lbfgs")
    bench.settle()
    assert workbench.members == 1
    assert workbench.shown_member == 0
    with pytest.raises(InputError, match="one network at a time"):
        workbench.edit("network", ensemble=2)
    workbench.undo()
    assert workbench.members == K
