"""The trainer: events, batches, optimizers, stopping, changes on the way, and divergence."""

from __future__ import annotations

import math
import time
import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import (
    OPTIMIZERS,
    SCHEDULES,
    DataError,
    Finished,
    LayerSpec,
    NetworkSpec,
    Progress,
    SpecError,
    Trainer,
    TrainingSpec,
    network,
)
from engine.compiled import gram_layer
from engine.compiled.batching import FullBatch, MiniBatch, Streamed

from .strategies import TASKS, make_data, networks, small_net, spec


def make(net: NetworkSpec | None = None, m: int = 40, **settings: Any) -> Trainer:
    net = net or small_net()
    X, Y = make_data(net, m, 1)
    return Trainer(net, spec(**settings), X, Y)


def reference(trainer: Trainer, X: Any, Y: Any, n: int, rate: float, **settings: Any) -> dict[str, Any]:
    """n plain steps of gradient descent with engine.network.backward."""
    parameters = trainer.parameters
    for _ in range(n):
        grads = network.backward(trainer.network, parameters, X, Y, **settings)
        parameters = {name: value - rate * grads[f"d{name}"] for name, value in parameters.items()}
    return parameters


def run(trainer: Trainer) -> tuple[list[Progress], Finished]:
    """The whole run: its reports and its end."""
    events = list(trainer.run())
    assert isinstance(events[-1], Finished)
    return [event for event in events if isinstance(event, Progress)], events[-1]


def assert_same(left: dict[str, Any], right: dict[str, Any], tolerance: float = 1e-10) -> None:
    for name, value in left.items():
        np.testing.assert_allclose(value, right[name], rtol=tolerance, atol=tolerance, err_msg=name)


def test_run_reports_the_cost_before_each_update_and_the_last_of_the_final_parameters() -> None:
    trainer = make(iterations=25)
    events = list(trainer.run())
    assert [event.iteration for event in events[:-1]] == [0, 10, 20, 25]
    last, end = events[-2:]
    assert isinstance(last, Progress)
    assert isinstance(end, Finished)
    assert (end.reason, end.iteration, end.cost) == ("completed", 25, last.cost)
    X, Y = make_data(trainer.network, 40, 1)
    assert last.cost == pytest.approx(network.cost(trainer.network, trainer.parameters, X, Y), rel=1e-12)


def test_no_iterations_at_all_is_a_run_too() -> None:
    assert [type(event) for event in make(iterations=0).run()] == [Progress, Finished]


def test_advance_in_pieces_is_advance_at_once() -> None:
    whole, pieces = make(), make()
    whole.advance(57)
    for n in (1, 5, 0, 20, 31):
        pieces.advance(n)
    assert whole.iteration == pieces.iteration == 57
    assert_same(whole.parameters, pieces.parameters, 0)


def test_parameters_are_copies_and_data_are_never_written_to() -> None:
    net = small_net()
    X, Y = make_data(net, 30, 0)
    X0, Y0 = X.copy(), Y.copy()
    X.flags.writeable = Y.flags.writeable = False
    start = {name: np.ones(shape) for name, shape in net.shapes.items()}
    trainer = Trainer(net, spec(optimizer="adam", batch_size=7), X, Y, (X, Y), start)
    trainer.parameters["W1"][...] = 9
    list(trainer.run())
    np.testing.assert_array_equal(X, X0)
    np.testing.assert_array_equal(Y, Y0)
    assert (start["W1"] == 1).all()
    assert not (trainer.parameters["W1"] == 9).any()


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_every_optimizer_lowers_the_cost(task: str, optimizer: str) -> None:
    rate = {"rmsprop": 0.005, "adam": 0.01, "adamw": 0.01}.get(optimizer, 0.05)
    events, _ = run(make(small_net(task), learning_rate=rate, optimizer=optimizer))
    assert events[-1].cost < 0.99 * events[0].cost


def test_lbfgs_reaches_the_minimum_of_a_convex_problem() -> None:
    net = NetworkSpec(4, (), 2, "regression", "zeros")
    X, Y = make_data(net, 50, 3)
    trainer = Trainer(net, spec(optimizer="lbfgs", iterations=200), X, Y)
    _, end = run(trainer)
    best, *_ = np.linalg.lstsq(np.vstack([X, np.ones(50)]).T, Y.T, rcond=None)
    np.testing.assert_allclose(trainer.parameters["W1"], best[:-1].T, atol=1e-7)
    np.testing.assert_allclose(trainer.parameters["b1"].ravel(), best[-1], atol=1e-7)
    assert end.reason in ("tolerance", "completed")


