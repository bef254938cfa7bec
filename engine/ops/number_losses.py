"""Losses for numbers besides the squared error: less moved by outliers, for a quantile, and for counts."""

from __future__ import annotations

from functools import lru_cache, partial

import numpy as np

from engine.arrays import Array
from engine.ops.loss import Loss, difference, log_of_mean, pooled_linear
from engine.ops.program import Program


def _huber(Z: Array, Y: Array) -> Array:
    """e^2 / 2 where |e| is at most 1, |e| - 1/2 beyond, e = z - y (Huber 1964), summed over the outputs."""
    size = np.abs(Z - Y)
    near = np.minimum(size, 1)
    return np.asarray((near * (size - near / 2)).sum(axis=0))


def _record_huber_error(program: Program, Z: Array, A: Array, Y: Array, dZ: Array) -> None:
    difference(program, Z, A, Y, dZ)
    program.add("dZ = min(dZ, 1)", np.minimum, dZ, np.array(1, dZ.dtype), out=dZ)
    program.add("dZ = max(dZ, -1)", np.maximum, dZ, np.array(-1, dZ.dtype), out=dZ)


def _absolute(Z: Array, Y: Array) -> Array:
    """|z - y|, summed over the outputs."""
    return np.asarray(np.abs(Z - Y).sum(axis=0))


def _record_absolute_error(program: Program, Z: Array, A: Array, Y: Array, dZ: Array) -> None:
    difference(program, Z, A, Y, dZ)
    program.add("dZ = sign(dZ)", np.sign, dZ, out=dZ)


def _pinball(quantile: float, Z: Array, Y: Array) -> Array:
    """q (y - z) where y is larger, (1 - q) (z - y) elsewhere (Koenker & Bassett 1978), summed over the outputs."""
    error = Z - Y
    return np.asarray(np.maximum((1 - quantile) * error, -quantile * error).sum(axis=0))


def _record_pinball_error(quantile: float, program: Program, Z: Array, A: Array, Y: Array, dZ: Array) -> None:
    """1 - q where A is larger, -q where Y is, and halfway between the two where they are equal."""
    _record_absolute_error(program, Z, A, Y, dZ)
    program.add("dZ = dZ / 2", np.multiply, dZ, np.array(0.5, dZ.dtype), out=dZ)
    shift = 0.5 - quantile
    program.add(f"dZ = dZ + {shift:g}", np.add, dZ, np.array(shift, dZ.dtype), out=dZ)


def _poisson(Z: Array, Y: Array) -> Array:
    """e^z - y z - y + y log(y): half the deviance of a Poisson distribution, summed over the outputs."""
    Y = np.asarray(Y, np.result_type(Y, np.float32))
    least = Y * np.log(np.where(Y > 0, Y, 1)) - Y
    return np.asarray((np.exp(Z) - Y * Z + least).sum(axis=0))


def _above(Z: Array, Y: Array) -> Array:
    return np.asarray(Z > Y)


def _beyond(Z: Array, Y: Array) -> Array:
    return np.asarray(np.abs(Z - Y) > 1)


@lru_cache(64)
def quantile_loss(quantile: float) -> Loss:
    """The loss whose best constant prediction is this quantile of the labels."""
    shift = 0.5 - quantile
    return Loss(
        partial(_pinball, quantile),
        "linear",
        "numbers",
        f"max({1 - quantile:.4g} (a - y), {quantile:.4g} (y - a))",
        pooled=pooled_linear,
        record_error=partial(_record_pinball_error, quantile),
        error_formula=f"sign(a - y)/2 {'-' if shift < 0 else '+'} {abs(shift):.4g}" if shift else "sign(a - y)/2",
        side=_above,
        quantile=quantile,
        at_quantile=quantile_loss,
    )


HUBER = Loss(
    _huber,
    "linear",
    "numbers",
    "(a - y)^2 / 2 if |a - y| < 1 else |a - y| - 1/2",
    pooled=pooled_linear,
    record_error=_record_huber_error,
    error_formula="max(min(a - y, 1), -1)",
    side=_beyond,
)
ABSOLUTE = Loss(
    _absolute,
    "linear",
    "numbers",
    "|a - y|",
    pooled=pooled_linear,
    record_error=_record_absolute_error,
    error_formula="sign(a - y)",
    side=_above,
)
POISSON = Loss(_poisson, "exp", "numbers", "a - y + y log(y / a)", pooled=log_of_mean, for_amounts=True)
