"""Scaling the output of a run that has ended: what it does to predictions, the end, states and further training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import LayerSpec, NetworkSpec, Trainer
from engine.spec import SpecError
from engine.storage.state import load, save
from tests.engine.strategies import make_data, small_net, spec

NETWORKS = {
    "binary": small_net(),
    "classes": NetworkSpec(3, (LayerSpec(4),), outputs=3, task="multiclass", initializer="he"),
    "ensemble": NetworkSpec(3, (LayerSpec(4),), outputs=3, task="multiclass", initializer="he", ensemble=3),
    "numbers": NetworkSpec(3, (LayerSpec(4, "tanh"),), task="regression", initializer="he"),
    "single layer of few examples": NetworkSpec(90, (), initializer="he"),
}


def ended(net: NetworkSpec, **changes: Any) -> tuple[Trainer, Any, Any]:
    X, Y = make_data(net, 40 if net.inputs < 90 else 12, 1)
    trainer = Trainer(net, spec(**{"iterations": 20, "report_every": 10, **changes}), X, Y, (X, Y))
    for _ in trainer.run():
        pass
    return trainer, X, Y


@pytest.mark.parametrize("optimizer", ["gd", "adam", "lbfgs"])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_output_layer_and_nothing_else(name: str, optimizer: str) -> None:
    net = NETWORKS[name]
    if optimizer == "lbfgs" and net.ensemble > 1:
        pytest.skip("L-BFGS trains no ensembles")
    trainer, X, Y = ended(net, optimizer=optimizer)
    before, end, iteration = trainer.parameters, trainer.finished(), trainer.iteration
    shift = np.arange(net.outputs) / 4.0
    trainer.scale_output(0.5, shift, "it was halved")
    last = len(net.layers)
    for key, values in trainer.parameters.items():
        factor = 0.5 if key in (f"W{last}", f"b{last}") else 1.0
        added = shift[:, None] if key == f"b{last}" else 0.0
        assert np.allclose(values, factor * before[key] + added, rtol=1e-12, atol=1e-15)
    expected = Trainer(net, spec(optimizer=optimizer), X, Y, parameters=trainer.parameters)
    assert np.allclose(trainer.predict(X), expected.predict(X), rtol=1e-9)
    found: Any = trainer.finished()
    assert end is not None
    assert (found.reason, found.iteration, trainer.iteration) == (end.reason, end.iteration, iteration)
    assert found.output_scaled
    assert found.message.endswith("it was halved")
    assert found.cost == pytest.approx(expected.cost(), rel=1e-9)
    assert trainer.until_report == 0
    assert trainer.report().cost == found.cost


def test_a_state_keeps_it(tmp_path: Path) -> None:
    trainer, X, Y = ended(NETWORKS["ensemble"], internal=0.2)
    trainer.scale_output(2.0)
    save(tmp_path / "state.npz", trainer.state())
    again = Trainer.from_state(load(tmp_path / "state.npz"), X, Y, (X, Y))
    assert again.finished() == trainer.finished()
    assert all(np.array_equal(again.parameters[name], value) for name, value in trainer.parameters.items())


def test_a_run_goes_on_from_there() -> None:
    trainer, X, Y = ended(NETWORKS["binary"])
    trainer.scale_output(2.0)
    other = Trainer(NETWORKS["binary"], spec(iterations=25), X, Y, parameters=trainer.parameters)
    trainer.change(iterations=25)
    assert trainer.finished() is None
    trainer.advance(5)
    other.advance(5)
    assert all(np.allclose(trainer.parameters[name], value, rtol=1e-12) for name, value in other.parameters.items())
    trainer.report()
    found = trainer.finished()
    assert found is not None
    assert not found.output_scaled


def test_what_is_refused() -> None:
    net = NETWORKS["classes"]
    X, Y = make_data(net, 40, 1)
    with pytest.raises(SpecError, match="has ended"):
        Trainer(net, spec(), X, Y).scale_output(2.0)
    trainer, _, _ = ended(net)
    for factor in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(SpecError, match="factor"):
            trainer.scale_output(factor)
    for shift in ([0.0, 0.0], np.nan, [[0.0] * 3]):
        with pytest.raises(SpecError, match="shift"):
            trainer.scale_output(1.0, shift)
