"""The backward pass, operation by operation."""

from __future__ import annotations

import re

import numpy as np

from deepnet_tui.explain.arithmetic import (
    difference,
    digits_needed,
    factor,
    format_number,
    mean,
    parenthesized,
    product,
    substitute,
    total,
)
from deepnet_tui.explain.builder import Builder, shape_text
from deepnet_tui.explain.operation import OperandEntry
from engine.arrays import Array
from engine.ops.activations import ACTIVATIONS, slope

OUTPUT_ERROR = {
    "binary": "A probability has reached 0 or 1 and can't be divided by, so the two steps are taken as one.",
    "multiclass": "Not in the tutorial: the slopes of softmax and of its cost cancel to A - Y.",
    "regression": "Not in the tutorial: the output is Z itself, and the slope of 1/2 (A - Y)² is A - Y.",
    "huber": "Not in the tutorial: an error counts by its size, but no more than 1.",
    "absolute": "Not in the tutorial: only the sign of an error counts, whatever its size.",
    "quantile": "Not in the tutorial: only the sign of an error counts, and one sign counts more.",
    "poisson": "Not in the tutorial: the slopes of e^z and of the loss cancel to A - Y.",
}


def output_gradient(builder: Builder, dA: Array) -> None:
    """dA[L], the slope of each example's loss."""
    a, A, Y = f"A{builder.last}", builder.values[f"A{builder.last}"], builder.Y

    def arithmetic(row: int, column: int, _most: int) -> str:
        y, a_value = Y[row, column], A[row, column]
        first = f"{factor(y)}/{parenthesized(a_value, digits_needed(1.0, 1 - a_value))}"
        return f"-({first} - {factor(1 - y)}/{parenthesized(1 - a_value)})"

    builder.add(
        "dA",
        builder.last,
        (f"d{a}", dA),
        ("Y", a),
        f"-(Y/{a} - (1-Y)/(1-{a}))",
        "{0} and {1}, entry by entry",
        lambda row, column: [(0, row, column), (1, row, column)],
        arithmetic,
        tutorial="L_model_backward",
        note=f"The slope of each example's loss along {a}.",
    )


def output_error(builder: Builder) -> None:
    """dZ[L] in one step: for softmax, for numbers, and for a sigmoid that has saturated. Mostly it is A[L] - Y."""
    a, A, Y = f"A{builder.last}", builder.values[f"A{builder.last}"], builder.Y
    loss, formula = builder.network.loss_name, builder.network.loss_function.error_formula
    plain = formula == "a - y"
    builder.add(
        "dZ",
        builder.last,
        (f"dZ{builder.last}", builder.gradients[f"dZ{builder.last}"]),
        (a, "Y"),
        formula.replace("a - y", f"{a} - Y"),
        "{0} - {1}" if plain else "{0} and {1}, entry by entry",
        lambda row, column: [(0, row, column), (1, row, column)],
        lambda row, column, _most: formula.replace("a - y", difference(A[row, column], Y[row, column])),
        signs=("", "-") if plain else (),
        note=OUTPUT_ERROR.get(
            loss, f"Not in the tutorial: the slopes of output and loss {'cancel to A - Y' if plain else 'in one step'}."
        ),
    )


def through_activation(builder: Builder, layer: int, dA: Array) -> None:
    """dZ = dA * g'(Z)."""
    name = builder.network.layers[layer - 1].activation
    Z, A, derivative = builder.values[f"Z{layer}"], builder.values[f"A{layer}"], ACTIVATIONS[name].derivative
    slopes = slope(name, Z)
    from_a = bool(re.search(r"\ba\b", derivative))

    def arithmetic(row: int, column: int, _most: int) -> str:
        case, _, why = substitute(derivative, z=Z[row, column], a=A[row, column]).partition(" since ")
        value = parenthesized(slopes[row, column])
        if why:
            value += f" ({why})"
        elif case and case != value:
            value = f"({case})"
        return f"{factor(dA[row, column])} × {value}"

    known = ACTIVATIONS[name].in_tutorial
    cached = f"The tutorial keeps Z{layer} and computes A{layer} anew." if from_a else ""
    builder.add(
        "dZ",
        layer,
        (f"dZ{layer}", builder.gradients[f"dZ{layer}"]),
        (f"dA{layer}", f"A{layer}" if from_a else f"Z{layer}"),
        f"dA{layer} * g'(Z{layer}), g' = {derivative}",
        "{0} * {1}, entry by entry",
        lambda row, column: [(0, row, column), (1, row, column)],
        arithmetic,
        signs=("", "*"),
        tutorial=f"{name}_backward" if known else "",
        note=cached if known else f"The tutorial has no {name}: it knows relu_backward and sigmoid_backward.",
    )