@given(net=networks(), m=st.integers(2, 30), batch=st.integers(1, 30), seed=st.integers(0, 99))
@settings(max_examples=60)
def test_batches_hold_every_example_once_an_epoch_and_weigh_the_last_one_right(
    net: NetworkSpec, m: int, batch: int, seed: int
) -> None:
    """One epoch by the trainer equals one by hand over the same order, with every dW a mean over its own batch."""
    batch = min(batch, m)
    X, Y = make_data(net, m, seed)
    trainer = Trainer(net, spec(batch_size=batch, seed=seed, learning_rate=0.05), X, Y)
    order = np.random.default_rng(seed).permutation(m)
    parameters = trainer.parameters
    for start in range(0, m, batch):
        chosen = order[start : start + batch]
        grads = network.backward(net, parameters, X[:, chosen], Y[:, chosen])
        parameters = {name: value - 0.05 * grads[f"d{name}"] for name, value in parameters.items()}
    trainer.advance(-(-m // batch))
    assert trainer.epoch == 1
    assert_same(parameters, trainer.parameters, 1e-8)


def test_l2_with_batches_is_the_gradient_of_the_cost_that_is_reported() -> None:
    net = small_net()
    X, Y = make_data(net, 40, 1)
    trainer = Trainer(net, spec(batch_size=40, l2=2.0), X, Y)
    expected = reference(trainer, X, Y, 10, 0.1, l2=2.0)
    trainer.advance(10)
    assert_same(expected, trainer.parameters)
    assert trainer.cost() == pytest.approx(network.cost(net, expected, X, Y, l2=2.0), rel=1e-12)


@pytest.mark.parametrize("batch_size", [None, 8])
def test_weights_count_like_repeated_examples(batch_size: int | None) -> None:
    net = small_net("multiclass")
    X, Y = make_data(net, 12, 4)
    weight = np.array([1, 2, 3, 1, 1, 2, 1, 4, 1, 1, 2, 1])
    repeated = np.repeat(np.arange(12), weight)
    one = Trainer(net, spec(l2=0.5), X, Y, sample_weight=weight)
    other = Trainer(net, spec(l2=0.5), X[:, repeated], Y[:, repeated])
    assert one.cost() == pytest.approx(other.cost(), rel=1e-12)
    one.advance(30)
    other.advance(30)
    assert_same(one.parameters, other.parameters)
    batched = Trainer(net, spec(batch_size=batch_size), X, Y, sample_weight=np.full(12, 7.0))
    plain = Trainer(net, spec(batch_size=batch_size), X, Y)
    batched.advance(9)
    plain.advance(9)
    assert_same(batched.parameters, plain.parameters)


def test_balanced_class_weights_are_those_of_scikit_learn() -> None:
    from sklearn.utils.class_weight import compute_sample_weight

    net = small_net()
    X, Y = make_data(net, 40, 1)
    Y[:, :30] = 0
    weight = compute_sample_weight("balanced", Y[0])
    one = Trainer(net, spec(class_weight="balanced"), X, Y)
    other = Trainer(net, spec(), X, Y, sample_weight=weight)
    one.advance(20)
    other.advance(20)
    assert_same(one.parameters, other.parameters)
    with pytest.raises(SpecError, match="3 values for 2 classes"):
        Trainer(net, spec(class_weight=(1, 2, 3)), X, Y)
    with pytest.raises(SpecError, match="class for each example"):
        Trainer(small_net("regression"), spec(class_weight="balanced"), *make_data(small_net("regression"), 9, 0))


def test_clipping_bounds_the_step() -> None:
    trainer = make(learning_rate=1.0, clip_norm=0.01)
    before = trainer.parameters
    trainer.advance(1)
    moved = math.sqrt(sum(float(np.square(trainer.parameters[name] - before[name]).sum()) for name in before))
    assert moved == pytest.approx(0.01, rel=1e-9)


def test_adamw_decays_the_weights_apart_from_the_gradient() -> None:
    plain, decayed = make(optimizer="adam"), make(optimizer="adamw", l2=4.0)
    before = plain.parameters
    plain.advance(1)
    decayed.advance(1)
    for name, value in plain.parameters.items():
        pull = 0.1 * 4.0 / 40 * before[name] if name.startswith("W") else 0
        np.testing.assert_allclose(decayed.parameters[name], value - pull, atol=1e-12)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", [0.1, 0.1, 0.1]),
        ("step", [0.1, 0.1, 0.05]),
        ("exponential", [0.1, 0.1 * 0.5**0.5, 0.05]),
        ("cosine", [0.1, 0.1 * (1 + math.cos(math.pi / 6)) / 2, 0.1 * (1 + math.cos(math.pi / 3)) / 2]),
    ],
)
def test_schedules(schedule: str, expected: list[float]) -> None:
    trainer = make(schedule=schedule, decay=0.5, decay_every=20)
    rates = []
    for _ in range(3):
        rates.append(trainer.learning_rate)
        trainer.advance(10)
    assert rates == pytest.approx(expected)


def test_a_schedule_is_what_the_updates_use() -> None:
    trainer = make(schedule="step", decay=0.5, decay_every=2, warmup=3)
    X, Y = make_data(trainer.network, 40, 1)
    parameters = trainer.parameters
    for rate in (0.1 / 3, 0.1 * 2 / 3, 0.05, 0.05, 0.025):
        grads = network.backward(trainer.network, parameters, X, Y)
        parameters = {name: value - rate * grads[f"d{name}"] for name, value in parameters.items()}
    trainer.advance(5)
    assert_same(parameters, trainer.parameters)


