"""The planted mistakes are caught, and show just where the lesson says."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from deepnet_tui.explain.gradient_check import check, lines
from deepnet_tui.lessons.bugs import BUGS, CODE, RIGHT, gradients
from deepnet_tui.lessons.library import find
from engine import GradientCheck, LayerSpec, NetworkSpec
from engine.arrays import Array
from engine.network import backward, forward
from engine.parameters import initialize
from tests.deepnet_tui.explain.networks import case

NETWORK = NetworkSpec(2, (LayerSpec(4), LayerSpec(3)), 1, "binary", "he")


def data() -> tuple[dict[str, Array], Array, Array]:
    random = np.random.default_rng(5)
    X = random.normal(size=(2, 20))
    return initialize(NETWORK, 2), X, (X[:1] > 0).astype(float)


def checked(name: str | None, l2: float = 0.0) -> GradientCheck:
    parameters, X, Y = data()
    if name is None:
        return check(NETWORK, parameters, X, Y, l2, backward=gradients)
    return check(NETWORK, parameters, X, Y, l2, backward=partial(gradients, steps=BUGS[name].steps))


FAILING = {
    "no_mean": {"W1", "W2", "W3"},
    "slope_one": {"W1", "b1", "W2", "b2"},
    "one_bias": {"b1", "b2"},
    "updated_too_early": {"W1", "b1", "W2", "b2"},
    "reshaped": {"W1", "b1"},
    "no_penalty": {"W1", "W2", "W3"},
}


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_fails_exactly_the_right_matrices(name: str) -> None:
    found = checked(name, l2=0.5)
    assert not found.passed
    assert {matrix.name for matrix in found.matrices if not matrix.passed} == FAILING[name]
    said = "\n".join("".join(text for text, _ in line) for line in lines(found, 20))
    assert "FAILED" in said
    assert said.count("FAIL ") == len(FAILING[name])


def by_code(code: tuple[str, ...]) -> dict[str, Array]:
    """The gradients as the lines of a bug make them."""
    parameters, X, Y = data()
    values = forward(NETWORK, parameters, X)
    found: dict[str, Array] = {}
    names: dict[str, Any] = {"np": np, "m": X.shape[1]}
    for layer in (3, 2, 1):
        names |= {"W": parameters[f"W{layer}"], "b": parameters[f"b{layer}"], "A_prev": values[f"A{layer - 1}"]}
        first = ["dZ = A - Y"] if layer == 3 else [code[0]]
        names |= {"Z": values[f"Z{layer}"], "A": values[f"A{layer}"], "Y": Y, "dA": names.get("dA_prev")}
        exec("\n".join([*first, *code[1:]]), names)  # noqa: S102 -- our own lines
        found |= {f"dW{layer}": names["dW"], f"db{layer}": names["db"]}
    return found


@pytest.mark.parametrize("name", [*BUGS, ""])
def test_the_code_shown_is_the_code_checked(name: str) -> None:
    parameters, X, Y = data()
    shown = by_code(BUGS[name].code if name else CODE)
    steps = BUGS[name].steps if name else RIGHT
    for key, values in gradients(NETWORK, parameters, X, Y, steps=steps).items():
        np.testing.assert_allclose(shown[key], values, rtol=1e-12, err_msg=key)


def test_the_lesson_shows_the_code_with_the_bug() -> None:
    bug, asked = "", []
    for step in find("bug").step:
        bug = step.bug or bug
        if step.question:
            asked.append(bug)
            assert step.question.choices == BUGS[bug].code
            assert step.question.answer == BUGS[bug].line + 1
    assert len(asked) == 4


def test_without_a_bug_the_check_passes() -> None:
    assert checked(None, l2=0.5).passed
    parameters, X, Y = data()
    assert check(NETWORK, parameters, X, Y, 0.5, 0.1).passed


@pytest.mark.parametrize("number", range(20))
def test_the_correct_code_matches_the_engine(number: int) -> None:
    a = case(number)
    mine = gradients(a.network, a.parameters, a.X, a.Y, a.l2)
    for name, values in backward(a.network, a.parameters, a.X, a.Y, a.l2).items():
        if name in mine:
            np.testing.assert_allclose(mine[name], values, rtol=1e-12, atol=1e-14)
    assert set(mine) == {f"d{name}" for name in a.parameters}


def test_bugs_never_change_the_engine() -> None:
    parameters, X, Y = data()
    before = backward(NETWORK, parameters, X, Y)
    for bug in BUGS.values():
        gradients(NETWORK, parameters, X, Y, steps=bug.steps)
    for name, values in backward(NETWORK, parameters, X, Y).items():
        np.testing.assert_array_equal(values, before[name])


def test_parameters_in_single_precision_are_checked_in_double() -> None:
    parameters, X, Y = data()
    single = {name: values.astype(np.float32) for name, values in parameters.items()}
    assert check(NETWORK, single, X, Y).passed
