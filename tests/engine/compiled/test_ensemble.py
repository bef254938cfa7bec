"""An ensemble trains each of its networks exactly as a trainer of its own does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import LayerSpec, NetworkSpec, SpecError, Trainer, check_gradients, network
from engine.arrays import Array
from engine.compiled.batching import member_groups
from engine.compiled.batching.full_batch import FullBatch
from engine.compiled.batching.streamed import Streamed
from engine.ops.losses import LOSSES, losses
from engine.parameters import initialize, member, member_seed, stack
from engine.predictor import predict
from engine.training.internal_part import kept_aside
from tests.engine.runs import assert_same
from tests.engine.strategies import make_data, networks, small_net, spec

OPTIMIZERS = ("gd", "momentum", "nesterov", "rmsprop", "adam", "adamw")


def singles(ensemble: Trainer, X: Array, Y: Array, weight: Array | None = None) -> list[Trainer]:
    """A trainer of its own for each member, on the examples that the member does not keep aside."""
    folds = ensemble._loop.kept_aside
    trainers = []
    for k in range(ensemble.network.ensemble):
        rest = np.arange(X.shape[1]) if folds is None else np.delete(np.arange(X.shape[1]), folds[k])
        training = replace(ensemble.training, seed=member_seed(ensemble.training.seed, k), internal=0.0)
        own = None if weight is None else weight[rest]
        trainers.append(Trainer(ensemble.network.member, training, X[:, rest], Y[:, rest], sample_weight=own))
    return trainers


def assert_members_are(ensemble: Trainer, trainers: list[Trainer], tolerance: float) -> None:
    assert_same(ensemble.parameters, stack([trainer.parameters for trainer in trainers]), tolerance)
    np.testing.assert_allclose(ensemble._loop.costs(), [trainer.cost() for trainer in trainers], rtol=tolerance)


@given(
    net=networks(activations=("tanh", "sigmoid", "relu", "gelu", "silu", "elu")),
    members=st.integers(2, 5),
    dropout=st.sampled_from((0.0, 0.3)),
    optimizer=st.sampled_from(OPTIMIZERS),
    batch_size=st.sampled_from((None, 7, 16)),
    schedule=st.sampled_from(("constant", "cosine", "coslog4")),
    penalty=st.sampled_from(
        ({}, {"l2": 0.4}, {"l1": 0.02, "l2": 0.1}, {"clip_norm": 0.5}, {"l2": 0.4, "input_scale_rate": 9.0})
    ),
    weighted=st.booleans(),
    internal=st.sampled_from((0.0, 0.25)),
    group_bytes=st.sampled_from((1, 20_000, 2**20)),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_each_member_does_what_a_trainer_of_its_own_does(
    net: NetworkSpec,
    members: int,
    dropout: float,
    optimizer: str,
    batch_size: int | None,
    schedule: str,
    penalty: dict[str, Any],
    weighted: bool,
    internal: float,
    group_bytes: int,
    seed: int,
) -> None:
    net = replace(net, hidden=tuple(replace(layer, dropout=dropout) for layer in net.hidden), ensemble=members)
    dropped = dropout > 0 and net.hidden
    internal = 0.0 if dropped and not batch_size else internal  # masks have the shape of the examples
    X, Y = make_data(net, 40, 1)
    weight = np.random.default_rng(0).uniform(0.5, 2, 40) if weighted else None
    training = spec(
        optimizer=optimizer,
        batch_size=batch_size,
        schedule=schedule,
        learning_rate=0.002,
        iterations=200,
        seed=seed,
        internal=internal,
        epsilon=1e-3,  # smaller ones turn the rounding of small gradients into steps
        **penalty,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(member_groups, "GROUP_BYTES", group_bytes)
        ensemble = Trainer(net, training, X, Y, sample_weight=weight)
    trainers = singles(ensemble, X, Y, weight)
    assert_members_are(ensemble, trainers, 1e-12)
    for trainer in (ensemble, *trainers):
        trainer.advance(60 if optimizer == "rmsprop" else 200)  # it can enlarge a difference tenfold in six steps
    assert ensemble.epoch == trainers[0].epoch
    # those that divide by the root of the gradients' mean square make more of a difference in their last digits
    tolerances = {"rmsprop": 1e-5, "adam": 1e-9, "adamw": 1e-9}
    assert_members_are(ensemble, trainers, tolerances.get(optimizer, 1e-11))


@pytest.mark.usefixtures("each_path")
@pytest.mark.parametrize("batch_size", [None, 32])
@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_members_stay_the_same_over_hundreds_of_steps(batch_size: int | None, task: str) -> None:
    net = small_net(task, ensemble=5)
    net = replace(net, hidden=tuple(replace(layer, dropout=0.1) for layer in net.hidden))
    X, Y = make_data(net, 90, 1)
    training = spec(optimizer="adamw", batch_size=batch_size, l2=0.1, learning_rate=0.003, iterations=500)
    ensemble = Trainer(net, training, X, Y)
    trainers = singles(ensemble, X, Y)
    for trainer in (ensemble, *trainers):
        trainer.advance(400)
    assert_members_are(ensemble, trainers, 1e-12)


@pytest.mark.parametrize("batch_size", [None, 16])
def test_single_precision_is_kept(batch_size: int | None) -> None:
    net = small_net("multiclass", ensemble=3)
    X, Y = make_data(net, 40, 1)
    training = spec(dtype="float32", optimizer="adam", batch_size=batch_size, internal=0.2, learning_rate=0.01)
    ensemble = Trainer(net, training, X, Y)
    trainers = singles(ensemble, X, Y)
    for trainer in (ensemble, *trainers):
        trainer.advance(50)
    assert {value.dtype for value in ensemble.parameters.values()} == {np.dtype(np.float32)}
    assert ensemble.predict(X).dtype == np.float32
    assert_members_are(ensemble, trainers, 1e-4)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("internal", [0.0, 0.2])
@pytest.mark.parametrize("kind", ["pieces", "streamed"])
def test_a_full_batch_by_parts_trains_like_the_whole_one(
    weighted: bool, internal: float, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = small_net("binary", "relu", ensemble=3)
    X, Y = make_data(net, 101, 1)
    weight = np.random.default_rng(0).uniform(0.5, 2, 101) if weighted else None
    training = spec(l2=0.3, optimizer="momentum", internal=internal)
    whole = Trainer(net, training, X, Y, sample_weight=weight)
    if kind == "pieces":
        monkeypatch.setattr("engine.compiled.batching.full_batch.CACHE_BYTES", 20 * 8 * 34)
    else:
        monkeypatch.setattr("engine.compiled.memory_budget.WHOLE_BYTES", 1)
        monkeypatch.setattr("engine.compiled.batching.streamed.BLOCK_BYTES", 40 * 8 * 34)
    parts = Trainer(net, training, X, Y, sample_weight=weight)
    assert isinstance(parts._loop.batching, FullBatch if kind == "pieces" else Streamed)
    assert len(parts._loop.batching.programs) > 1
    for _ in range(3):
        np.testing.assert_allclose(parts._loop.costs(), whole._loop.costs(), rtol=1e-11)
        whole.advance(20)
        parts.advance(20)
    assert_same(whole.parameters, parts.parameters, 1e-11)


@pytest.mark.parametrize("batch_size", [None, 32])
def test_members_are_computed_in_groups_that_fit_into_the_cache(
    batch_size: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = small_net("multiclass", ensemble=7)
    X, Y = make_data(net, 40, 1)
    training = spec(batch_size=batch_size, optimizer="momentum")
    together = Trainer(net, training, X, Y)
    monkeypatch.setattr(member_groups, "GROUP_BYTES", 3 * 40 * 40 * 8)
    grouped = Trainer(net, training, X, Y)
    monkeypatch.setattr(member_groups, "GROUP_BYTES", 1)
    alone = Trainer(net, training, X, Y)
    first = 32 if batch_size else 0
    found = [trainer._loop.batching.programs[first] for trainer in (together, grouped, alone)]  # type: ignore[attr-defined]
    assert [[last - start for start, last in program.cuts] for program in found] == [[7], [2, 2, 3], [1] * 7]
    assert grouped.describe().count("(this for each of 3 groups of the networks)") == 1
    single = Trainer(net.member, training, X, Y)
    for trainer in (together, grouped, alone, single):
        trainer.advance(50)
    assert_same(together.parameters, grouped.parameters, 1e-12)
    assert_same(together.parameters, alone.parameters, 1e-12)
    assert_same(single.parameters, member(alone.parameters, 0), 0)
    np.testing.assert_allclose(grouped._loop.costs(), together._loop.costs(), rtol=1e-12)


def test_predictions_are_the_mean_of_the_members() -> None:
    for task in ("binary", "multiclass", "regression"):
        net = small_net(task, ensemble=3)
        X, Y = make_data(net, 40, 1)
        trainer = Trainer(net, spec(learning_rate=0.5), X, Y, (X, Y))
        trainer.advance(50)
        each = [network.forward(net.member, member(trainer.parameters, k), X)["A3"] for k in range(3)]
        np.testing.assert_allclose(trainer.predict(X), np.mean(each, axis=0), rtol=1e-12)
        np.testing.assert_allclose(predict(net, trainer.parameters, X), np.mean(each, axis=0), rtol=1e-12)
        A = np.mean(each, axis=0)
        if task == "regression":
            expected = np.square(A - Y).sum(axis=0) / 2
        else:
            expected = -np.log(np.where(Y == 1, A, 1 - A if task == "binary" else 1)).sum(axis=0)
        assert trainer.validation_cost() == pytest.approx(expected.mean(), rel=1e-11)


def test_the_loss_of_averaged_predictions_is_finite() -> None:
    for task in ("binary", "multiclass"):
        pooled = LOSSES[task].pooled
        assert pooled is not None
        Z = np.array([[[800.0, -800.0, 1e300], [-800.0, 800.0, 0.0]], [[800.0, 900.0, -1e300], [3.0, -900.0, 0.0]]])
        for Y in (np.eye(2)[:, [0, 1, 0]], np.eye(2)[:, [1, 0, 1]]):
            assert np.isfinite(losses(task, pooled(Z), Y)).all()


def test_reports_have_the_spread_of_the_costs() -> None:
    net = small_net(ensemble=4)
    X, Y = make_data(net, 40, 1)
    trainer = Trainer(net, spec(l2=0.2), X, Y)
    trainer.advance(10)
    progress = trainer.report()
    costs = [network.cost(net.member, member(trainer.parameters, k), X, Y, 0.2) for k in range(4)]
    found = (progress.lowest, progress.cost, progress.highest)
    assert found == pytest.approx((min(costs), np.mean(costs), max(costs)), rel=1e-12)
    assert trainer.cost() == pytest.approx(np.mean(costs), rel=1e-12)
    single = Trainer(net.member, spec(), X, Y).report()
    assert (single.lowest, single.highest, single.internal_cost) == (None, None, None)


def test_parameters_gradients_and_memory_have_an_axis_for_the_members() -> None:
    net = small_net(ensemble=3)
    X, Y = make_data(net, 40, 1)
    trainer = Trainer(net, spec(optimizer="adam", l2=0.1), X, Y)
    assert net.shapes["W1"] == (3, 6, 4)
    assert net.size == 3 * net.member.size
    assert_same(trainer.parameters, initialize(net, 3), 0)
    assert_same(member(trainer.parameters, 0), initialize(net.member, 3), 0)
    trainer.advance(5)
    memory = trainer.next_update().memory
    for name, shape in net.shapes.items():
        assert (
            trainer.parameters[name].shape == trainer.gradients()[f"d{name}"].shape == memory["M"][name].shape == shape
        )
    expected = network.gradients(net.member, member(trainer.parameters, 1), X, Y, 0.1)
    assert_same(member(trainer.gradients(), 1), expected, 1e-12)
    start = {name: np.full(shape, 0.1) for name, shape in net.shapes.items()}
    trainer.assign(start)
    assert_same(trainer.parameters, start, 0)
    assert trainer.describe().splitlines()[0].startswith("3 networks at once: W1 is (3, n1, n0)")


@pytest.mark.usefixtures("each_path")
def test_settings_can_be_changed_between_iterations() -> None:
    net = small_net(ensemble=2)
    net = replace(net, hidden=tuple(replace(layer, dropout=0.2) for layer in net.hidden))
    X, Y = make_data(net, 40, 1)
    ensemble = Trainer(net, spec(batch_size=16, optimizer="momentum"), X, Y)
    trainers = singles(ensemble, X, Y)
    for trainer in (ensemble, *trainers):
        trainer.advance(10)
        trainer.change(learning_rate=0.03, l2=0.5, dropout=0.4)
        trainer.advance(20)
    assert_members_are(ensemble, trainers, 1e-12)


@given(seed=st.integers(0, 2**32 - 1))
def test_seeds_of_members_differ(seed: int) -> None:
    seeds = [member_seed(seed, k) for k in range(64)]
    assert seeds[0] == seed
    assert len(set(seeds)) == 64
    assert all(0 <= value < 2**32 for value in seeds)
    assert min(abs(a - b) for a in seeds for b in seeds if a != b) > 2**20


def test_what_an_ensemble_cannot_do_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    net = small_net(ensemble=2)
    X, Y = make_data(net, 40, 1)
    with pytest.raises(SpecError, match="lbfgs trains one network at a time; set ensemble to 1"):
        Trainer(net, spec(optimizer="lbfgs"), X, Y)
    with pytest.raises(SpecError, match="the gradient check is for one network"):
        check_gradients(net, initialize(net, 0), X, Y)
    with pytest.raises(SpecError, match="ensemble must be a whole number from 1 to 64, not 65"):
        small_net(ensemble=65)
    monkeypatch.setitem(LOSSES, "binary", replace(LOSSES["binary"], pooled=None))
    with pytest.raises(SpecError, match="predictions of the loss binary can't be averaged"):
        Trainer(net, spec(), X, Y)
    monkeypatch.setattr("engine.compiled.memory_budget.available", lambda: 1e5)
    wide = NetworkSpec(4, (LayerSpec(30),), 2, "multiclass", "he", ensemble=40)
    X, Y = make_data(wide, 40, 1)
    with pytest.raises(
        SpecError, match=r"the 40 networks have 8,480 parameters .* lower the units of its layers, or ens"
    ):
        Trainer(wide, spec(batch_size=1), X, Y)
    Trainer(wide.member, spec(batch_size=1), X, Y)


@pytest.mark.usefixtures("each_path")
def test_one_member_that_diverges_takes_all_back() -> None:
    net = small_net("regression", "linear", ensemble=3)
    X, Y = make_data(net, 40, 1)
    trainer = Trainer(net, spec(learning_rate=1e40, report_every=100, iterations=200), X, Y)
    *_, end = trainer.run()
    assert trainer.finished() == end
    assert trainer.finished() is not None
    assert end.reason == "diverged"
    assert trainer.iteration == end.iteration < 100
    assert np.isfinite(trainer._loop.costs()).all()


def test_the_gram_layer_is_for_one_network() -> None:
    net = NetworkSpec(300, (LayerSpec(6, "relu"),), 1, "binary", "lecun")
    X, Y = make_data(net, 40, 2)
    assert Trainer(net, spec(), X, Y)._loop.flat.gram is not None
    assert Trainer(net, spec(internal=0.2), X, Y)._loop.flat.gram is None
    ensemble = Trainer(replace(net, ensemble=2), spec(), X, Y)
    assert ensemble._loop.flat.gram is None
    trainers = singles(ensemble, X, Y)
    for trainer in (ensemble, *trainers):
        trainer.advance(50)
    assert_members_are(ensemble, trainers, 1e-10)
    assert kept_aside(net, spec(), Y, None) is None