def test_plateau_lowers_the_rate_when_the_cost_stalls() -> None:
    trainer = make(schedule="plateau", learning_rate=1e-12, decay=0.5, decay_every=20, iterations=60)
    trainer.change(learning_rate=1e-300)
    list(trainer.run())
    assert trainer.learning_rate < 1e-300


def test_every_schedule_trains() -> None:
    for schedule in SCHEDULES:
        events, _ = run(make(schedule=schedule))
        assert events[-1].cost < events[0].cost


def test_dropout_is_off_in_predictions_costs_and_gradients() -> None:
    net = small_net(activation="relu")
    dropped = replace(net, hidden=tuple(replace(layer, dropout=0.5) for layer in net.hidden))
    X, Y = make_data(net, 40, 1)
    plain, noisy = Trainer(net, spec(), X, Y), Trainer(dropped, spec(), X, Y)
    np.testing.assert_array_equal(plain.predict(X), noisy.predict(X))
    assert plain.cost() == noisy.cost()
    plain.advance(3)
    noisy.advance(3)
    assert not np.allclose(plain.parameters["W1"], noisy.parameters["W1"])


def test_dropout_is_inverted_and_its_backward_uses_the_same_mask() -> None:
    """With every hidden unit linear and identical gradients, the mean update over many masks is that without."""
    net = NetworkSpec(3, (LayerSpec(4, "linear", 0.5),), 1, "regression", "xavier")
    X, Y = make_data(net, 10, 0)
    start = Trainer(net, spec(), X, Y).parameters
    moved = np.zeros(4)
    for seed in range(600):
        trainer = Trainer(net, spec(seed=seed, learning_rate=1.0), X, Y, parameters=start)
        trainer.advance(1)
        moved += (trainer.parameters["b1"] - start["b1"]).ravel() / 600
    # E[D_i (sum_j W_j D_j a_j + b - y)] W_i = W_i (sum_j W_j a_j + b - y) + W_i^2 a_i (1/keep - 1)
    values = network.forward(net, start, X)
    error = values["A2"] - Y
    expected = -(start["W2"].T * (error + start["W2"].T * values["A1"])).mean(axis=1)
    np.testing.assert_allclose(moved, expected, atol=4 * np.abs(expected).max() / math.sqrt(600) + 0.02)


def test_patience_brings_the_best_parameters_back() -> None:
    net = small_net()
    X, Y = make_data(net, 40, 1)
    Xv, Yv = make_data(net, 40, 2)
    trainer = Trainer(net, spec(optimizer="adam", iterations=5000, patience=3), X, Y, (Xv, Yv))
    events, end = run(trainer)
    costs = {event.iteration: event.validation_cost or math.nan for event in events}
    assert end.reason == "early_stopping"
    assert end.iteration == min(costs, key=lambda iteration: costs[iteration])
    assert max(costs) == end.iteration + 30
    assert trainer.validation_cost() == pytest.approx(min(costs.values()), rel=1e-12)
    assert str(f"{end.iteration:,}") in end.message


def test_patience_can_watch_the_score() -> None:
    net = small_net()
    X, Y = make_data(net, 40, 1)
    trainer = Trainer(net, spec(iterations=5000, patience=2, monitor="score"), X, Y, make_data(net, 40, 2))
    _, end = run(trainer)
    assert end.reason == "early_stopping"
    assert 0 <= trainer.score("validation") <= 1


def test_other_ends() -> None:
    assert run(make(tolerance=1e9))[1].reason == "tolerance"
    _, end = run(make(epochs=3, batch_size=8, report_every=4))
    assert (end.reason, end.iteration) == ("epochs", 15)
    _, end = run(make(iterations=10**9, report_every=10**9, seconds=0.05))
    assert end.reason == "time"
    assert 0 < end.iteration < 10**9


@pytest.mark.parametrize("optimizer", ["gd", "momentum", "adam"])
@pytest.mark.parametrize("batch_size", [None, 16])
def test_divergence_keeps_the_last_finite_parameters_and_says_when(optimizer: str, batch_size: int | None) -> None:
    net = small_net("regression", "linear")
    X, Y = make_data(net, 40, 1)
    training = spec(optimizer=optimizer, learning_rate=1e60, batch_size=batch_size, report_every=50)
    trainer = Trainer(net, training, X, Y)
    events, end = run(trainer)
    assert end.reason == "diverged"
    assert f"iteration {end.iteration + 1:,}" in end.message
    assert trainer.iteration == end.iteration < 60
    assert math.isfinite(end.cost)
    assert math.isfinite(trainer.cost())
    assert all(np.isfinite(value).all() for value in trainer.parameters.values())
    assert all(math.isfinite(event.cost) for event in events)
    again = Trainer(net, training, X, Y)
    again.advance(end.iteration)
    assert_same(again.parameters, trainer.parameters, 0)
    again.advance(1)
    assert not math.isfinite(again.cost())


