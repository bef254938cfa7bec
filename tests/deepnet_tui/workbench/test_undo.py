"""Every edit can be taken back."""

from __future__ import annotations

import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.workbench.bench import Bench, moons


def test_undo_of_a_live_edit_reaches_the_trainer(bench: Bench) -> None:
    workbench = bench.open(moons(learning_rate=0.01))
    workbench.edit("training", learning_rate=0.5)
    bench.settle()
    assert workbench.undo() == "learning_rate"
    bench.settle()
    trainer = workbench.training_run.trainer
    assert trainer is not None
    assert trainer.training.learning_rate == 0.01


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


def test_untrained_edits_do_not_push_out_a_trained_network(bench: Bench) -> None:
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
