"""How left and right step a value: each function gives the next value in a direction, 1 for more and -1 for less."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from engine.spec.network import MOST_MEMBERS
from engine.spec.settings import Setting

Value = Any
StepFunction = Callable[[Value, int], Value]


def ladder(*rungs: float) -> StepFunction:
    """Steps along 1, 2, 5 (or other rungs) times powers of ten."""

    def step(value: Value, direction: int) -> Value:
        power = math.floor(math.log10(value)) if value > 0 else 0
        power = min(300, max(-300, power))
        steps = [float(f"{rung * 10.0**p:.6g}") for p in range(power - 2, power + 3) for rung in rungs]
        if direction > 0:
            return next((rung for rung in steps if rung > value * (1 + 1e-9)), value)
        return next((rung for rung in reversed(steps) if rung < value * (1 - 1e-9)), value)

    return step


def whole_ladder(value: Value, direction: int) -> Value:
    """1, 2, 5, 10, ... to a thousand million."""
    if direction < 0 and value <= 1:
        return value
    other = max(1, int(ladder(1, 2, 5)(max(value, 1), direction)))
    return other if other <= 10**9 else max(value, 10**9) if direction > 0 else 10**9


def from_zero(first: float) -> StepFunction:
    """0, then 1 and 3 times powers of ten from `first` on."""
    climb = ladder(1, 3)

    def step(value: Value, direction: int) -> Value:
        if value < first * 1.001 and direction < 0:
            return 0.0
        return first if value < first * 0.999 else climb(value, direction)

    return step


def whole_from_zero(value: Value, direction: int) -> Value:
    """0, 1, 2, 5, 10, ..."""
    if direction < 0:
        return 0 if value <= 1 else whole_ladder(value, -1)
    return 1 if value < 1 else whole_ladder(value, 1)


def by_one(value: Value, direction: int) -> Value:
    """0, 1, 2, 3, ..."""
    return max(0, value + direction)


def off_then_by_one(value: Value, direction: int) -> Value:
    """off, 1, 2, 3, ..."""
    return by_one(value or 0, direction) or None


def between(low: float, high: float, by: float) -> StepFunction:
    """Even steps within bounds; a value typed beyond them stays where it is, or comes back."""

    def step(value: Value, direction: int) -> Value:
        other = round(value + direction * by, 4)
        return max(value, min(high, other)) if direction > 0 else min(value, max(low, min(high, other)))

    return step


def batch_sizes(value: Value, direction: int) -> Value:
    """full, 1024, 512, ... 1: a full batch is the largest."""
    if value is None:
        return 1024 if direction < 0 else None
    if direction < 0:
        return max(1, min(1024, int(2 ** (math.ceil(math.log2(value)) - 1))))
    other = int(2 ** (math.floor(math.log2(value)) + 1))
    return None if other > 1024 else other


def ensembles(value: Value, direction: int) -> Value:
    """1, 2, 4, ... 64."""
    power = math.floor(math.log2(value)) + 1 if direction > 0 else math.ceil(math.log2(value)) - 1
    return max(1, min(MOST_MEMBERS, int(2.0**power)))


def clip_norms(value: Value, direction: int) -> Value:
    """off, then 100, 30, 10, ... down: no bound is the largest."""
    if value is None:
        return 100.0 if direction < 0 else None
    return None if direction > 0 and value >= 100 else ladder(1, 3)(value, direction)


def dropouts(value: Value, direction: int) -> Value:
    """0, 0.1, ... 0.9; layers that differ start from 0."""
    return between(0.0, 0.9, 0.1)(value or 0.0, direction)


STEPS: dict[str, StepFunction] = {
    "batch_size": batch_sizes,
    "beta2": between(0.9, 0.999, 0.009),
    "clip_norm": clip_norms,
    "dropout": dropouts,
    "input_scale_rate": between(0.0, 1000.0, 2.0),
    "ensemble": ensembles,
    "iterations": whole_ladder,
    "momentum": between(0.0, 0.95, 0.05),
    "seed": by_one,
}
"""Of the settings that do not step as others of their kind."""


def step_of(setting: Setting) -> StepFunction | None:
    """How a setting steps, None where it does not: by its own entry in STEPS, else by its kind and bounds."""
    if setting.name in STEPS:
        return STEPS[setting.name]
    if setting.kind == "whole":
        return off_then_by_one if setting.optional else whole_ladder if setting.low >= 1 else whole_from_zero
    if setting.kind != "number" or setting.optional:
        return None
    if not math.isinf(setting.high):
        by = round((setting.high - setting.low) / 20, 4)
        return between(setting.low + by if setting.open_low else setting.low, setting.high, by)
    return ladder(1, 3) if setting.open_low else from_zero(1e-4)