def test_another_rate_lets_a_diverged_run_go_on() -> None:
    net = small_net("regression", "linear")
    trainer = Trainer(net, spec(optimizer="momentum", learning_rate=1e60), *make_data(net, 40, 1))
    _, end = run(trainer)
    trainer.change(l2=0.1)
    assert trainer.finished() == end
    trainer.change(learning_rate=1e-3)
    reports, end = run(trainer)
    assert end.reason == "completed"
    assert reports[-1].cost < reports[0].cost


def test_changes_on_the_way() -> None:
    trainer = make(l2=0.0)
    X, Y = make_data(trainer.network, 40, 1)
    trainer.advance(5)
    before = trainer.parameters
    trainer.change(learning_rate=0.02, l2=3.0)
    grads = network.backward(trainer.network, before, X, Y, l2=3.0)
    trainer.advance(1)
    for name, value in trainer.parameters.items():
        np.testing.assert_allclose(value, before[name] - 0.02 * grads[f"d{name}"], atol=1e-13)
    trainer.change(dropout=0.4)
    assert [layer.dropout for layer in trainer.network.hidden] == [0.4, 0.4]
    trainer.advance(5)
    with pytest.raises(SpecError):
        trainer.change(learning_rate=float("nan"))
    assert trainer.training.learning_rate == 0.02


def test_a_completed_run_goes_on_with_more_iterations() -> None:
    trainer, whole = make(iterations=30), make(iterations=60)
    list(trainer.run())
    trainer.change(iterations=60)
    assert trainer.finished() is None
    list(trainer.run())
    list(whole.run())
    assert_same(trainer.parameters, whole.parameters, 0)


def test_assign_replaces_the_parameters() -> None:
    one, other = make(), make(seed=9)
    other.advance(10)
    other.assign(one.parameters)
    assert_same(one.parameters, other.parameters, 0)
    with pytest.raises(DataError, match="W1"):
        one.assign({**one.parameters, "W1": np.ones((2, 2))})


def test_the_cost_of_many_examples_is_that_of_a_fixed_sample() -> None:
    net = NetworkSpec(2, (LayerSpec(3),), initializer="he")
    X, Y = make_data(net, 12_000, 1)
    often, seldom = (Trainer(net, spec(batch_size=100, report_every=every), X, Y) for every in (1, 1000))
    assert often.cost() == seldom.cost()
    chosen = np.random.default_rng(3).permutation(12_000)[:10_000]
    parameters = often.parameters
    assert often.cost() == pytest.approx(network.cost(net, parameters, X[:, chosen], Y[:, chosen]), rel=1e-11)


def test_float32_is_kept() -> None:
    trainer = make(dtype="float32", optimizer="adam")
    trainer.advance(20)
    assert {value.dtype for value in trainer.parameters.values()} == {np.dtype(np.float32)}
    X, _ = make_data(trainer.network, 40, 1)
    assert trainer.predict(X).dtype == np.float32
    double = make(optimizer="adam")
    double.advance(20)
    assert_same(double.parameters, trainer.parameters, 1e-3)


@pytest.mark.parametrize("inputs", [4, 300])
def test_predictions_follow_the_training(inputs: int) -> None:
    net = replace(small_net(), inputs=inputs)
    X, Y = make_data(net, 40, 1)
    trainer = Trainer(net, spec(), X, Y, (X, Y))
    for _ in range(3):
        trainer.advance(10)
        last = network.forward(net, trainer.parameters, X)["A3"]
        np.testing.assert_allclose(trainer.predict(X), last, rtol=1e-12)
        assert trainer.validation_cost() == pytest.approx(trainer.cost(), rel=1e-12)
    trainer.assign({name: np.zeros(shape) for name, shape in net.shapes.items()})
    np.testing.assert_array_equal(trainer.predict(X), 0.5)


