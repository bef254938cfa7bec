"""A model of an ensemble: its mean, its members, the best of them, and a threshold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.load import load
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.model import Model
from engine import LayerSpec, NetworkSpec, Trainer, TrainingSpec
from tests.deepnet_tui.export.models import ROWS, make
from tests.deepnet_tui.export.test_ensembles import ensemble


@pytest.mark.parametrize("source", ["moons", "iris", "diabetes"])
@pytest.mark.parametrize("internal", [0.0, 0.2])
def test_it_is_the_mean_of_its_members(source: str, internal: float) -> None:
    dataset = load(DataSettings(source=source))
    X, Y = dataset.train.X, dataset.train.Y
    network = NetworkSpec(len(X), (LayerSpec(5, "tanh"),), dataset.outputs, dataset.task, "xavier", ensemble=3)
    trainer = Trainer(network, TrainingSpec(iterations=20, learning_rate=0.1, internal=internal), X, Y)
    trainer.advance(20)
    model = Model.of(dataset, trainer, {"train": {}})
    members = [model.member(k) for k in range(3)]
    assert np.abs(np.mean([one.outputs(X) for one in members], axis=0) - model.outputs(X)).max() < 1e-15
    assert np.abs(model.outputs(X) - trainer.predict(X)).max() < 1e-12
    assert model.best_member == trainer.member_losses().argmin()
    assert [one.network.ensemble for one in members] == [1, 1, 1]
    assert members[0].metrics is None
    for one in members:
        assert one.test_vectors is not None
        assert np.array_equal(one.test_vectors.outputs, one.outputs(one.test_vectors.prepared))


def test_a_single_network_is_its_own_best_member() -> None:
    model = make()
    assert (model.best_member, model.best) == (0, None)
    assert model.member(0) is model


def test_what_is_refused() -> None:
    model = ensemble()
    for k in (-1, 3):
        with pytest.raises(InputError, match="no network number"):
            model.member(k)
        with pytest.raises(InputError, match="no network number"):
            replace(model, best=k)
    with pytest.raises(InputError, match="no network number 0"):
        replace(make(), best=0)
    with pytest.raises(InputError, match="not known"):
        replace(model, best=None).best_member  # noqa: B018
    for shape in ((7, 17), (2, 5, 17), (3, 17, 5)):
        with pytest.raises(InputError, match="W1 has the shape"):
            replace(model, parameters={**model.parameters, "W1": np.zeros(shape)})
    for threshold in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match="from 0 to 1"):
            replace(model, threshold=threshold)
    with pytest.raises(InputError, match="for two classes"):
        replace(make("multiclass"), threshold=0.3)


def test_a_probability_of_the_threshold_is_the_first_class() -> None:
    labels = replace(make(), threshold=0.3).interpret(np.array([[0.3, np.nextafter(0.3, 1), 0.1]])).labels
    assert labels is not None
    assert list(labels) == ["no", "yes", "no"]
    every = replace(make(), threshold=0.0).predict(list(ROWS)).labels
    assert every is not None
    assert set(every) == {"yes"}
