"""The internal part: which examples each network keeps aside, and the best parameters chosen by them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Finished, NetworkSpec, Progress, SpecError, Trainer, network
from engine.parameters import member
from engine.training.internal_part import FEWEST, kept_aside
from tests.engine.runs import assert_same, run
from tests.engine.strategies import make_data, small_net, spec


def net_for(classes: int, members: int) -> NetworkSpec:
    return NetworkSpec(2, (), classes, "multiclass", ensemble=members)


@given(
    counts=st.lists(st.integers(0, 40), min_size=2, max_size=8),
    members=st.integers(1, 12),
    share=st.floats(0.01, 0.5),
    seed=st.integers(0, 2**32 - 1),
)
def test_folds_are_equal_and_leave_every_class_something(
    counts: list[int], members: int, share: float, seed: int
) -> None:
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    if not labels.size:
        return
    Y, net, training = np.eye(len(counts))[:, labels], net_for(len(counts), members), spec(internal=share, seed=seed)
    folds = kept_aside(net, training, Y, None)
    present = [count for count in counts if count]
    eligible = sum(count for count in present if count >= FEWEST) if len(present) > 1 else sum(present)
    size = math.floor(share * eligible + 1e-9)
    if not size:
        assert folds is None
        return
    assert folds is not None
    assert folds.shape == (members, size)
    for fold in folds:
        assert len(set(fold.tolist())) == size
        rest = np.bincount(np.delete(labels, fold), minlength=len(counts))
        for count, left in zip(counts, rest, strict=True):
            assert left == count if 0 < count < FEWEST and len(present) > 1 else left > 0 or not count
    if members * size <= eligible:
        assert len(np.unique(folds)) == members * size
    if members * size >= eligible + members * members:
        assert len(np.unique(folds)) == eligible
    np.testing.assert_array_equal(folds, kept_aside(net, training, Y, None))


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_folds_hold_every_class_in_its_share(task: str) -> None:
    net = replace(small_net(task), ensemble=5)
    Y = np.zeros((net.outputs, 200))
    Y[0, :40] = 1
    if task == "multiclass":
        Y[1, 40:] = 1
    folds = kept_aside(net, spec(internal=0.2), Y, None)
    assert folds is not None
    assert all(abs(int(Y[0, fold].sum()) - 8) <= 1 for fold in folds)


def test_a_share_that_comes_to_nothing_is_off() -> None:
    net = small_net()
    X, Y = make_data(net, 9, 1)
    off, on = (Trainer(net, spec(internal=share), X, Y) for share in (0.0, 0.1))
    assert on.report().internal_cost is None
    for trainer in (off, on):
        trainer.advance(20)
    assert_same(off.parameters, on.parameters, 0)
    few = net_for(3, 1)
    labels = np.eye(3)[:, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]]
    assert Trainer(few, spec(internal=0.5), np.ones((2, 12)), labels).report().internal_cost is None


def test_weights_must_be_left_on_both_sides() -> None:
    net = small_net(ensemble=3)
    X, Y = make_data(net, 40, 1)
    weight = np.zeros(40)
    weight[:2] = 1
    with pytest.raises(SpecError, match="internal leaves a network without any weight"):
        Trainer(net, spec(internal=0.2), X, Y, sample_weight=weight)
    with pytest.raises(SpecError, match=r"internal must be a finite number at least 0 and at most 0.5"):
        spec(internal=0.6)


def overfitting(members: int = 3, **settings: Any) -> tuple[Trainer, Any]:
    """A run whose internal loss is lowest long before its end."""
    net = small_net("multiclass", ensemble=members)
    X, noise = make_data(net, 60, 1)[0], np.random.default_rng(2).normal(size=(3, 60))
    Y = np.eye(3)[:, (X[:3] + noise).argmax(axis=0)]
    training = spec(internal=0.3, optimizer="adam", learning_rate=0.01, iterations=300, **settings)
    return Trainer(net, training, X, Y), (X, Y)


def losses_of(trainer: Trainer, X: Any, Y: Any) -> list[float]:
    """Each member's loss on its internal part, by the plain forward pass."""
    folds = trainer._loop.kept_aside
    assert folds is not None
    net = trainer.network.member
    each = enumerate(folds)
    return [network.cost(net, member(trainer.parameters, k), X[:, fold], Y[:, fold]) for k, fold in each]


@pytest.mark.parametrize("batch_size", [None, 10])
@pytest.mark.parametrize("members", [1, 3])
def test_each_network_gets_back_its_best_parameters(batch_size: int | None, members: int) -> None:
    trainer, (X, Y) = overfitting(members, batch_size=batch_size)
    twin, _ = overfitting(members, batch_size=batch_size)
    seen: list[tuple[list[float], dict[str, Any]]] = []
    for _ in range(31):
        seen.append((losses_of(twin, X, Y), twin.parameters))  # before the last report brings the best ones back
        progress = twin.report()
        assert progress.internal_cost == pytest.approx(np.mean(seen[-1][0]), rel=1e-12)
        if twin.finished() is None:
            twin.advance(10)
    best = [min(range(31), key=lambda report: seen[report][0][k]) for k in range(members)]
    events, end = run(trainer)
    assert len(events) == 31
    assert min(best) < 30
    for k, report in enumerate(best):
        expected = member(seen[report][1], k)
        assert_same(member(trainer.parameters, k), expected, 1e-12)
    assert losses_of(trainer, X, Y) == pytest.approx([seen[report][0][k] for k, report in enumerate(best)], rel=1e-12)
    assert (end.reason, end.iteration, end.best_iteration) == ("completed", 300, 10 * max(best))
    assert end.cost == pytest.approx(trainer.cost(), rel=1e-12)
    if members == 1:
        assert end.message == (
            f"the parameters of iteration {10 * best[0]} were the best by the internal part and have been brought back"
        )
    else:
        first, last = 10 * min(best), 10 * max(best)
        assert 0 < first < last
        assert (
            end.message
            == f"each network got back its best parameters by its internal part (iterations {first} to {last})"
        )