def test_predictions_copy_no_parameters() -> None:
    net = NetworkSpec(50, (LayerSpec(2000),), initializer="he")
    X, Y = make_data(net, 5, 1)
    trainer = Trainer(net, spec(), X, Y)
    trainer.predict(X)
    tracemalloc.start()
    trainer.predict(X)
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert highest < net.size * 8 / 10


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("weighted", [False, True])
def test_gradients_are_those_of_the_cost_in_the_dtype_of_the_training(
    dtype: str, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = small_net("multiclass")
    X, Y = make_data(net, 41, 1)
    weight = np.random.default_rng(0).uniform(0.5, 2, 41) if weighted else None
    training = spec(dtype=dtype, l2=0.3, l1=0.1, class_weight=(1.0, 2.0, 3.0) if weighted else None)
    trainer = Trainer(net, training, X, Y, sample_weight=weight)
    expected = network.backward(net, trainer.parameters, X, Y, 0.3, 0.1, trainer._loop.weight)
    monkeypatch.setattr("engine.network.INPUT_ELEMENTS", 60)  # ten examples at a time
    found = trainer.gradients()
    assert {value.dtype for value in found.values()} == {np.dtype(dtype)}
    assert set(found) == {f"d{name}" for name in net.shapes}
    assert_same(found, expected, 1e-12 if dtype == "float64" else 1e-5)


def test_predictions_do_not_depend_on_the_blocks() -> None:
    net = NetworkSpec(3, (LayerSpec(50, "gelu"), LayerSpec(20, "silu")), 2, "regression", "he")
    X, Y = make_data(net, 5000, 0)
    trainer = Trainer(net, spec(), X, Y)
    whole = network.forward(net, trainer.parameters, X)["A3"]
    np.testing.assert_allclose(trainer.predict(X), whole, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(trainer.predict(X[:, :7]), whole[:, :7], rtol=1e-12, atol=1e-13)


# -- the few-examples path, and data too large to copy


def wide_net(**more: Any) -> NetworkSpec:
    return NetworkSpec(300, (LayerSpec(6, "relu"), LayerSpec(3, "tanh")), 1, "binary", "lecun", **more)


@pytest.mark.parametrize("optimizer", ["gd", "momentum", "nesterov"])
@pytest.mark.parametrize("l2", [0.0, 5.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_few_examples_path_equals_the_direct_one(
    optimizer: str, l2: float, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, Y = make_data(wide_net(), 40, 2)
    weight = np.random.default_rng(0).uniform(0.5, 2, 40) if weighted else None
    training = spec(optimizer=optimizer, l2=l2, learning_rate=0.02)
    fast = Trainer(wide_net(), training, X, Y, sample_weight=weight)
    monkeypatch.setattr("engine.compiled.gram_layer.GAIN", 1e9)
    direct = Trainer(wide_net(), training, X, Y, sample_weight=weight)
    assert fast._loop.flat.gram is not None
    assert direct._loop.flat.gram is None
    for _ in range(5):
        assert fast.cost() == pytest.approx(direct.cost(), rel=1e-11)
        assert_same(fast.parameters, direct.parameters, 1e-11)
        fast.advance(60)
        direct.advance(60)
    np.testing.assert_allclose(fast.predict(X), direct.predict(X), atol=1e-11)


@pytest.mark.parametrize(
    ("dims", "m", "iterations", "saves_work"),
    [
        ((12288, 20, 7, 5, 1), 209, 2500, True),
        ((12288, 20, 7, 5, 1), 209, 3, False),
        ((6000, 1), 3000, 30, False),
        ((6000, 1), 3000, 100_000, True),
        ((300, 6, 1), 200, 10**6, False),
    ],
)
def test_the_few_examples_path_is_taken_where_it_pays(
    dims: tuple[int, ...], m: int, iterations: int, saves_work: bool
) -> None:
    net = NetworkSpec(dims[0], tuple(LayerSpec(units) for units in dims[1:-1]))
    assert gram_layer.saves_work(net, spec(iterations=iterations), m) == saves_work
    assert not gram_layer.saves_work(net, spec(iterations=iterations, epochs=1), m)


def test_the_few_examples_path_follows_changes_and_new_parameters() -> None:
    X, Y = make_data(wide_net(), 40, 2)
    trainer = Trainer(wide_net(), spec(l2=1.0, learning_rate=0.02), X, Y)
    trainer.advance(10)
    expected = reference(trainer, X, Y, 10, 0.05, l2=9.0)
    trainer.change(learning_rate=0.05, l2=9.0)
    trainer.advance(10)
    assert_same(expected, trainer.parameters, 1e-11)
    trainer.assign(expected)
    expected = reference(trainer, X, Y, 3, 0.05, l2=9.0)
    trainer.advance(3)
    assert_same(expected, trainer.parameters, 1e-11)


@pytest.mark.parametrize("more", [{"optimizer": "adam"}, {"batch_size": 10}, {"l1": 0.1}, {"clip_norm": 1.0}])
def test_the_few_examples_path_is_not_taken_where_it_would_be_wrong(more: dict[str, Any]) -> None:
    assert Trainer(wide_net(), spec(**more), *make_data(wide_net(), 40, 2))._loop.flat.gram is None


def test_a_full_batch_walked_in_blocks_is_the_whole_one(monkeypatch: pytest.MonkeyPatch) -> None:
    net = small_net("multiclass", "elu")
    X, Y = make_data(net, 101, 1)
    weight = np.random.default_rng(0).uniform(0.5, 2, 101)
    whole = Trainer(net, spec(l2=0.3, optimizer="momentum"), X, Y, sample_weight=weight)
    monkeypatch.setattr("engine.compiled.memory_budget.WHOLE_BYTES", 1)
    monkeypatch.setattr("engine.compiled.batching.BLOCK_BYTES", 40 * 8 * 40)
    blocked = Trainer(net, spec(l2=0.3, optimizer="momentum"), X, Y, sample_weight=weight)
    assert isinstance(whole._loop.batching, FullBatch)
    assert isinstance(blocked._loop.batching, Streamed)
    assert len(blocked._loop.batching.plans) == 2
    for _ in range(3):
        assert blocked.cost() == pytest.approx(whole.cost(), rel=1e-12)
        whole.advance(20)
        blocked.advance(20)
    assert_same(whole.parameters, blocked.parameters, 1e-11)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_full_batch_walked_in_pieces_is_the_whole_one(weighted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    net = small_net("binary", "relu")
    X, Y = make_data(net, 101, 1)
    weight = np.random.default_rng(0).uniform(0.5, 2, 101) if weighted else None
    whole = Trainer(net, spec(l2=0.3, optimizer="momentum"), X, Y, sample_weight=weight)
    monkeypatch.setattr("engine.compiled.batching.CACHE_BYTES", 20 * 8 * 34)
    pieces = Trainer(net, spec(l2=0.3, optimizer="momentum"), X, Y, sample_weight=weight)
    assert isinstance(whole._loop.batching, FullBatch)
    assert isinstance(pieces._loop.batching, FullBatch)
    assert len(whole._loop.batching.plans) == 1
    assert [plan.m for plan in pieces._loop.batching.plans] == [20, 20, 20, 20, 20, 1]
    for _ in range(3):
        assert pieces.cost() == pytest.approx(whole.cost(), rel=1e-12)
        whole.advance(20)
        pieces.advance(20)
    assert_same(whole.parameters, pieces.parameters, 1e-11)


def test_data_on_disk_are_read_not_copied(tmp_path: Any) -> None:
    net = small_net(activation="relu")
    X, Y = make_data(net, 500, 1)
    stored = np.memmap(tmp_path / "rows.bin", np.float64, "w+", shape=(500, 4))
    stored[:] = X.T
    stored.flush()
    rows = np.memmap(tmp_path / "rows.bin", np.float64, "r", shape=(500, 4))
    disk = Trainer(net, spec(batch_size=32), rows.T, Y)
    memory = Trainer(net, spec(batch_size=32), X, Y)
    assert isinstance(disk._loop.batching, MiniBatch)
    assert np.shares_memory(disk._loop.batching.gatherer.rows, rows)
    disk.advance(40)
    memory.advance(40)
    assert_same(disk.parameters, memory.parameters, 0)
    assert disk.cost() == pytest.approx(memory.cost(), rel=1e-12)


def test_the_plan_can_be_read() -> None:
    trainer = make(l2=0.1)
    lines = trainer.describe().splitlines()
    assert lines[0] == "Z1 = [W1|b1] [A0;1]"
    assert "dZ3 = scale (1 - 2Y) / E, which is scale (A - Y)" in lines
    assert lines[-1] == "W = W - rate dW"
    assert {"A1 = tanh(Z1)", "A2 = tanh(Z2)", "dZ1 = dA1 * slope"} <= set(lines)


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_the_description_of_a_large_network_is_as_short_as_that_of_a_small_one(optimizer: str) -> None:
    net = NetworkSpec(784, (LayerSpec(256), LayerSpec(128)), 10, "multiclass", "he")
    settings = {} if optimizer == "lbfgs" else {"batch_size": 10, "l2": 0.1, "l1": 0.1, "clip_norm": 1.0}
    lines = Trainer(net, spec(optimizer=optimizer, **settings), *make_data(net, 20, 0)).describe().splitlines()
    assert len(lines) < 50
    assert lines[-1].startswith("W = W ")
    if optimizer.startswith("adam"):
        assert any("1 - beta1^t" in line for line in lines)


def blas_threads() -> int:
    """Of NumPy's own BLAS; others may have been loaded beside it."""
    from threadpoolctl import threadpool_info

    return next(int(info["num_threads"]) for info in threadpool_info() if "numpy" in info["filepath"])


def test_blas_threads_are_suited_to_the_work_and_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    from threadpoolctl import threadpool_limits

    trainer, other = make(iterations=3), make(iterations=3)
    seen: list[int] = []
    replay = trainer._loop._replay

    def watched(*arguments: Any) -> None:
        other.advance(1)  # a second trainer inside of the first one's advance
        seen.append(blas_threads())
        replay(*arguments)

    monkeypatch.setattr(trainer._loop, "_replay", watched)
    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        trainer.advance(3)
        assert blas_threads() == before
    assert seen == [1]


def test_trainers_in_several_threads_leave_the_threads_of_blas_as_they_were() -> None:
    from concurrent.futures import ThreadPoolExecutor

    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda trainer: [trainer.advance(20) for _ in range(50)], [make() for _ in range(4)]))
        assert blas_threads() == before


# -- ends, changes and divergence in unusual places


def bounded(trainer: Trainer) -> list[Any]:
    """The events of a run that must end by itself."""
    events = []
    for event in trainer.run():
        events.append(event)
        assert len(events) < 100
    return events


def test_a_run_ends_whatever_happened_at_the_limit() -> None:
    trainer = make(iterations=50)
    bounded(trainer)
    trainer.assign(trainer.parameters)
    assert bounded(trainer)[-1].reason == "completed"
    trainer = make(iterations=500)
    for event in trainer.run():
        if event.iteration == 50 and isinstance(event, Progress):
            trainer.change(iterations=50)
    assert trainer.finished() is not None
    assert trainer.iteration == 50
    trainer = make(iterations=500)
    trainer.report()
    trainer.advance(50)
    trainer.report()
    trainer.change(iterations=20)
    assert bounded(trainer)[-1].reason == "completed"


@pytest.mark.parametrize("inputs", [4, 300])
def test_a_divergence_after_the_best_was_brought_back_returns_to_the_best(inputs: int) -> None:
    net = replace(small_net("regression", "linear"), inputs=inputs)
    settings = spec(optimizer="momentum", learning_rate=0.02, iterations=500, patience=2, report_every=2)
    trainer = Trainer(net, settings, *make_data(net, 60, 1), make_data(net, 60, 2))
    _, end = run(trainer)
    assert end.reason == "early_stopping"
    best = trainer.parameters
    trainer.change(iterations=10_000, learning_rate=1e300)
    trainer.advance(2)
    trainer.report()
    diverged = trainer.finished()
    assert diverged is not None
    assert diverged.reason == "diverged"
    assert_same(best, trainer.parameters, 1e-9)


def test_a_change_between_two_reports_is_not_replayed_over_what_came_before() -> None:
    net = small_net("regression", "linear")
    trainer = Trainer(net, spec(learning_rate=0.01, iterations=1000, report_every=100), *make_data(net, 40, 1))
    trainer.report()
    trainer.advance(50)
    good = trainer.parameters
    trainer.change(learning_rate=1e300)
    trainer.advance(50)
    progress = trainer.report()
    assert progress.iteration == 50
    end = trainer.finished()
    assert end is not None
    assert "at iteration 51; the parameters of iteration 50 are kept" in end.message
    assert_same(good, trainer.parameters, 0)


def test_a_cost_that_is_infinite_from_the_start_is_called_so() -> None:
    net = small_net("regression", "linear")
    X, Y = make_data(net, 10, 0)
    with np.errstate(over="ignore"):
        _, end = run(Trainer(net, spec(), X * 1e200, Y))
    assert end.reason == "diverged"
    assert end.message == "the cost is infinite or not a number from the start"


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_after_new_parameters_the_first_step_is_as_long_as_ever(optimizer: str) -> None:
    trainer = make(optimizer=optimizer, learning_rate=0.001, iterations=10**6)
    trainer.advance(5000)
    trainer.assign(make(seed=11).parameters)
    before = trainer.parameters
    trainer.advance(1)
    moved = max(float(np.abs(trainer.parameters[name] - before[name]).max()) for name in before)
    assert moved == pytest.approx(0.001, rel=1e-3)


def test_clipping_survives_squares_that_overflow() -> None:
    net = small_net("regression", "linear")
    X, Y = make_data(net, 20, 0)
    trainer = Trainer(net, spec(dtype="float32", clip_norm=0.1, learning_rate=1.0), X * 1e12, Y * 1e12)
    before = trainer.parameters
    trainer.advance(1)
    squares = sum(np.square(trainer.parameters[name].astype(float) - before[name]).sum() for name in before)
    assert math.sqrt(float(squares)) == pytest.approx(0.1, rel=1e-3)


@pytest.mark.parametrize("layout", ["rows", "columns", "private", "moved"])
def test_every_way_of_reading_from_disk_gives_the_same(layout: str, tmp_path: Any) -> None:
    net = small_net(activation="relu")
    X, Y = make_data(net, 300, 1)
    path = tmp_path / "x.bin"
    np.save(path, X if layout == "columns" else X.T)
    name = f"{path}.npy"
    rows = np.load(name, mmap_mode="c" if layout == "private" else "r")
    if layout == "moved":
        (tmp_path / "x.bin.npy").rename(tmp_path / "elsewhere")
        np.save(path, np.zeros((300, 4)))
    stored = rows if layout == "columns" else rows.T
    disk, memory = (Trainer(net, spec(batch_size=32), data, Y) for data in (stored, X))
    for trainer in (disk, memory):
        trainer.advance(40)
    assert_same(disk.parameters, memory.parameters, 0)
    assert disk.cost() == pytest.approx(memory.cost(), rel=1e-12)
    assert disk.score() == memory.score()


# -- limits, counts and what a change leaves behind


def test_the_time_limit_counts_reports() -> None:
    net = NetworkSpec(20, (LayerSpec(50),), initializer="he")
    held_out = make_data(net, 60_000, 2)
    training = spec(seconds=0.15, report_every=1, iterations=10**9)
    trainer = Trainer(net, training, *make_data(net, 20, 1), held_out)
    started = time.perf_counter()
    _, end = run(trainer)
    assert end.reason == "time"
    assert time.perf_counter() - started < 2
    assert trainer.seconds < 0.15


def test_another_penalty_is_no_reason_to_stop() -> None:
    """Costs before and after a change of l2 can't be compared."""
    trainer = make(iterations=100, tolerance=1e-9, l2=0.0)
    trainer.report()
    trainer.advance(10)
    trainer.change(l2=50.0)
    trainer.report()
    assert trainer.finished() is None
    trainer = make(iterations=200, patience=3, l2=0.0)
    trainer.report()
    trainer.advance(10)
    trainer.report()
    trainer.change(l2=50.0)
    _, end = run(trainer)
    assert end.iteration > 10


@pytest.mark.parametrize("how", ["change", "assign"])
def test_a_new_rate_or_new_parameters_undo_what_a_plateau_took(how: str) -> None:
    trainer = make(schedule="plateau", learning_rate=1e-300, decay=0.1, decay_every=10, iterations=60)
    list(trainer.run())
    assert trainer.learning_rate < 1e-300
    if how == "change":
        trainer.change(learning_rate=0.05, iterations=100)
    else:
        trainer.change(iterations=100)
        trainer.assign(trainer.parameters)
    assert trainer.learning_rate == (0.05 if how == "change" else 1e-300)
    before = trainer.parameters
    X, Y = make_data(trainer.network, 40, 1)
    rate = trainer.learning_rate
    trainer.advance(1)
    grads = network.backward(trainer.network, before, X, Y)
    assert_same({name: value - rate * grads[f"d{name}"] for name, value in before.items()}, trainer.parameters)


def test_lbfgs_at_rest_makes_no_more_iterations() -> None:
    net = NetworkSpec(4, (), 2, "regression", "zeros")
    counts = []
    for piece in (1, 7, 500):
        trainer = Trainer(net, spec(optimizer="lbfgs", iterations=1000), *make_data(net, 50, 3))
        while trainer.until_report or not trainer.finished():
            trainer.report()
            trainer.advance(min(piece, trainer.until_report))
        counts.append(trainer.iteration)
        trainer.advance(5)
        assert trainer.iteration == counts[-1]
        assert trainer.finished().reason == "tolerance"  # type: ignore[union-attr]
    assert len(set(counts)) == 1
    assert run(Trainer(net, spec(optimizer="lbfgs", iterations=1000), *make_data(net, 50, 3)))[1].iteration == counts[0]


def test_blas_threads_are_looked_at_whenever_training_goes_on() -> None:
    from threadpoolctl import threadpool_limits

    trainer = make()
    with threadpool_limits(limits=1, user_api="blas"):
        trainer.advance(3)
    seen = []
    calls = trainer._loop.batching.calls
    assert calls is not None
    calls.append(lambda: seen.append(blas_threads()))
    with threadpool_limits(limits=2, user_api="blas"):
        trainer.advance(1)
        assert blas_threads() == 2
    assert seen == [1]


@pytest.mark.parametrize("settings", [{}, {"optimizer": "adam"}, {"schedule": "cosine", "optimizer": "momentum"}])
@pytest.mark.parametrize("where", ["gradient", "update"])
def test_an_interrupt_leaves_count_and_parameters_of_one_iteration(settings: dict[str, Any], where: str) -> None:
    """Wherever it strikes, the iteration is finished or not begun."""
    trainer, other = make(**settings), make(**settings)
    left = iter([None] * 300)

    def interrupted() -> None:
        if next(left, 1) == 1:
            raise KeyboardInterrupt

    steps = trainer._loop.update.calls
    if where == "gradient":
        gradient = trainer._loop.batching.gradient

        def struck() -> None:
            interrupted()
            gradient()

        if trainer._loop.batching.calls is None or trainer._loop.update.set_scalars or "schedule" in settings:
            trainer._loop.batching.gradient = struck  # type: ignore[method-assign]
        else:
            trainer._loop.batching.calls.insert(0, interrupted)
    else:
        steps.insert(len(steps) // 2, interrupted)
    with pytest.raises(KeyboardInterrupt):
        trainer.advance(10**9)
    assert trainer.iteration in (300, 301)
    assert trainer.seconds > 0
    other.advance(trainer.iteration)
    assert_same(other.parameters, trainer.parameters, 0)


@pytest.mark.parametrize("n", [-3, 2.5, True, "5"])
def test_a_number_of_iterations_is_a_whole_one(n: Any) -> None:
    with pytest.raises(SpecError, match="n must be a whole number from 0"):
        make().advance(n)


def test_dropout_can_be_changed_for_each_layer() -> None:
    network = NetworkSpec(inputs=3, hidden=(LayerSpec(4), LayerSpec(5)), initializer="he")
    random = np.random.default_rng(0)
    X, Y = random.standard_normal((3, 20)), (random.random((1, 20)) < 0.5).astype(float)
    trainer = Trainer(network, TrainingSpec(iterations=20), X, Y)
    trainer.change(dropout=(0.1, 0.4))
    assert [layer.dropout for layer in trainer.network.hidden] == [0.1, 0.4]
    with pytest.raises(SpecError, match="dropout has 3 rates, the network 2 hidden layers"):
        trainer.change(dropout=(0.1, 0.4, 0.2))
    with pytest.raises(SpecError, match="dropout"):
        trainer.change(dropout=(0.1, 1.5))
    trainer.advance(5)
