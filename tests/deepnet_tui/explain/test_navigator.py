"""Moving through a trace: position, following entries, guesses; the page and its matrices."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deepnet_tui.explain.arithmetic import format_number
from deepnet_tui.explain.layout import OUT, cell, matrices
from deepnet_tui.explain.navigator import Navigator
from deepnet_tui.explain.page import DEFAULT_KEYS, page
from deepnet_tui.explain.trace import trace
from engine import LayerSpec, NetworkSpec
from engine.parameters import initialize
from tests.deepnet_tui.explain.networks import case


def navigator(number: int = 12, task: str = "binary") -> Navigator:
    a = case(number, task)
    found = Navigator()
    found.load(trace(a.network, a.parameters, a.X, a.Y, a.rate, a.l2, a.l1))
    return found


def test_steps_stop_at_both_ends() -> None:
    a = navigator()
    a.step(-5)
    assert a.position.index == 0
    a.step(10_000)
    assert a.trace is not None
    assert a.position.index == len(a.trace) - 1


def test_layer_keys_go_to_the_next_layer() -> None:
    a = navigator()
    seen = []
    for _ in range(20):
        seen.append(a.operation.out.name)
        a.layer(1)
    assert seen[:8] == ["Z1", "Z2", "Z3", "loss", "dA3", "dA1", "dA0", "W1_new"] or seen[:4] == [
        "Z1",
        "Z2",
        "Z3",
        "loss",
    ]
    for _ in range(20):
        a.layer(-1)
    assert a.position.index == 0


def test_moving_stops_at_the_edge_of_the_matrix() -> None:
    a = navigator()
    a.move(1000, 1000)
    rows, columns = a.operation.out.shape
    assert (a.position.row, a.position.column) == (rows - 1, columns - 1)
    a.move(-1000, -1000)
    assert (a.position.row, a.position.column) == (0, 0)


def test_follow_leads_back_and_backspace_returns() -> None:
    a = navigator()
    assert a.trace is not None
    a.step(a.trace.find("W1_new").index)
    way = [a.operation.out.name]
    for _ in range(100):
        if a.follow():
            break
        if not a.choices:
            way.append(a.operation.out.name)
    assert way[:3] == ["W1_new", "dW1", "dZ1"]
    assert way[-1] == "Z1"
    for name in reversed(way[:-1]):
        a.back()
        assert a.operation.out.name == name
    assert not a.trail


def test_backspace_cancels_the_choice_of_an_origin() -> None:
    a = navigator()
    assert a.trace is not None
    a.step(a.trace.find("dZ1").index)
    a.follow()
    assert len(a.choices) == 2
    a.choose(1)
    a.choose(1)
    assert a.followed == a.choices[1]
    a.back()
    assert not a.choices
    assert a.operation.out.name == "dZ1"


def test_results_are_hidden_until_guessed() -> None:
    a = navigator()
    value = a.operation.value(0, 0)
    a.guess()
    assert a.hidden
    assert "= ?" in "\n".join(page(a, 76, 14).text)
    result = a.operation.out.values
    seen = matrices(a.operation, 0, 0, 200, 20, hides=a.hides)
    assert sum(line.count("?") for line in seen.text) == result.size
    assert not any(cell(float(number)) in seen.text[2 + row].split() for row, number in enumerate(result[:, 0]))
    a.reveal(f"{value * 1.01:.6f}")
    assert not a.hidden
    left = matrices(a.operation, 0, 0, 200, 20, hides=a.hides).text
    assert sum(line.count("?") for line in left) == result.size - 1
    assert "right" in a.verdict
    a.guess()
    a.guess()
    a.reveal(f"{-value:.6f}")
    assert "The sign is the other one" in a.verdict
    with pytest.raises(ValueError, match="'much' is not a number"):
        a.reveal("much")


def test_the_key_hint_is_never_truncated() -> None:
    network = NetworkSpec(40, (LayerSpec(30),), 1, "binary", "he")
    read = Navigator()
    read.load(
        trace(
            network,
            initialize(network, 1) | {"W1": np.full((30, 40), -1.234e-123)},
            np.ones((40, 1)),
            np.ones((1, 1)),
            0.1,
        )
    )
    read.step(2)
    read.follow()
    read.choose(25)
    joined = " ".join(" ".join(page(read, 76, 14).text).split())
    assert "26 of 30: ← → choose, Enter goes, Backspace stays" in joined
    assert "^x goes, Backspace stays" in " ".join(page(read, 76, 14, (), {**DEFAULT_KEYS, "follow": "^x"}).text)


def test_another_trace_keeps_the_position() -> None:
    a = navigator()
    a.step(4)
    a.move(0, 1)
    before = a.position
    other = case(12, "binary")
    a.load(trace(other.network, other.parameters, other.X * 2, other.Y, 0.1, other.l2, other.l1))
    assert a.position == before


@settings(max_examples=60, deadline=None)
@given(
    number=st.integers(0, 49),
    at=st.floats(0, 1),
    row=st.floats(0, 1),
    column=st.floats(0, 1),
    width=st.integers(60, 160),
    height=st.integers(3, 40),
)
def test_the_entry_and_an_operand_are_always_visible(
    number: int, at: float, row: float, column: float, width: int, height: int
) -> None:
    a = case(number)
    steps = trace(a.network, a.parameters, a.X, a.Y, a.rate, a.l2, a.l1)
    operation = steps[int(at * (len(steps) - 1))]
    rows, columns = operation.out.shape
    r, c = int(row * (rows - 1)), int(column * (columns - 1))
    sheet = matrices(operation, r, c, width, height)
    assert len(sheet.lines) <= height
    assert all(len(line) <= width for line in sheet.text)
    pointed = [hit for hit in sheet.hits if hit.operand == OUT and (hit.row, hit.column) == (r, c)]
    assert len(pointed) == 1
    for hit in sheet.hits:
        matrix = operation.out if hit.operand == OUT else operation.operands[hit.operand]
        assert sheet.lines[hit.y]
        text = "".join(text for text, _ in sheet.lines[hit.y])[hit.start : hit.stop]
        assert text.strip() in [cell(float(matrix.values[hit.row, hit.column]), digits) for digits in (3, 2)]
    for line in sheet.lines[:1]:
        for operand in operation.transposed:
            name = operation.operands[operand].name
            rows_, columns_ = operation.operands[operand].shape
            heads = " ".join(text for text, _ in line)
            assert name not in heads.replace(f"{name}ᵀ ({columns_}, {rows_})", "")
    used = {(part.operand, part.row, part.column) for part in operation.parts(r, c)}
    lit = sum(role == "used" for line in sheet.lines for _, role in line)
    assert lit == sum((hit.operand, hit.row, hit.column) in used for hit in sheet.hits)
    assert lit >= 1


@settings(max_examples=60, deadline=None)
@given(number=st.integers(0, 49), at=st.floats(0, 1), height=st.integers(8, 30))
def test_a_page_has_formula_shapes_and_numbers(number: int, at: float, height: int) -> None:
    a = case(number)
    read = Navigator()
    read.load(trace(a.network, a.parameters, a.X, a.Y, a.rate, a.l2, a.l1))
    assert read.trace is not None
    read.step(int(at * (len(read.trace) - 1)))
    text = page(read, 76, height, ["Dropout is off here."]).text
    assert len(text) <= height
    assert all(len(line) <= 76 for line in text)
    joined = " ".join(" ".join(text).split())
    operation = read.operation
    assert operation.out.name in text[0]
    assert " ".join(operation.symbols.split()) in joined.replace(f"tutorial: {operation.tutorial}", "")
    assert operation.shapes in joined
    assert f"{operation.entry(0, 0)} = " in joined
    assert f"tutorial: {operation.tutorial}" in joined if operation.tutorial else "not in the tutorial" in joined


def test_the_window_moves_to_the_followed_entry() -> None:
    network = NetworkSpec(40, (LayerSpec(30),), 1, "binary", "he")
    read = Navigator()
    read.load(trace(network, initialize(network, 1), np.ones((40, 1)), np.ones((1, 1)), 0.1))
    read.step(2)
    read.follow()
    read.choose(25)
    shown = page(read, 76, 14)
    assert read.followed is not None
    assert any(role == "followed" for line in shown.lines for _, role in line)


def test_all_operands_are_visible_at_80_columns() -> None:
    network = NetworkSpec(3, (LayerSpec(4), LayerSpec(4), LayerSpec(2)))
    steps = trace(network, initialize(network, 3), np.full((3, 1), 0.3), np.ones((1, 1)), 0.0075)
    for operation in steps.operations:
        rows, columns = operation.out.shape
        if operation.kind != "penalty":
            sheet = matrices(operation, rows - 1, columns - 1, 76, 9)
            lit = sum(role == "used" for line in sheet.lines for _, role in line)
            assert lit == len(operation.origins(rows - 1, columns - 1)), operation.out.name


def test_a_window_shows_the_number_of_hidden_columns() -> None:
    network = NetworkSpec(300, (LayerSpec(3),), 1)
    steps = trace(network, initialize(network, 3), np.ones((300, 40)), np.ones((1, 40)), 0.1)
    head = matrices(steps[0], 1, 20, 76, 9).text[1]
    assert "‹20+ 20" in head or "‹20" in head
    assert "›" in head
    assert "+29" in head
    assert all(len(line) <= 76 for line in matrices(steps[0], 1, 20, 76, 9).text)


@given(st.floats(allow_nan=False))
@example(-5.982e152)
@example(-1.23e-10)
@example(-9.96e-310)
@example(-99999.0)
def test_a_cell_is_rounded_correctly(value: float) -> None:
    text = cell(value)
    assert len(text) <= 8
    if math.isfinite(value) and value:
        mantissa, _, power = text.partition("e")
        step = Decimal(1).scaleb(-len(mantissa.partition(".")[2]) + int(power or 0))
        if "." not in mantissa and not power:
            step = Decimal(1) if abs(value) < 999 else Decimal(100)
        assert abs(Decimal(text) - Decimal(value)) <= step / 2
    else:
        assert float(text) == value


@given(st.floats(-1e300, 1e300))
def test_a_number_is_right_to_four_digits(value: float) -> None:
    first, _, rest = format_number(value).partition(" ")
    total = float(first) + (float(rest.replace(" ", "")) if rest else 0.0)
    assert total == pytest.approx(value, rel=5.1e-4, abs=5e-324)


@pytest.mark.parametrize(
    ("z", "said", "right"),
    [
        (-0.00287, "-0.00287", False),
        (-0.00287, "0.00287", False),
        (-0.00287, "0.00005", True),
        (-0.00287, "0", True),
        (0.003, "0", False),
        (0.003, "-0.003", False),
        (0.003, "0.00302", True),
        (3e-9, "2e-9", False),
        (0.0, "0", True),
        (0.0, "1e-9", False),
    ],
)
def test_a_guess_is_judged_by_its_relative_error(z: float, said: str, right: bool) -> None:
    network = NetworkSpec(1, (LayerSpec(1),), 1)
    parameters = {"W1": np.array([[z]]), "b1": np.zeros((1, 1)), "W2": np.ones((1, 1)), "b2": np.zeros((1, 1))}
    a = Navigator()
    a.load(trace(network, parameters, np.ones((1, 1)), np.ones((1, 1)), 0.1))
    a.step(1)
    a.guess()
    a.reveal(said)
    assert a.verdict.endswith("right.") == right


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("size", [1e120, 1e200, 1e307])
def test_a_diverged_network_can_be_explained(task: str, size: float) -> None:
    a = case(14, task)
    parameters = {name: values * size for name, values in a.parameters.items()}
    read = Navigator()
    read.load(trace(a.network, parameters, a.X, a.Y, 1.0, a.l2, a.l1))
    assert read.trace is not None
    for _ in range(len(read.trace)):
        shown = page(read, 76, 20)
        assert all(len(line) <= 76 for line in shown.text)
        read.step(1)
