"""Back and forth through the snapshots of a run."""

from __future__ import annotations

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.workbench.bench import Bench, moons


def test_a_branch_starts_from_an_earlier_moment(bench: Bench) -> None:
    workbench = bench.open(moons())
    workbench.start()
    bench.settle()
    with pytest.raises(InputError, match="earlier moment"):
        workbench.branch()
    assert bench.state_is(State.FINISHED)


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


def test_every_report_has_a_snapshot_if_norms_are_slow(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
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
