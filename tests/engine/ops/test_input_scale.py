"""The learned scales of the inputs: as the textbook form has them, and as scales in front of the network would move."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import NetworkSpec, Trainer, network, reference
from engine.parameters import initialize
from tests.engine.runs import assert_same
from tests.engine.strategies import make_data, networks, small_net, spec

STEPS = 12


@given(
    net=networks(activations=("tanh", "relu", "sigmoid")),
    optimizer=st.sampled_from(("adam", "adamw")),
    times=st.sampled_from((0.5, 12.0, 400.0)),
    more=st.sampled_from(({}, {"l2": 0.3}, {"l1": 0.02}, {"clip_norm": 0.1}, {"schedule": "cosine"})),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=40, deadline=None)
def test_it_is_the_textbook_form(
    net: NetworkSpec, optimizer: str, times: float, more: dict[str, Any], seed: int
) -> None:
    X, Y = make_data(net, 20, 1)
    training = spec(optimizer=optimizer, input_scale_rate=times, seed=seed, iterations=STEPS, **more)
    trainer, parameters = Trainer(net, training, X, Y), initialize(net, seed)
    memory: dict[str, tuple[Any, Any]] = {
        name: (np.zeros_like(value), np.zeros_like(value)) for name, value in parameters.items()
    }
    m = v = np.zeros((1, net.inputs))
    l2 = 0.0 if optimizer == "adamw" else training.l2
    rest = {"beta1": training.momentum, "beta2": training.beta2, "epsilon": training.epsilon}
    for t in range(1, STEPS + 1):
        rate, old = trainer.learning_rate, parameters
        grads = network.gradients(net, old, X, Y, l2, training.l1)
        if training.clip_norm is not None:
            grads = reference.clip_by_norm(grads, training.clip_norm)
        parameters = {}
        for name, value in old.items():
            decay = training.l2 / 20 if optimizer == "adamw" and name[0] == "W" else 0.0
            first, second = memory[name]
            new, *both = reference.adamw(value, grads[f"d{name}"], first, second, t, rate, decay, **rest)
            parameters[name], memory[name] = new, (both[0], both[1])
        parameters["W1"], m, v = reference.scale_inputs(
            parameters["W1"], old["W1"], grads["dW1"], m, v, t, rate, times, **rest
        )
        trainer.advance(1)
    assert_same(trainer.parameters, parameters, 1e-7)


def test_its_gradient_is_that_of_a_scale_on_each_input() -> None:
    net, h = small_net(), 1e-6
    X, Y = make_data(net, 30, 2)
    parameters = initialize(net, 1)
    dW1 = network.gradients(net, parameters, X, Y)["dW1"]
    for column in range(net.inputs):
        costs = []
        for u in (h, -h):
            scaled = X.copy()
            scaled[column] *= np.exp(u)
            costs.append(network.cost(net, parameters, scaled, Y))
        slope = (costs[0] - costs[1]) / (2 * h)
        np.testing.assert_allclose((parameters["W1"] * dW1)[:, column].sum(), slope, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_run_with_scales_resumes_bit_for_bit(members: int, dtype: str) -> None:
    net = replace(small_net(), ensemble=members)
    X, Y = make_data(net, 40, 3)
    training = spec(
        optimizer="adamw", input_scale_rate=12.0, batch_size=8, dtype=dtype, internal=0.25, iterations=60, seed=1
    )
    whole, first = Trainer(net, training, X, Y), Trainer(net, training, X, Y)
    whole.advance(40)
    first.advance(17)
    resumed = Trainer.from_state(first.state(), X, Y)
    resumed.advance(23)
    assert_same(whole.parameters, resumed.parameters, 0)
    for trainer in (whole, resumed):
        list(trainer.run())
    assert_same(whole.parameters, resumed.parameters, 0)


def test_other_optimizers_do_not_read_it() -> None:
    net = small_net()
    X, Y = make_data(net, 20, 5)
    runs = []
    for times in (0.0, 12.0):
        trainer = Trainer(net, spec(optimizer="gd", input_scale_rate=times, iterations=5), X, Y)
        trainer.advance(5)
        runs.append(trainer.parameters)
    assert_same(runs[0], runs[1], 0)
