"""The update of each optimizer, operation by operation: first what it remembers, then the parameter.

RULES writes out the arithmetic of the rules that are built in; any other is shown from its entry in the registry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from deepnet_tui.explain.arithmetic import digits_needed, factor, format_number, parenthesized, product, total
from deepnet_tui.explain.builder import Builder
from engine.arrays import Array
from engine.compiled.next_update import NamedMemory
from engine.ops.input_scale import MOST
from engine.ops.optimizers import OPTIMIZERS

ENTRY_BY_ENTRY = ", entry by entry"


@dataclass(frozen=True)
class UpdateRule:
    """The optimizer of a run with its settings, as in `engine.TrainingSpec`, and its state.

    `number` is that of the update, from 1; `memory` is V, or M and S, as in `engine.compiled.next_update.NextUpdate`,
    {} where it is empty.
    """

    optimizer: str = "gd"
    momentum: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    number: int = 1
    memory: NamedMemory = field(default_factory=dict)
    input_scale_rate: float = 0.0

    @property
    def scales_inputs(self) -> bool:
        """Whether the optimizer also learns a scale of each input."""
        return self.input_scale_rate > 0 and "input_scale_rate" in OPTIMIZERS[self.optimizer].settings


@dataclass(frozen=True)
class Parameter:
    """One parameter that is updated: its old values, its gradient, and what the optimizer remembers of it."""

    kind: str
    layer: int
    old: Array
    gradient: Array
    memory: Mapping[str, Array]

    @property
    def name(self) -> str:
        """W1."""
        return f"{self.kind}{self.layer}"


def update(builder: Builder, kind: str, layer: int, rate: float, rule: UpdateRule) -> None:
    """Everything that happens to W or b of this layer."""
    name = f"{kind}{layer}"
    _by_rule(builder, kind, layer, builder.parameters[name], builder.gradients[f"d{name}"], rate, rule)
    if name == "W1" and rule.scales_inputs:
        scale_inputs(builder, rate, rule)


def scale_inputs(builder: Builder, rate: float, rule: UpdateRule) -> None:
    """The learned scales e^s1 of the inputs, each of which is part of its column of W1."""
    W, dW = builder.parameters["W1"], builder.gradients["dW1"]
    gradient = np.sum(W * dW, axis=0, keepdims=True)
    builder.add(
        "s",
        1,
        ("ds1", gradient),
        ("W1", "dW1"),
        "the sum of W1 dW1 over each column",
        "{0}, {1}, column by column",
        lambda _row, column: [(at, row, column) for row in range(len(W)) for at in (0, 1)],
        lambda _row, column, most: total(
            lambda row: product(W[row, column], dW[row, column]), (W * dW)[:, column], most
        ),
        note="How the cost changes with a scale e^s on each input: the scale is part of W1, so s starts at 0.",
    )
    builder.add_given("s1", np.zeros_like(gradient))
    _by_rule(builder, "s", 1, np.zeros_like(gradient), gradient, rate, rule)
    times, new, step = rule.input_scale_rate, builder.matrices["W1_new"].values, builder.matrices["s1_new"].values
    moved = np.clip(times * step, -MOST, MOST)
    builder.add(
        "W",
        1,
        ("W1_scaled", new * np.exp(moved)),
        ("W1_new", "s1_new"),
        f"W1_new e^({format_number(times)} s1_new), the exponent from {format_number(-MOST)} to {format_number(MOST)}",
        "{0}, {1}, each column by its scale",
        lambda row, column: [(0, row, column), (1, 0, column)],
        lambda row, column, _most: f"{factor(new[row, column])}×e^({format_number(moved[0, column])})",
        note=f"The scales move {format_number(times)} times as fast as the weights: helpful inputs grow, others fade.",
    )


def _by_rule(
    builder: Builder, kind: str, layer: int, old: Array, gradient: Array, rate: float, rule: UpdateRule
) -> None:
    name = f"{kind}{layer}"
    memory = {
        symbol: rule.memory[symbol][name] if name in rule.memory.get(symbol, {}) else np.zeros_like(gradient)
        for symbol in (slot.symbol for slot in OPTIMIZERS[rule.optimizer].slots)
    }
    for symbol, values in memory.items():
        builder.add_given(f"{symbol}_{name}", values)
    write_out = RULES.get(rule.optimizer, _from_entry)
    write_out(builder, Parameter(kind, layer, old, gradient, memory), rate, rule)


def _add(
    builder: Builder,
    p: Parameter,
    new: Array,
    operands: tuple[str, ...],
    symbols: str,
    arithmetic: Callable[[int, int], str],
    signs: tuple[str, ...],
    note: str,
    tutorial: str = "",
) -> None:
    """The new parameter. `arithmetic` writes what follows its old value."""

    def digits(row: int, column: int) -> int:
        return digits_needed(p.old[row, column], new[row, column] - p.old[row, column], 3)

    builder.add(
        p.kind,
        p.layer,
        (f"{p.name}_new", new),
        (p.name, *operands),
        symbols,
        "".join(f" {sign} {{{at}}}" if sign else f", {{{at}}}" for at, sign in enumerate(signs))[2:] + ENTRY_BY_ENTRY,
        lambda row, column: [(at, row, column) for at in range(len(operands) + 1)],
        lambda row, column, _most: f"{factor(p.old[row, column], digits(row, column))}{arithmetic(row, column)}",
        signs=signs,
        digits=digits,
        tutorial=tutorial,
        note=note,
    )


def _remember(
    builder: Builder,
    p: Parameter,
    symbol: str,
    new: Array,
    symbols: str,
    arithmetic: Callable[[int, int], str],
    note: str,
) -> None:
    """A new V, M or S."""
    name = f"{symbol}_{p.name}"
    builder.add(
        symbol,
        p.layer,
        (f"{name}_new", new),
        (name, f"d{p.name}"),
        symbols.format(old=name, d=f"d{p.name}"),
        f"{{0}}, {{1}}{ENTRY_BY_ENTRY}",
        lambda row, column: [(0, row, column), (1, row, column)],
        lambda row, column, _most: arithmetic(row, column),
        note=note,
    )


def _alpha(rate: float) -> str:
    return f"α = {format_number(rate)} is the learning rate."


def _gd(builder: Builder, p: Parameter, rate: float, _rule: UpdateRule) -> None:
    _add(
        builder,
        p,
        p.old - rate * p.gradient,
        (f"d{p.name}",),
        f"{p.name} - α d{p.name}",
        lambda row, column: f" - {product(rate, p.gradient[row, column])}",
        ("", "-"),
        _alpha(rate),
        "update_parameters",
    )


def _velocity(builder: Builder, p: Parameter, rate: float, rule: UpdateRule) -> Array:
    V, beta = p.memory["V"], rule.momentum
    new = beta * V - rate * p.gradient
    _remember(
        builder,
        p,
        "V",
        new,
        "β {old} - α {d}",
        lambda row, column: f"{product(beta, V[row, column])} - {product(rate, p.gradient[row, column])}",
        f"The velocity: what is left of earlier steps, β = {format_number(beta)}, and the new one. {_alpha(rate)}",
    )
    return new


def _momentum(builder: Builder, p: Parameter, rate: float, rule: UpdateRule) -> None:
    V = _velocity(builder, p, rate, rule)
    _add(
        builder,
        p,
        p.old + V,
        (f"V_{p.name}_new",),
        f"{p.name} + V_{p.name}_new",
        lambda row, column: f" + {parenthesized(V[row, column])}",
        ("", "+"),
        "Momentum: the step is the velocity.",
    )


def _nesterov(builder: Builder, p: Parameter, rate: float, rule: UpdateRule) -> None:
    V, beta = _velocity(builder, p, rate, rule), rule.momentum
    _add(
        builder,
        p,
        p.old + beta * V - rate * p.gradient,
        (f"V_{p.name}_new", f"d{p.name}"),
        f"{p.name} + β V_{p.name}_new - α d{p.name}",
        lambda row, column: f" + {product(beta, V[row, column])} - {product(rate, p.gradient[row, column])}",
        ("", "", ""),
        "Nesterov: one more part of the velocity, looking ahead.",
    )


def _square(builder: Builder, p: Parameter, rule: UpdateRule) -> Array:
    S, beta = p.memory["S"], rule.beta2
    new = beta * S + (1 - beta) * p.gradient**2
    _remember(
        builder,
        p,
        "S",
        new,
        "β2 {old} + (1 - β2) {d}²",
        lambda row, column: f"{product(beta, S[row, column])} + {product(1 - beta, p.gradient[row, column])}²",
        f"The running mean of the squared gradient, β2 = {format_number(beta)}.",
    )
    return new


def _rmsprop(builder: Builder, p: Parameter, rate: float, rule: UpdateRule) -> None:
    S = _square(builder, p, rule)
    _add(
        builder,
        p,
        p.old - rate * p.gradient / (np.sqrt(S) + rule.epsilon),
        (f"d{p.name}", f"S_{p.name}_new"),
        f"{p.name} - α d{p.name} / (√S_{p.name}_new + ε)",
        lambda row, column: (
            f" - {product(rate, p.gradient[row, column])}"
            f"/(√{parenthesized(S[row, column])} + {format_number(rule.epsilon)})"
        ),
        ("", "", ""),
        _alpha(rate),
    )


def _adam(builder: Builder, p: Parameter, rate: float, rule: UpdateRule) -> None:
    old_M, beta1, beta2, t = p.memory["M"], rule.momentum, rule.beta2, rule.number
    M = beta1 * old_M + (1 - beta1) * p.gradient
    _remember(
        builder,
        p,
        "M",
        M,
        "β1 {old} + (1 - β1) {d}",
        lambda row, column: f"{product(beta1, old_M[row, column])} + {product(1 - beta1, p.gradient[row, column])}",
        f"The running mean of the gradient, β1 = {format_number(beta1)}.",
    )
    S = _square(builder, p, rule)
    decay = rate * builder.decay if p.kind == "W" else 0.0
    kept = f"(1 - αλ/{builder.count_symbol}) {p.name}" if decay else p.name
    step = rate * (M / (1 - beta1**t)) / (np.sqrt(S / (1 - beta2**t)) + rule.epsilon)

    def arithmetic(row: int, column: int) -> str:
        mean = f"{parenthesized(M[row, column])}/(1 - {factor(beta1)}^{t})"
        square = f"{factor(S[row, column])}/(1 - {factor(beta2)}^{t})"
        shrunk = f"×(1 - {format_number(decay)})" if decay else ""
        return f"{shrunk} - {factor(rate)}×{mean}/(√({square}) + {format_number(rule.epsilon)})"

    _add(
        builder,
        p,
        (1 - decay) * p.old - step,
        (f"M_{p.name}_new", f"S_{p.name}_new"),
        f"{kept} - α M_{p.name}_new/(1 - β1^t) / (√(S_{p.name}_new/(1 - β2^t)) + ε)",
        arithmetic,
        ("", "", ""),
        f"{_alpha(rate)} t = {t} counts the updates."
        + (f" The weights decay by αλ/{builder.count_symbol}, beside the gradient." if decay else ""),
    )


def _lbfgs(builder: Builder, p: Parameter, _rate: float, _rule: UpdateRule) -> None:
    name = f"d{p.name}"
    builder.add(
        p.kind,
        p.layer,
        (f"-{name}", -p.gradient),
        (name, p.name),
        f"where L-BFGS sets out: a line search gives {p.name}_new = {p.name} + s P, P made of -{name} and those before",
        f"-{{0}}{ENTRY_BY_ENTRY}",
        lambda row, column: [(0, row, column), (1, row, column)],
        lambda row, column, _most: f"-{parenthesized(p.gradient[row, column])}",
        signs=("-", ""),
        note="The search looks at the cost of several steps s on all examples; it is not shown.",
    )


def _from_entry(builder: Builder, p: Parameter, rate: float, rule: UpdateRule) -> None:
    """A rule of which only the registry knows: its formula, and its textbook form for the numbers."""
    optimizer = OPTIMIZERS[rule.optimizer]
    if optimizer.textbook is None:
        raise ValueError(f"the optimizer {rule.optimizer!r} has no textbook form to show")
    new, memory = optimizer.textbook(p.old, p.gradient, p.memory, rate, rule.number, rule)
    for symbol, values in memory.items():
        _remember(
            builder,
            p,
            symbol,
            values,
            f"from {{old}} and {{d}}, as in {optimizer.formula}",
            lambda row, column, values=values: format_number(values[row, column]),  # type: ignore[misc]
            f"What {rule.optimizer} remembers.",
        )
    _add(
        builder,
        p,
        new,
        (f"d{p.name}", *(f"{symbol}_{p.name}_new" for symbol in memory)),
        optimizer.formula,
        lambda row, column: f" + {parenthesized(new[row, column] - p.old[row, column])}",
        ("", "", *[""] * len(memory)),
        _alpha(rate),
    )


RULES: dict[str, Callable[[Builder, Parameter, float, UpdateRule], None]] = {
    "gd": _gd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adam,
    "lbfgs": _lbfgs,
}
