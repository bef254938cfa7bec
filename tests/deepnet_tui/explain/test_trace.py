"""Every number in a trace is that of the engine."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from deepnet_tui.explain.operation import Operation
from deepnet_tui.explain.trace import Trace, trace
from engine import ACTIVATIONS, LayerSpec, NetworkSpec, TrainingSpec, tutorial
from engine.arrays import Array
from engine.network import backward, cost
from engine.ops.losses import LOSSES
from engine.parameters import initialize
from engine.training.trainer import Trainer
from tests.deepnet_tui.explain.networks import Case, case
from tests.deepnet_tui.explain.reference import G, reference

TUTORIAL = ("relu",)


def traced(a: Case) -> Trace:
    return trace(a.network, a.parameters, a.X, a.Y, a.rate, a.l2, a.l1)


def formulas(a: Case, of: float | None = None, weight: Array | None = None) -> dict[str, Array]:
    network = a.network
    activations = [layer.activation for layer in network.hidden]
    given = (a.parameters, a.X, a.Y, a.l2, a.l1, of, weight)
    return reference(activations, network.task, *given, network.loss, network.quantile)


def equal(found: Array, expected: Array) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * float(np.abs(expected).max(initial=1e-300)))


@pytest.mark.parametrize("number", range(50))
@pytest.mark.parametrize("of", [None, 320.0])
def test_every_matrix_matches_its_formula(number: int, of: float | None) -> None:
    a = case(number)
    expected = formulas(a, of=of)
    for name, parameter in a.parameters.items():
        expected[f"{name}_new"] = parameter - a.rate * expected[f"d{name}"]
    given = a.parameters | {"A0": a.X, "Y": a.Y}
    seen = set()
    for operation in trace(a.network, a.parameters, a.X, a.Y, a.rate, a.l2, a.l1, of).operations:
        name = operation.out.name
        for operand in operation.operands:
            assert operand.name in given or operand.name in seen, f"{name} uses {operand.name} before it is made"
            if operand.name in given:
                np.testing.assert_array_equal(operand.values, given[operand.name])
        seen.add(name)
        if name == f"dA{len(a.network.layers)}":
            A = expected[f"A{len(a.network.layers)}"]
            expected[name] = (A - a.Y) / (A * (1 - A))
        equal(operation.out.values, expected[name])
    assert seen >= set(expected) - {"A0"} - ({"penalty"} if not (a.l2 or a.l1) else set())


def test_the_networks_cover_all_activations_and_losses() -> None:
    cases = [case(number) for number in range(50)]
    assert {layer.activation for a in cases for layer in a.network.hidden} == set(ACTIVATIONS) == set(G)
    assert {a.network.loss_name for a in cases} == set(LOSSES)
    assert {(bool(a.l2), bool(a.l1)) for a in cases} == {(False, False), (True, False), (False, True), (True, True)}


@pytest.mark.parametrize("number", range(50))
def test_example_weights_match_the_formula(number: int) -> None:
    a = case(number)
    weight: Array = np.random.default_rng(number).uniform(0.1, 3, (a.X.shape[1],))
    expected = formulas(a, weight=weight)
    for name, values in backward(a.network, a.parameters, a.X, a.Y, a.l2, a.l1, weight).items():
        equal(values, expected[name])
    found = cost(a.network, a.parameters, a.X, a.Y, a.l2, a.l1, weight)
    assert found == pytest.approx(expected["J"].item(), rel=1e-12)


@pytest.mark.parametrize("number", range(50))
def test_every_matrix_matches_the_tutorial(number: int) -> None:
    a = case(number, "binary", TUTORIAL)
    AL, caches = tutorial.L_model_forward(a.X, a.parameters)
    expected = dict(tutorial.L_model_backward(AL, a.Y, caches))
    for layer, ((A_prev, W, b), Z) in enumerate(caches, start=1):
        expected |= {f"A{layer - 1}": A_prev, f"W{layer}": W, f"b{layer}": b, f"Z{layer}": Z}
    last = len(caches)
    expected |= {f"A{last}": AL, f"dA{last}": -(a.Y / AL - (1 - a.Y) / (1 - AL))}
    for layer, (_, Z) in enumerate(caches, start=1):
        back = tutorial.sigmoid_backward if layer == last else tutorial.relu_backward
        expected[f"dZ{layer}"] = back(expected[f"dA{layer}"], Z)
    expected["J"] = np.array([[tutorial.compute_cost(AL, a.Y)]])
    updated = tutorial.update_parameters(dict(a.parameters), expected, a.rate)
    expected |= {f"{name}_new": values for name, values in updated.items()}
    for operation in trace(a.network, a.parameters, a.X, a.Y, a.rate).operations:
        if operation.kind != "loss":
            equal(operation.out.values, expected.pop(operation.out.name))
        assert hasattr(tutorial, operation.tutorial), operation.out.name
    left = {name for name in expected if name[0] not in "WbA"}
    assert not left, f"the tutorial makes {left}, which is never shown"


def test_the_update_matches_the_trainer() -> None:
    a = case(7, "binary")
    trainer = Trainer(
        a.network,
        TrainingSpec(learning_rate=a.rate, l2=0.3),
        a.X,
        a.Y,
        parameters=dict(a.parameters),
    )
    trainer.advance(1)
    steps = trace(a.network, a.parameters, a.X, a.Y, a.rate, 0.3)
    for name, values in trainer.parameters.items():
        equal(steps.find(f"{name}_new").out.values, values)


def test_operations_are_in_the_order_of_the_tutorial() -> None:
    names = [operation.out.name for operation in traced(case(12, "binary", TUTORIAL)).operations]
    assert names[:8] == ["Z1", "A1", "Z2", "A2", "Z3", "A3", "loss", "J"]
    assert names[8:12] == ["dA3", "dZ3", "dW3", "db3"]
    assert names[12:20] == ["dA2", "dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1"]
    assert names[20:] == ["dA0", "W1_new", "b1_new", "W2_new", "b2_new", "W3_new", "b3_new"]


def evaluated(text: str) -> float:
    """What the written arithmetic comes to."""
    text = re.sub(r"… \d+ more: (\([^)]*\)|\S+) …", r"(\1)", text)
    text = re.sub(r"\([zZ] [>≤] 0\)| since .*", "", text)
    text = text.replace("²", "**2").replace("×", "*").replace("^", "**")
    text = re.sub(r"√([^\s()]+)", r"√(\1)", text).replace("√", "sqrt")
    text = re.sub(r"\)\s*\(", ")*(", text)
    names = {name: getattr(math, name) for name in ("e", "log", "sqrt", "tanh")}
    names |= {"max": max, "min": min, "sign": np.sign}
    # The text is this package's own arithmetic on random numbers.
    return float(eval(text, {"__builtins__": {}}, names))  # noqa: S307


@pytest.mark.parametrize("number", range(50))
def test_the_arithmetic_gives_the_result(number: int) -> None:
    if number % 5 == 0:
        number += 50  # more than one layer
    for operation in traced(case(number)).operations:
        for row, column in np.ndindex(*operation.out.shape):
            check_arithmetic(operation, row, column)


def check_arithmetic(operation: Operation, row: int, column: int) -> None:
    value = operation.value(row, column)
    parts = operation.parts(row, column)
    assert all(part.value == operation.operands[part.operand].values[part.row, part.column] for part in parts)
    scale = max([abs(value), *(abs(part.value) for part in parts)])
    for most in (4, 6, 1000):
        text = operation.numbers(row, column, most)
        name, arithmetic, result = text.split(" = ") if text.count(" = ") == 2 else (text, "", "")
        assert name == operation.entry(row, column)
        assert evaluated(result) == pytest.approx(value, rel=1e-3, abs=1e-300)
        if re.search(r"(silu|gelu)\(", arithmetic):
            continue
        rounding = 2e-3 * max(1.0, scale, scale**2) * max(1, len(parts))
        assert evaluated(arithmetic) == pytest.approx(value, abs=rounding, rel=2e-3)


@pytest.mark.parametrize("number", range(50))
def test_the_parts_give_the_entry(number: int) -> None:
    a = case(number)
    m = a.X.shape[1]
    for operation in traced(a).operations:
        for row, column in np.ndindex(*operation.out.shape):
            values: list[list[float]] = [[] for _ in operation.operands]
            for part in operation.parts(row, column):
                values[part.operand].append(part.value)
            arrays = [np.array(found) for found in values]
            made = None
            if operation.kind == "Z":
                made = arrays[0] @ arrays[1] + arrays[2][0]
            elif operation.kind == "dW":
                made = arrays[0] @ arrays[1] / m
                if len(arrays) == 3:
                    made += (a.l2 * arrays[2][0] + a.l1 * np.sign(arrays[2][0])) / m
            elif operation.kind == "db":
                made = arrays[0].sum() / m
            elif operation.kind == "dA" and operation.operands[0].name != "Y":
                made = arrays[0] @ arrays[1]
            elif operation.kind in ("W", "b"):
                made = arrays[0][0] - a.rate * arrays[1][0]
            elif operation.kind == "cost":
                made = arrays[0].mean() + (arrays[1][0] if len(arrays) == 2 else 0.0)
            elif operation.kind == "penalty":
                weights = np.concatenate(arrays)
                made = (a.l2 / 2 * (weights**2).sum() + a.l1 * np.abs(weights).sum()) / m
            if made is not None:
                assert operation.value(row, column) == pytest.approx(float(made), rel=1e-9, abs=1e-12)


def test_a_long_sum_is_shortened_in_the_middle() -> None:
    network = NetworkSpec(50, (), 1, "regression", "he")
    parameters = initialize(network, 1)
    steps = trace(network, parameters, np.ones((50, 1)), np.zeros((1, 1)), 0.1)
    assert "… 46 more: " in (text := steps[0].numbers(0, 0)), text
    assert len(text) < 150
    assert len(steps[0].parts(0, 0)) == 101


def test_every_entry_can_be_traced_to_the_inputs() -> None:
    a = case(9, "binary")
    steps = traced(a)
    for operation in steps.operations:
        row, column = 0, operation.out.shape[1] - 1
        here, hops = operation, 0
        while made := [part for part in here.parts(row, column) if part.made_by is not None]:
            part = made[-1]
            assert part.made_by is not None
            assert part.made_by < here.index
            here, row, column, hops = steps[part.made_by], part.row, part.column, hops + 1
            assert here.out.name == part.name
            assert here.value(row, column) == part.value
        assert here.out.name == "Z1" or here.out.name == "penalty"
        assert hops < len(steps)


def test_a_saturated_sigmoid_skips_dA() -> None:
    network = NetworkSpec(1, (), 1)
    parameters = {"W1": np.array([[1000.0]]), "b1": np.zeros((1, 1))}
    X, Y = np.array([[1.0, -1.0]]), np.array([[0.0, 1.0]])
    steps = trace(network, parameters, X, Y, 0.1)
    assert "dA1" not in [operation.out.name for operation in steps.operations]
    assert "one" in steps.find("dZ1").note
    assert steps.find("loss").out.values.tolist() == [[1000.0, 1000.0]]
    assert steps.find("loss").numbers(0, 0) == "loss[0, 0] = max(1000, 0) - 1000×0 + log(1 + e^-1000) = 1000"


@pytest.mark.parametrize("task", ["binary", "multiclass"])
@pytest.mark.parametrize("z", [3.0, 5.5, 6.8, 9.9, 10.45, 14.0, 17.0])
@pytest.mark.parametrize("right", [True, False])
def test_a_probability_near_1_is_not_shown_as_1(task: str, z: float, right: bool) -> None:
    network = NetworkSpec(1, (), 1 if task == "binary" else 2, task)
    W1 = np.array([[z]] if task == "binary" else [[z], [0.0]])
    Y = np.array([[float(right)]] if task == "binary" else [[float(right)], [float(not right)]])
    steps = trace(network, {"W1": W1, "b1": np.zeros_like(W1)}, np.ones((1, 1)), Y, 0.1)
    for operation in steps.operations:
        text, value = operation.question(0, 0), operation.value(0, 0)
        assert evaluated(text.split(" = ")[1]) == pytest.approx(value, rel=2e-3), text
    assert steps.find("A1").result(0, 0).startswith("1 - ") == (z > 8)


def test_the_loss_of_a_certain_output_uses_its_logit() -> None:
    network = NetworkSpec(1, (), 1)
    steps = trace(network, {"W1": np.array([[30.0]]), "b1": np.zeros((1, 1))}, np.ones((1, 1)), np.ones((1, 1)), 0.1)
    assert steps.find("loss").numbers(0, 0) == "loss[0, 0] = max(30, 0) - 30×1 + log(1 + e^-30) = 9.358e-14"


@pytest.mark.parametrize("rate", [1e-1, 1e-4, 1e-7, 1e-10])
def test_a_small_update_is_visible_in_the_digits(rate: float) -> None:
    a = case(7, "binary")
    for operation in trace(a.network, a.parameters, a.X, a.Y, rate).operations:
        for row, column in np.ndindex(*operation.out.shape):
            if operation.phase == "update" and operation.operands[1].values[row, column]:
                old, new = operation.numbers(row, column).split(" = ")[1:]
                change = float(new) - float(re.split(r"(?<!e) ?- ?", old.lstrip("-"))[0]) * (-1 if old[0] == "-" else 1)
                assert change == pytest.approx(-rate * operation.operands[1].values[row, column], rel=0.1)


def test_notes_say_what_the_tutorial_lacks() -> None:
    for name in ACTIVATIONS:
        steps = trace(
            *(network := NetworkSpec(2, (LayerSpec(2, name),), 1), initialize(network, 1)),
            np.ones((2, 1)),
            np.ones((1, 1)),
            0.1,
        )
        for made in ("A1", "dZ1"):
            operation = steps.find(made)
            assert (
                bool(operation.tutorial)
                == (name in ("relu", "sigmoid"))
                == hasattr(tutorial, operation.tutorial or "?")
            )
            assert operation.tutorial or f"The tutorial has no {name}" in operation.note
