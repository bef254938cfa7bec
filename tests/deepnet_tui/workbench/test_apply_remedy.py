"""A remedy of the doctor is one edit of the workbench."""

from __future__ import annotations

import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.workbench.apply_remedy import apply
from engine.diagnostics.findings import Change, Remedy
from tests.deepnet_tui.workbench.bench import Bench, moons


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
