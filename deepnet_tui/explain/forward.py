"""The forward pass and the cost, operation by operation."""

from __future__ import annotations

import numpy as np

from deepnet_tui.explain import losses as loss_terms
from deepnet_tui.explain.arithmetic import factor, format_number, mean, parenthesized, product, substitute, total
from deepnet_tui.explain.builder import Builder
from deepnet_tui.explain.operation import OperandEntry
from engine.network import penalty
from engine.ops.activations import output_activation
from engine.ops.losses import losses

CORNER = 64  # rows and columns of a weight matrix that the penalty names as its origin: more are never on a screen
SOFTMAX = "e^z / Σ e^z over the classes"


def linear(builder: Builder, layer: int) -> None:
    """Z = W A_prev + b."""
    W, b, A = builder.parameters[f"W{layer}"], builder.parameters[f"b{layer}"], builder.values[f"A{layer - 1}"]
    inner = range(W.shape[1])

    def arithmetic(row: int, column: int, most: int) -> str:
        def term(k: int) -> str:
            return product(W[row, k], A[k, column]) if k < len(inner) else format_number(b[row, 0])

        return total(term, np.append(W[row] * A[:, column], b[row, 0]), most)

    builder.add(
        "Z",
        layer,
        (f"Z{layer}", builder.values[f"Z{layer}"]),
        (f"W{layer}", f"A{layer - 1}", f"b{layer}"),
        f"W{layer} A{layer - 1} + b{layer}",
        "{0} {1} + {2}",
        lambda row, column: [*((0, row, k) for k in inner), *((1, k, column) for k in inner), (2, row, 0)],
        arithmetic,
        signs=("", "·", "+"),
        tutorial="linear_forward",
    )


def activation(builder: Builder, layer: int) -> None:
    """A = g(Z)."""
    name, Z = builder.network.layers[layer - 1].activation, builder.values[f"Z{layer}"]
    softmax = name == "softmax"  # the one output that takes a whole column
    formula = SOFTMAX if softmax else output_activation(name).formula

    def arithmetic(row: int, column: int, most: int) -> str:
        if not softmax:
            return substitute(formula, z=Z[row, column]) or f"{name}({format_number(Z[row, column])})"

        def power(k: int) -> str:
            return f"e^{parenthesized(Z[k, column])}"

        return f"{power(row)} / ({total(power, np.exp(Z[:, column]), most)})"

    def origins(row: int, column: int) -> list[OperandEntry]:
        return [(0, k, column) for k in range(len(Z))] if softmax else [(0, row, column)]

    known = not softmax and output_activation(name).in_tutorial
    builder.add(
        "A",
        layer,
        (f"A{layer}", builder.values[f"A{layer}"]),
        (f"Z{layer}",),
        f"{name}(Z{layer}) = {formula}",
        "{0}, column by column" if softmax else "{0}, entry by entry",
        origins,
        arithmetic,
        tutorial=name if known else "",
        note="" if known else f"The tutorial has no {name}: it knows relu and sigmoid.",
    )


def loss(builder: Builder) -> None:
    """The loss of each example."""
    network, outputs = builder.network, range(len(builder.Y))
    loss_function = network.loss_function
    A, Z, Y = builder.values[f"A{builder.last}"], builder.values[f"Z{builder.last}"], builder.Y

    def arithmetic(_row: int, column: int, most: int) -> str:
        terms = loss_terms.terms(network, A[:, column], Z[:, column], Y[:, column])
        return total(lambda k: terms[k][0], [value for _, value in terms], most) if terms else "0"

    several = ", summed over the outputs" if loss_function.labels != "one-hot" and len(Y) > 1 else ""
    builder.add(
        "loss",
        0,
        ("loss", losses(loss_function, Z, Y)[None, :]),
        (f"A{builder.last}", "Y"),
        loss_terms.symbols(network) + several,
        "{0} and {1}, one number for each example",
        lambda _row, column: [*((0, k, column) for k in outputs), *((1, k, column) for k in outputs)],
        arithmetic,
        tutorial="compute_cost" if loss_function.is_logistic else "",
        note=""
        if loss_function.is_logistic
        else f"The tutorial's compute_cost is for binary tasks, not for {network.loss_name}.",
    )


def weight_penalty(builder: Builder) -> None:
    """The L2 and L1 penalty on the weights."""
    names = [f"W{layer}" for layer in range(1, builder.last + 1)]
    weights = [builder.parameters[name] for name in names]

    def arithmetic(_row: int, _column: int, most: int) -> str:
        squares, sizes = [float(np.vdot(W, W)) for W in weights], [float(np.abs(W).sum()) for W in weights]
        terms = []
        if builder.l2:
            sum_of_squares = total(lambda k: format_number(squares[k]), squares, most)
            terms.append(f"{factor(builder.l2)}/(2×{builder.divisor}) × ({sum_of_squares})")
        if builder.l1:
            sum_of_sizes = total(lambda k: format_number(sizes[k]), sizes, most)
            terms.append(f"{factor(builder.l1)}/{builder.divisor} × ({sum_of_sizes})")
        return " + ".join(terms)

    N = builder.count_symbol
    value = penalty(builder.network, builder.parameters, builder.l2, builder.l1) / builder.training_examples
    symbols = " + ".join([f"λ/(2{N}) Σ W²"] * bool(builder.l2) + [f"λ1/{N} Σ |W|"] * bool(builder.l1))
    builder.add(
        "penalty",
        0,
        ("penalty", np.array([[value]])),
        names,
        f"{symbols} over all weights{builder.count_note}",
        "one number from all weights",
        lambda _row, _column: [
            (at, row, column)
            for at, W in enumerate(weights)
            for row, column in np.ndindex(min(len(W), CORNER), min(W.shape[1], CORNER))
        ],
        arithmetic,
        note="The tutorial has no penalty on large weights. Biases are not penalised.",
    )


def mean_cost(builder: Builder) -> None:
    """J, the mean of the losses, and the penalty."""
    each = builder.matrices["loss"].values[0]
    extra = "penalty" in builder.matrices

    def arithmetic(_row: int, _column: int, most: int) -> str:
        return mean(lambda k: format_number(each[k]), each, most) + (
            f" + {format_number(builder.matrices['penalty'].values[0, 0])}" if extra else ""
        )

    builder.add(
        "cost",
        0,
        ("J", np.array([[builder.cost]])),
        ("loss", "penalty") if extra else ("loss",),
        "1/m Σ loss" + (" + penalty" if extra else ""),
        "the mean over {0}",
        lambda _row, _column: [*((0, 0, k) for k in range(builder.m)), *([(1, 0, 0)] if extra else [])],
        arithmetic,
        signs=("", "+") if extra else (),
        tutorial="compute_cost" if builder.network.loss_function.is_logistic else "",
    )
