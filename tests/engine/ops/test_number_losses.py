"""Huber, absolute, quantile and Poisson losses against SciPy, scikit-learn, finite differences and statistics."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special
from sklearn import linear_model, metrics

from engine import LayerSpec, NetworkSpec, SpecError, Trainer, TrainingSpec, check_gradients
from engine import network as passes
from engine.arrays import Array
from engine.checks import DataError
from engine.diagnostics.statistics import base_loss
from engine.ops.losses import LOSSES, losses, output_error
from engine.parameters import initialize, member, member_seed
from engine.storage import state

NAMES = ("huber", "absolute", "quantile", "poisson")


def net(loss: str, hidden: tuple[int, ...] = (5, 3), inputs: int = 3, outputs: int = 1, **more: object) -> NetworkSpec:
    layers = tuple(LayerSpec(units, "tanh") for units in hidden)
    return NetworkSpec(inputs, layers, outputs, "regression", "xavier", loss=loss, **more)  # type: ignore[arg-type]


def data(loss: str, m: int = 60, seed: int = 0, outputs: int = 1) -> tuple[Array, Array]:
    random = np.random.default_rng(seed)
    X = random.normal(size=(3, m))
    Y = X[:outputs] - 0.5 * X[1] + random.standard_t(2, (outputs, m))
    if loss == "poisson":
        counts = random.poisson(np.exp(0.3 * Y.clip(-3, 3)))
        Y = counts / max(counts.mean(), 1e-9)
    return X, Y


def oracle(loss: str, quantile: float, Y: Array, A: Array) -> float:
    """The mean loss as others define it."""
    if loss == "huber":
        return float(special.huber(1.0, A - Y).mean())
    if loss == "absolute":
        return float(metrics.mean_absolute_error(Y[0], A[0]))
    if loss == "quantile":
        return float(metrics.mean_pinball_loss(Y[0], A[0], alpha=quantile))
    return float(metrics.mean_poisson_deviance(Y[0], A[0]) / 2)


@pytest.mark.parametrize("loss", NAMES)
@pytest.mark.parametrize("quantile", [0.05, 0.5, 0.9])
def test_the_cost_is_that_of_scipy_and_scikit_learn(loss: str, quantile: float) -> None:
    network, (X, Y) = net(loss, quantile=quantile), data(loss)
    trainer = Trainer(network, TrainingSpec(learning_rate=0.05), X, Y, validation=(X[:, :20], Y[:, :20]))
    trainer.advance(5)
    assert trainer.cost() == pytest.approx(oracle(loss, quantile, Y, trainer.predict(X)), rel=1e-12)
    assert trainer.validation_cost() == pytest.approx(
        oracle(loss, quantile, Y[:, :20], trainer.predict(X[:, :20])), rel=1e-12
    )
    assert passes.cost(network, trainer.parameters, X, Y) == pytest.approx(trainer.cost(), rel=1e-12)


@given(st.sampled_from(NAMES), st.floats(-20, 20), st.floats(0, 20), st.floats(0.01, 0.99))
def test_the_error_is_the_slope_of_the_loss(loss: str, z: float, y: float, quantile: float) -> None:
    entry = net(loss, quantile=quantile).loss_function
    z = min(z, 5.0) if loss == "poisson" else z
    step = 1e-6 * max(1.0, abs(z))
    near = [np.array([[z + shift]]) for shift in (-step, step)]
    Y = np.array([[y]])
    if entry.side is not None and entry.side(near[0], Y) != entry.side(near[1], Y):
        return
    below, above = (float(losses(entry, Z, Y)[0]) for Z in near)
    Z = np.array([[z]])
    found = float(output_error(entry, Z, passes.output(entry, Z), Y)[0, 0])
    assert found == pytest.approx((above - below) / (near[1] - near[0])[0, 0], rel=1e-5, abs=1e-6)


@given(st.sampled_from(NAMES), st.integers(0, 2**16), st.integers(0, 2))
def test_the_gradient_check_passes(loss: str, seed: int, depth: int) -> None:
    outputs = 1 + seed % 2
    network = net(loss, (4, 3)[:depth], outputs=outputs, quantile=0.8)
    X, Y = data(loss, 12, seed, outputs)
    weight = np.random.default_rng(seed).uniform(0.1, 2, 12)
    found = check_gradients(network, initialize(network, seed), X, Y, l2=0.3, sample_weight=weight)
    assert found.passed or not any(matrix.checked for matrix in found.matrices)


@pytest.mark.parametrize("loss", NAMES)
@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("batch", [None, 16])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_an_update_is_that_of_the_plain_gradient(loss: str, members: int, batch: int | None, dtype: str) -> None:
    network, (X, Y) = net(loss, quantile=0.7, ensemble=members), data(loss)
    training = TrainingSpec(learning_rate=0.1, batch_size=batch, dtype=dtype, shuffle=False)
    trainer = Trainer(network, training, X, Y)
    before = trainer.parameters
    trainer.advance(1)
    used = slice(None) if batch is None else slice(0, batch)
    for k in range(members):
        own = {name: np.asarray(value, np.float64) for name, value in member(before, k).items()}
        gradient = passes.backward(network.member, own, X[:, used], Y[:, used])
        after = member(trainer.parameters, k)
        for name, value in own.items():
            tolerance = 1e-12 if dtype == "float64" else 1e-5
            np.testing.assert_allclose(after[name], value - 0.1 * gradient[f"d{name}"], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("loss", NAMES)
def test_an_ensemble_is_its_members_and_its_cost_theirs(loss: str) -> None:
    X, Y = data(loss)
    training = TrainingSpec(optimizer="adam", learning_rate=0.02, seed=7)
    together = Trainer(net(loss, ensemble=3), training, X, Y, validation=(X, Y))
    together.advance(20)
    alone = []
    for k in range(3):
        alone.append(Trainer(net(loss), TrainingSpec("adam", 0.02, seed=member_seed(7, k)), X, Y))
        alone[-1].advance(20)
        for name, value in member(together.parameters, k).items():
            np.testing.assert_allclose(value, alone[-1].parameters[name], rtol=1e-9, atol=1e-12)
    A = np.mean([trainer.predict(X) for trainer in alone], axis=0)
    np.testing.assert_allclose(together.predict(X), A, rtol=1e-9)
    assert together.cost() == pytest.approx(np.mean([trainer.cost() for trainer in alone]))
    assert together.validation_cost() == pytest.approx(oracle(loss, 0.5, Y, A), rel=1e-9)


def fitted(network: NetworkSpec, X: Array, Y: Array) -> Trainer:
    trainer = Trainer(network, TrainingSpec("lbfgs", iterations=2000, tolerance=1e-14), X, Y)
    trainer.advance(2000)
    return trainer


def test_without_hidden_layers_poisson_is_scikit_learns_regression() -> None:
    X, Y = data("poisson", 200)
    theirs = linear_model.PoissonRegressor(alpha=0, tol=1e-10, max_iter=10_000).fit(X.T, Y[0])
    ours = fitted(net("poisson", ()), X, Y).parameters
    np.testing.assert_allclose(ours["W1"][0], theirs.coef_, atol=1e-5)
    assert ours["b1"][0, 0] == pytest.approx(theirs.intercept_, abs=1e-5)


def test_without_hidden_layers_huber_is_scikit_learns_regression_in_units_of_its_scale() -> None:
    X, Y = data("huber", 200)
    theirs = linear_model.HuberRegressor(epsilon=1.35, alpha=0, tol=1e-10, max_iter=10_000).fit(X.T, Y[0])
    unit = 1.35 * theirs.scale_
    ours = fitted(net("huber", ()), X, Y / unit).parameters
    np.testing.assert_allclose(ours["W1"][0] * unit, theirs.coef_, atol=1e-4)
    assert ours["b1"][0, 0] * unit == pytest.approx(theirs.intercept_, abs=1e-4)


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.8])
def test_without_hidden_layers_quantile_comes_near_scikit_learns_linear_program(quantile: float) -> None:
    X, Y = data("quantile", 200)
    theirs = linear_model.QuantileRegressor(quantile=quantile, alpha=0).fit(X.T, Y[0])
    best = metrics.mean_pinball_loss(Y[0], theirs.predict(X.T), alpha=quantile)
    network = net("quantile", (), quantile=quantile)
    trainer = Trainer(network, TrainingSpec("adam", 0.05, iterations=4000, schedule="cosine"), X, Y)
    trainer.advance(4000)
    assert best - 1e-12 <= trainer.cost() <= best * 1.001
    below = float((trainer.predict(X) > Y).mean())
    assert below == pytest.approx(quantile, abs=0.03)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30), st.floats(0.05, 0.95))
def test_the_best_constant_is_the_statistic_of_each_loss(values: list[float], quantile: float) -> None:
    Y = np.array([values])

    def at(loss: str, z: float) -> float:
        entry = net(loss, quantile=quantile).loss_function
        return float(losses(entry, np.full(Y.shape, z), Y).mean())

    assert base_loss("absolute", Y) == pytest.approx(at("absolute", float(np.median(Y))), rel=1e-9, abs=1e-9)
    entry = net("quantile", quantile=quantile).loss_function
    statistic = float(np.quantile(Y, quantile, method="inverted_cdf"))
    assert base_loss(entry, Y) == pytest.approx(at("quantile", statistic), rel=1e-9, abs=1e-9)
    if Y.mean() > 1e-3:
        assert base_loss("poisson", Y) == pytest.approx(at("poisson", float(np.log(Y.mean()))), rel=1e-9, abs=1e-9)
    found = optimize.minimize_scalar(lambda z: at("huber", z), bounds=(-1, 101), method="bounded")
    assert base_loss("huber", Y) <= found.fun + 1e-9
    assert base_loss("regression", Y) == pytest.approx(float(Y.var() / 2), rel=1e-9, abs=1e-9)


def test_a_far_outlier_moves_the_squared_error_most() -> None:
    Y = np.zeros((1, 100))
    Y[0, 0] = 1000.0
    for loss, most in (("regression", 11.0), ("huber", 0.02), ("absolute", 0.02)):
        network = NetworkSpec(1, (), 1, "regression", loss="default" if loss == "regression" else loss)
        trainer = Trainer(network, TrainingSpec("gd", 0.1, iterations=500), np.zeros((1, 100)), Y)
        trainer.advance(500)
        assert abs(float(trainer.predict(np.zeros((1, 1)))[0, 0])) <= most


@pytest.mark.parametrize("loss", NAMES)
def test_a_run_is_resumed_bit_for_bit(loss: str) -> None:
    X, Y = data(loss)
    whole, half = (Trainer(net(loss), TrainingSpec("adam", 0.02, batch_size=16), X, Y) for _ in range(2))
    whole.advance(30)
    half.advance(11)
    again = Trainer.from_state(half.state(), X, Y)
    assert again.network == half.network
    again.advance(19)
    for name, value in whole.parameters.items():
        np.testing.assert_array_equal(again.parameters[name], value)
    assert state.unpack(again.state()).network.loss == loss


def test_what_does_not_fit_is_refused_in_one_sentence() -> None:
    with pytest.raises(SpecError, match="the loss huber is for numbers; the task binary has two classes") as error:
        NetworkSpec(2, loss="huber")
    assert error.value.field == "loss"
    with pytest.raises(SpecError, match="the loss absolute is for numbers; the task multiclass has classes"):
        NetworkSpec(2, outputs=3, task="multiclass", loss="absolute")
    with pytest.raises(SpecError, match="quantile must be"):
        net("quantile", quantile=1.0)
    with pytest.raises(SpecError, match="loss 'log_cosh' is unknown; choose one of default, huber"):
        net("log_cosh")
    with pytest.raises(DataError, match="Y must hold numbers from 0 for the loss poisson; the lowest is -1"):
        Trainer(net("poisson"), TrainingSpec(), np.zeros((3, 2)), np.array([[1.0, -1.0]]))


def test_the_usual_losses_record_what_they_always_did() -> None:
    for task, outputs in (("binary", 1), ("multiclass", 3), ("regression", 1)):
        assert NetworkSpec(2, (), outputs, task).loss_function is LOSSES[task]
    text = Trainer(NetworkSpec(2, (), 1, "regression"), TrainingSpec(), np.ones((2, 3)), np.ones((1, 3))).describe()
    assert "dZ1 = A1 - Y\ndZ1 = scale dZ1" in text
    text = Trainer(net("huber", ()), TrainingSpec(), np.ones((3, 3)), np.ones((1, 3))).describe()
    assert "dZ1 = A1 - Y\ndZ1 = min(dZ1, 1)\ndZ1 = max(dZ1, -1)\ndZ1 = scale dZ1" in text
