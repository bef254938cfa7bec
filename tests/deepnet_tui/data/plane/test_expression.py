"""Functions as people type them, against Python's own arithmetic; nothing of them is ever run."""

from __future__ import annotations

import math
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.plane.expression import DEEPEST, FUNCTIONS, parse

POINTS = np.random.default_rng(0).uniform(-2.0, 2.0, (2, 7))
ATOMS = st.sampled_from(["x", "y", "x1", "x2", "pi", "2", "0.5", "3e-1", "(x + 1)"])
WORDS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda part: f"({part[0]} {part[1]} {part[2]})"),
        st.tuples(inner, st.sampled_from([" + ", "-", "*", "-"]), inner).map("".join),
        inner.map(lambda part: f"-{part}"),
        st.tuples(st.sampled_from(["sin", "cos", "abs"]), inner).map(lambda part: f"{part[0]}({part[1]})"),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda part: f"{part[0]}({part[1]}, {part[2]})"),
        inner.map(lambda part: f"({part})^2"),
    ),
    max_leaves=8,
)


@given(WORDS)
@settings(max_examples=60, deadline=None)
def test_values_are_those_of_python(text: str) -> None:
    if len(text) > 300:
        return
    known = {"sin": math.sin, "cos": math.cos, "abs": abs, "min": min, "max": max, "pi": math.pi}
    python = compile(text.replace("^", "**"), "", "eval")
    found = parse(text).values(POINTS)
    for (x, y), value in zip(POINTS.T.tolist(), found, strict=True):
        expected = eval(python, known | {"x": x, "y": y, "x1": x, "x2": y})  # noqa: S307  made above, by this test
        assert value == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("3 x", "3 * x"),
        ("2x1 x2", "2 * x * y"),
        ("2 sin(x) cos(y)", "2 * sin(x) * cos(y)"),
        ("-x^2", "0 - x * x"),
        ("2^3^2", "512"),
        ("2^-1 x", "x / 2"),
        ("x / 2 / 2", "x / 4"),
        ("x − 2·y", "x - 2*y"),
        ("x**2", "x*x"),
        ("max(x, y, 0)", "max(max(x, y), 0)"),
        ("e^x", "exp(x)"),
        ("(x)(y)", "x*y"),
    ],
)
def test_forms_that_mean_the_same(text: str, same: str) -> None:
    np.testing.assert_allclose(parse(text).values(POINTS), parse(same).values(POINTS), rtol=1e-12)


def test_comparisons() -> None:
    x, y = POINTS
    for text, expected in {
        "y > sin(3 x)": y > np.sin(3 * x),
        "x^2 + y^2 <= 1": x**2 + y**2 <= 1,
        "-1 < x < 1": (x > -1) & (x < 1),
        "x > 0 and y > 0 or not x ≥ -1": ((x > 0) & (y > 0)) | ~(x >= -1),
        "not (x > 0 and y > 0)": ~((x > 0) & (y > 0)),
    }.items():
        assert parse(text).is_comparison
        np.testing.assert_array_equal(parse(text).values(POINTS), expected)
    assert not parse("x y").is_comparison


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the function is empty"),
        ("y > sin(3 x", "character 12: ')' is needed, not the end"),
        ("y >", "character 4: something is missing at the end"),
        ("y = x", "character 3: '=' has no meaning here"),
        ("sinn(x)", "character 1: 'sinn' is unknown; did you mean sin?"),
        ("sin x", "character 5: '(' is needed, not 'x'"),
        ("sin(x, y)", "character 1: sin takes 1, not 2"),
        ("min(x)", "character 1: min takes 2, not 1"),
        ("x + (y > 2)", "character 3: this joins numbers"),
        ("x and y", "character 3: this joins comparisons"),
        ("x)", "character 2: ')' can't follow"),
        ("* x", "character 1: a number, x, y or a function is needed"),
        ("__import__('os')", "character 12"),
        ("x.real", "character 2: '.' has no meaning here"),
        ("(" * 200 + "x", "too many brackets"),
        ("-" * 200 + "x", "too many brackets or signs"),
        ("x" * 301, "301 characters"),
        ("x\nlambda", "'lambda' is unknown"),
    ],
)
def test_what_can_not_be_read(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.field == "function"


@given(st.text(st.sampled_from("xy12.e+-*/^(),<> sincoandrt\u0661²"), max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_text_is_a_function_or_one_sentence(text: str) -> None:
    with suppress(InputError):
        assert parse(text).values(POINTS).shape == (7,)


def test_a_point_without_a_value_is_named() -> None:
    with pytest.raises(InputError, match=r"has no value at x = -\d"):
        parse("log(x)").values(POINTS)
    assert set(FUNCTIONS) == {"sin", "cos", "tan", "exp", "log", "sqrt", "abs", "min", "max"}
    assert parse("+" * (DEEPEST - 1) + "1").values(POINTS).shape == (7,)
