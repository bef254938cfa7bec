"""The tutorial's functions against the numbers that were published with them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine import LayerSpec, NetworkSpec, Trainer, TrainingSpec, tutorial
from engine.arrays import Array
from engine.network import penalty

PUBLISHED = {
    0: 0.693147179101668,
    100: 0.6913663615472958,
    200: 0.6901428329273512,
    300: 0.6893019578750604,
    400: 0.6887238512106988,
    2700: 0.6874476979055951,
    2800: 0.6874476213206875,
    2900: 0.6874475684872733,
}
PUBLISHED_PARAMETERS = {
    "W1": [
        [0.01788646, 0.00436687, 0.00096225],
        [-0.01863628, -0.00277482, -0.00354674],
        [-0.00082677, -0.00627067, -0.00043808],
        [-0.00476898, -0.01314048, 0.00884857],
    ],
    "b1": [[-2.64082146e-07], [2.72834707e-07], [3.64257323e-07], [1.75856439e-06]],
    "b2": [[2.34080642e-05], [0.0], [-2.81738458e-06], [1.85347160e-05], [8.13445992e-05]],
    "W3": [
        [-0.01244123, -0.00626417, -0.00803766, -0.02419083, -0.00923792],
        [-0.01024285, 0.01123978, -0.00131827, -0.01623289, 0.0064712],
    ],
    "b3": [[0.0], [0.00374547]],
    "W4": [[-0.00356271, -0.01783282]],
    "b4": [[-0.21327127]],
}


def tutorial_data() -> tuple[Array, Array]:
    generator = np.random.RandomState(3)
    generator.randn(44)
    X = generator.randn(3, 150)
    return X, np.array([[generator.randint(0, 2) for _ in range(150)]])


def test_initial_parameters() -> None:
    parameters = tutorial.initialize_parameters_deep(np.array([3, 4, 4, 1]))
    np.testing.assert_allclose(parameters["W1"][0], [0.01788628, 0.0043651, 0.00096497], atol=5e-9)
    np.testing.assert_allclose(parameters["W3"], [[-0.00768836, -0.00230031, 0.00745056, 0.01976111]], atol=5e-9)
    assert parameters["b2"].shape == (4, 1)
    assert not parameters["b2"].any()


def test_the_global_generator_is_left_alone() -> None:
    np.random.seed(11)
    expected = np.random.rand()
    np.random.seed(11)
    tutorial.initialize_parameters_deep([3, 4, 1])
    tutorial.L_layer_model(np.ones((3, 2)), np.ones((1, 2)), [3, 2, 1], num_iterations=2)
    assert np.random.rand() == expected


def test_activations_and_their_backward_functions() -> None:
    A, cache = tutorial.sigmoid([[1, 2, 3], [1, 2, 3]])
    np.testing.assert_allclose(A[1], [0.73105858, 0.88079708, 0.95257413], atol=5e-9)
    np.testing.assert_array_equal(cache, [[1, 2, 3], [1, 2, 3]])
    A, cache = tutorial.relu([[1.0, 0.8, -3.0], [-1.0, 2.0, 0.0]])
    np.testing.assert_array_equal(A, [[1, 0.8, 0], [0, 2, 0]])
    rows = [[1, 2, 3], [1, 2, 3]]
    expected = [0.19661193, 0.20998717, 0.13552998]
    np.testing.assert_allclose(tutorial.sigmoid_backward(rows, rows), [expected, expected], atol=5e-9)
    np.testing.assert_array_equal(
        tutorial.relu_backward(rows, [[1.0, 0.8, -3.0], [-1.0, 2.0, 0.0]]), [[1, 2, 0], [0, 2, 0]]
    )


def test_forward_of_the_course() -> None:
    r = np.random.RandomState(6)
    X = r.randn(5, 4)
    shapes = {"W1": (4, 5), "b1": (4, 1), "W2": (3, 4), "b2": (3, 1), "W3": (1, 3), "b3": (1, 1)}
    AL, caches = tutorial.L_model_forward(X, {name: r.randn(*shape) for name, shape in shapes.items()})
    np.testing.assert_allclose(AL, [[0.03921668, 0.70498921, 0.19734387, 0.04728177]], atol=5e-9)
    assert len(caches) == 3
    (A_prev, W, b), Z = caches[1]
    assert (A_prev.shape, W.shape, b.shape, Z.shape) == ((4, 4), (3, 4), (3, 1), (3, 4))


def test_costs_of_the_course() -> None:
    AL = np.array([[0.8, 0.9, 0.4]])
    assert tutorial.compute_cost(AL, np.array([[1, 1, 1]])) == pytest.approx(0.414931599615397, abs=1e-15)
    assert tutorial.compute_cost(AL, np.array([[1, 1, 0]])) == pytest.approx(0.2797765635793423, abs=1e-15)


def test_certain_predictions_cost_infinity_or_nothing() -> None:
    assert tutorial.compute_cost(np.array([[0.0]]), np.array([[1]])) == np.inf
    assert tutorial.compute_cost(np.array([[1.0, 0.0]]), np.array([[1, 0]])) == 0


def test_backward_starts_from_the_given_probabilities() -> None:
    r = np.random.RandomState(3)
    AL, Y = r.randn(1, 2), np.array([[1, 0]])
    A1, W1, b1, Z1 = r.randn(4, 2), r.randn(3, 4), r.randn(3, 1), r.randn(3, 2)
    A2, W2, b2, Z2 = r.randn(3, 2), r.randn(1, 3), r.randn(1, 1), r.randn(1, 2)
    grads = tutorial.L_model_backward(AL, Y, [((A1, W1, b1), Z1), ((A2, W2, b2), Z2)])
    assert grads["dW1"][0, 0] == pytest.approx(0.41010002, abs=5e-9)
    assert set(grads) == {"dA0", "dA1", "dW1", "dW2", "db1", "db2"}


def test_update_of_the_course() -> None:
    r = np.random.RandomState(2)
    shapes = {"W1": (3, 4), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1)}
    parameters = {name: r.randn(*shape) for name, shape in shapes.items()}
    r = np.random.RandomState(3)
    grads = {f"d{name}": r.randn(*shape) for name, shape in shapes.items()}
    updated = tutorial.update_parameters(parameters, grads, 0.1)
    np.testing.assert_allclose(updated["W1"][0], [-0.59562069, -0.09991781, -2.14584584, 1.82662008], atol=5e-9)


def test_backward_survives_a_certain_and_right_answer() -> None:
    cache = ((np.ones((1, 2)), np.ones((1, 1)), np.zeros((1, 1))), np.array([[800.0, -800.0]]))
    grads = tutorial.L_model_backward(np.array([[1.0, 0.0]]), np.array([[1, 0]]), [cache])
    assert not grads["dW1"].any()


def test_an_unknown_activation_is_named() -> None:
    with pytest.raises(ValueError, match="softmax"):
        tutorial.linear_activation_forward(np.ones((2, 1)), np.ones((1, 2)), np.ones((1, 1)), "softmax")


def test_the_model_gives_the_published_costs_and_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    X, Y = tutorial_data()
    costs: dict[int, float] = {}
    parameters = tutorial.L_layer_model(X, Y, [3, 4, 5, 2, 1], print_cost=True, on_cost=costs.__setitem__)
    for iteration, cost in PUBLISHED.items():
        assert costs[iteration] == pytest.approx(cost, abs=1e-12)
    for name, value in PUBLISHED_PARAMETERS.items():
        np.testing.assert_allclose(parameters[name], value, atol=5e-9, rtol=5e-9)
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 30
    assert printed[1].startswith("Cost after iteration 100: 0.69136636154729")


def test_the_trainer_gives_the_published_costs_and_parameters() -> None:
    X, Y = tutorial_data()
    network = NetworkSpec(3, (LayerSpec(4), LayerSpec(5), LayerSpec(2)))
    trainer = Trainer(network, TrainingSpec(), X, Y)
    costs = {event.iteration: event.cost for event in trainer.run()}
    assert sorted(costs) == list(range(0, 3001, 100))
    for iteration, cost in PUBLISHED.items():
        assert costs[iteration] == pytest.approx(cost, abs=1e-12)
    for name, value in PUBLISHED_PARAMETERS.items():
        np.testing.assert_allclose(trainer.parameters[name], value, atol=5e-9, rtol=5e-9)


@given(
    hidden=st.lists(st.integers(1, 7), max_size=4),
    inputs=st.integers(1, 6),
    m=st.integers(1, 40),
    seed=st.integers(0, 10_000),
)
def test_fast_path_and_tutorial_agree(hidden: list[int], inputs: int, m: int, seed: int) -> None:
    network = NetworkSpec(inputs, tuple(LayerSpec(n) for n in hidden), initializer="he")
    random = np.random.default_rng(seed)
    X, Y = random.normal(size=(inputs, m)), random.integers(0, 2, (1, m))
    trainer = Trainer(network, TrainingSpec(learning_rate=0.05, iterations=25, seed=seed), X, Y)
    parameters = trainer.parameters
    for _ in range(25):
        AL, caches = tutorial.L_model_forward(X, parameters)
        assume(((AL > 1e-6) & (AL < 1 - 1e-6)).all())  # nearer to 0 and 1 the tutorial's own divisions round
        grads = tutorial.L_model_backward(AL, Y, caches)
        parameters = tutorial.update_parameters(parameters, grads, 0.05)
    trainer.advance(25)
    for name, value in parameters.items():
        np.testing.assert_allclose(trainer.parameters[name], value, rtol=1e-9, atol=1e-12)
    AL, _ = tutorial.L_model_forward(X, parameters)
    assert trainer.cost() == pytest.approx(tutorial.compute_cost(AL, Y), rel=1e-9)


def test_the_cost_with_l2_is_that_of_the_course() -> None:
    r = np.random.RandomState(1)
    Y = np.array([[1, 1, 0, 1, 0]])
    W1, b1, W2, b2, W3 = r.randn(2, 3), r.randn(2, 1), r.randn(3, 2), r.randn(3, 1), r.randn(1, 3)
    parameters = {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "W3": W3, "b3": r.randn(1, 1)}
    a3 = np.array([[0.40682402, 0.01629284, 0.16722898, 0.10118111, 0.40682402]])
    network = NetworkSpec(3, (LayerSpec(2), LayerSpec(3)))
    cost = tutorial.compute_cost(a3, Y) + penalty(network, parameters, 0.1, 0.0) / 5
    assert cost == pytest.approx(1.78648594516, abs=1e-8)


def test_with_zeros_the_cost_never_moves() -> None:
    X, Y = tutorial_data()
    Y = np.arange(150)[None, :] % 2
    network = NetworkSpec(3, (LayerSpec(4), LayerSpec(5), LayerSpec(2)), initializer="zeros")
    trainer = Trainer(network, TrainingSpec(), X, Y)
    trainer.advance(500)
    assert trainer.cost() == pytest.approx(0.6931471805599453, abs=1e-15)
    assert not trainer.parameters["W2"].any()