def test_patience_and_tolerance_monitor_the_internal_part() -> None:
    trainer, (X, Y) = overfitting(patience=3)
    trainer._reports.validation = (X, Y)
    events, end = run(trainer)
    costs = [event.internal_cost for event in events if event.internal_cost is not None]
    assert len(costs) == len(events)
    assert end.reason == "early_stopping"
    assert int(np.argmin(costs)) == len(costs) - 4
    assert trainer._reports.stopping.parameters.size == 0
    tolerant, _ = overfitting(tolerance=0.0)
    events, end = run(tolerant)
    assert end.reason == "tolerance"
    last, before = events[-1].internal_cost, events[-2].internal_cost
    assert last is not None
    assert before is not None
    assert last > before
    by_score, _ = overfitting(patience=2, monitor="score")
    assert run(by_score)[1].reason == "early_stopping"


def test_an_ended_run_goes_on_from_the_best_parameters() -> None:
    trainer, (X, Y) = overfitting()
    list(trainer.run())
    best = losses_of(trainer, X, Y)
    trainer.change(iterations=400)
    assert trainer.finished() is None
    events, end = run(trainer)
    assert events[-1].iteration == 400
    assert all(after <= before + 1e-12 for after, before in zip(losses_of(trainer, X, Y), best, strict=True))
    assert end.reason == "completed"
    trainer.assign({name: np.zeros(shape) for name, shape in trainer.network.shapes.items()})
    trainer.change(iterations=401)
    list(trainer.run())
    assert min(losses_of(trainer, X, Y)) > min(best)


def test_parameters_given_at_the_end_are_kept() -> None:
    """Nothing is known of them yet, so nothing that was better can be brought back."""
    trainer, _ = overfitting()
    list(trainer.run())
    given = {name: np.full(shape, 0.1) for name, shape in trainer.network.shapes.items()}
    trainer.assign(given)
    end = run(trainer)[1]
    assert (end.iteration, end.best_iteration, end.message) == (300, None, "")
    assert_same(trainer.parameters, given, 0)


def test_a_diverged_run_keeps_its_last_good_parameters() -> None:
    net = small_net("regression", "linear", ensemble=2)
    X, Y = make_data(net, 40, 1)
    trainer = Trainer(net, spec(learning_rate=1e40, report_every=100, iterations=200, internal=0.2), X, Y)
    end = run(trainer)[1]
    assert end.reason == "diverged"
    assert trainer.iteration == end.iteration
    assert np.isfinite(trainer.predict(X)).all()
    assert "best" not in end.message


@pytest.mark.parametrize("batch_size", [None, 8])
def test_predictions_out_of_fold_are_those_of_the_networks_that_kept_the_example_aside(batch_size: int | None) -> None:
    trainer, (X, _) = overfitting(3, batch_size=batch_size)
    trainer.advance(30)
    found, folds = trainer.internal_predictions(), trainer._loop.kept_aside
    assert folds is not None
    each = [network.forward(trainer.network.member, member(trainer.parameters, k), X)["A3"] for k in range(3)]
    for example in range(60):
        among = [each[k][:, example] for k in range(3) if example in folds[k]]
        expected = np.mean(among, axis=0) if among else np.full(3, np.nan)
        np.testing.assert_allclose(found[:, example], expected, rtol=1e-12)
    assert 0 < np.isnan(found[0]).sum() < 60
    net = small_net()
    assert np.isnan(Trainer(net, spec(), *make_data(net, 20, 1)).internal_predictions()).all()


def test_one_network_trains_on_the_rest_only() -> None:
    net = small_net()
    X, Y = make_data(net, 50, 1)
    for batch_size in (None, 7):
        trainer = Trainer(net, spec(internal=0.3, batch_size=batch_size, l2=0.2), X, Y)
        assert trainer._loop.kept_aside is not None
        rest = np.delete(np.arange(50), trainer._loop.kept_aside[0])
        alone = Trainer(net, spec(batch_size=batch_size, l2=0.2), X[:, rest], Y[:, rest])
        assert trainer.cost() == pytest.approx(alone.cost(), rel=1e-12)
        assert_same(trainer.gradients(), alone.gradients(), 1e-12)
        for one in (trainer, alone):
            one.advance(40)
        assert trainer.epoch == alone.epoch
        assert_same(trainer.parameters, alone.parameters, 1e-12)


def test_lbfgs_can_keep_examples_aside() -> None:
    net = small_net()
    X, Y = make_data(net, 50, 1)
    events = list(Trainer(net, spec(internal=0.3, optimizer="lbfgs", report_every=1), X, Y).run())
    end = events[-1]
    assert isinstance(end, Finished)
    costs = [event.internal_cost for event in events if isinstance(event, Progress)]
    best = int(np.argmin(np.array(costs, float)))
    assert end.best_iteration == (best if best < end.iteration else None)
