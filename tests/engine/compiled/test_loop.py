"""The loop: pieces of a run, its description, BLAS threads and interrupts."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine import OPTIMIZERS, LayerSpec, NetworkSpec, Trainer, TrainingSpec, network
from tests.engine.runs import assert_same, make
from tests.engine.strategies import make_data, small_net, spec


def test_advance_in_pieces_is_advance_at_once() -> None:
    whole, pieces = make(), make()
    whole.advance(57)
    for n in (1, 5, 0, 20, 31):
        pieces.advance(n)
    assert whole.iteration == pieces.iteration == 57
    assert_same(whole.parameters, pieces.parameters, 0)


def test_float32_is_kept() -> None:
    trainer = make(dtype="float32", optimizer="adam")
    trainer.advance(20)
    assert {value.dtype for value in trainer.parameters.values()} == {np.dtype(np.float32)}
    X, _ = make_data(trainer.network, 40, 1)
    assert trainer.predict(X).dtype == np.float32
    double = make(optimizer="adam")
    double.advance(20)
    assert_same(double.parameters, trainer.parameters, 1e-3)


def test_describe_lists_the_formulas_of_an_iteration() -> None:
    trainer = make(l2=0.1)
    lines = trainer.describe().splitlines()
    assert lines[0] == "Z1 = [W1|b1] [A0;1]"
    assert "dZ3 = scale (1 - 2Y) / E, which is scale (A - Y)" in lines
    assert lines[-1] == "W = W - rate dW"
    assert {"A1 = tanh(Z1)", "A2 = tanh(Z2)", "dZ1 = dA1 * slope"} <= set(lines)


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_the_description_of_a_large_network_is_short(optimizer: str) -> None:
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


def test_blas_threads_suit_the_work_and_are_restored(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_an_ensemble_keeps_to_one_blas_thread() -> None:
    from threadpoolctl import threadpool_limits

    X, Y = np.random.default_rng(0).normal(size=(100, 400)), np.ones((1, 400))
    hidden = (LayerSpec(200), LayerSpec(200))
    seen = {}
    with threadpool_limits(limits=2, user_api="blas"):
        for ensemble in (1, 2):
            trainer = Trainer(NetworkSpec(100, hidden, ensemble=ensemble), TrainingSpec(), X, Y)
            with trainer._loop.arithmetic():
                seen[ensemble] = blas_threads()
    assert seen == {1: 2, 2: 1}


def test_trainers_in_threads_restore_the_blas_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda trainer: [trainer.advance(20) for _ in range(50)], [make() for _ in range(4)]))
        assert blas_threads() == before


def test_blas_threads_are_set_at_every_advance() -> None:
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
def test_an_interrupt_leaves_a_whole_iteration(settings: dict[str, Any], where: str) -> None:
    """Wherever the interrupt occurs, the iteration is finished or not begun."""
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


def test_inverted_dropout_has_the_same_mean_update() -> None:
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