def weight_gradient(builder: Builder, layer: int) -> None:
    """dW = 1/m dZ A_prevᵀ, and the gradient of the penalty."""
    dZ, A, W = builder.gradients[f"dZ{layer}"], builder.values[f"A{layer - 1}"], builder.parameters[f"W{layer}"]
    extra = bool(builder.gradient_l2 or builder.l1)

    def arithmetic(row: int, column: int, most: int) -> str:
        text = mean(lambda k: product(dZ[row, k], A[column, k]), dZ[row] * A[column], most)
        if builder.gradient_l2:
            text += f" + {factor(builder.gradient_l2)}/{builder.divisor}×{parenthesized(W[row, column])}"
        if builder.l1:
            text += f" + {factor(builder.l1)}/{builder.divisor}×{parenthesized(np.sign(W[row, column]))}"
        return text

    def origins(row: int, column: int) -> list[OperandEntry]:
        summed = [*((0, row, k) for k in range(builder.m)), *((1, column, k) for k in range(builder.m))]
        return [*summed, (2, row, column)] if extra else summed

    more = f" + λ/{builder.count_symbol} W{layer}" * bool(builder.gradient_l2)
    more += f" + λ1/{builder.count_symbol} sign(W{layer})" * bool(builder.l1)
    note = "The tutorial has no penalty: its dW lacks the last term." if extra else ""
    builder.add(
        "dW",
        layer,
        (f"dW{layer}", builder.gradients[f"dW{layer}"]),
        (f"dZ{layer}", f"A{layer - 1}", *([f"W{layer}"] if extra else [])),
        f"1/m dZ{layer} A{layer - 1}ᵀ{more}{builder.count_note if extra else ''}",
        f"{{0}} {shape_text(A.T)}" + (" + {2}" if extra else ""),
        origins,
        arithmetic,
        signs=("", "·", "+") if extra else ("", "·"),
        transposed=(1,),
        tutorial="linear_backward",
        note="λ is not part of it: this optimizer decays the weights separately." if builder.decay else note,
    )


def bias_gradient(builder: Builder, layer: int) -> None:
    """db = 1/m Σ dZ."""
    dZ = builder.gradients[f"dZ{layer}"]
    builder.add(
        "db",
        layer,
        (f"db{layer}", builder.gradients[f"db{layer}"]),
        (f"dZ{layer}",),
        f"1/m Σ dZ{layer} over the examples",
        "{0}, each row summed",
        lambda row, _column: [(0, row, k) for k in range(builder.m)],
        lambda row, _column, most: mean(lambda k: format_number(dZ[row, k]), dZ[row], most),
        tutorial="linear_backward",
    )


def input_gradient(builder: Builder, layer: int) -> None:
    """dA_prev = Wᵀ dZ."""
    W, dZ = builder.parameters[f"W{layer}"], builder.gradients[f"dZ{layer}"]
    units = range(len(W))

    def arithmetic(row: int, column: int, most: int) -> str:
        return total(lambda k: product(W[k, row], dZ[k, column]), W[:, row] * dZ[:, column], most)

    builder.add(
        "dA",
        layer,
        (f"dA{layer - 1}", builder.gradients[f"dA{layer - 1}"]),
        (f"W{layer}", f"dZ{layer}"),
        f"W{layer}ᵀ dZ{layer}",
        f"{shape_text(W.T)} {{1}}",
        lambda row, column: [*((0, k, row) for k in units), *((1, k, column) for k in units)],
        arithmetic,
        signs=("", "·"),
        transposed=(0,),
        tutorial="linear_backward",
        note="" if layer > 1 else "How the loss would change with the inputs. The update does not need it.",
    )
