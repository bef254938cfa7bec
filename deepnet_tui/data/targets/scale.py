"""From a target to the number that a network learns, and from its output back to a value."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from engine.arrays import Array


@dataclass(frozen=True)
class TargetScale:
    """How an output of a network becomes a value in the target's own unit.

    value = g(output * scale + mean), kept within `low` and `high` where these are given. g is the identity, or with
    `log` the exponential minus `shift`: the network learns log(value + shift), standardised.
    """

    mean: float = 0.0
    scale: float = 1.0
    log: bool = False
    shift: float = 0.0
    low: float | None = None
    high: float | None = None

    @property
    def is_plain(self) -> bool:
        """Whether a value is output * scale + mean and nothing else."""
        return not self.log and self.low is None and self.high is None

    def values(self, outputs: Array) -> Array:
        """What a network predicts, from its outputs."""
        found = self.unbounded(outputs)
        if self.low is None and self.high is None:
            return found
        return np.asarray(np.clip(found, self.low, self.high))

    def unbounded(self, outputs: Array) -> Array:
        """The values without their bounds: actual values may lie beyond those that predictions keep to."""
        z = np.asarray(outputs * self.scale + self.mean)
        if not self.log:
            return z
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(z) - self.shift)

    def outputs(self, values: Array) -> Array:
        """The outputs that stand for values; of a value that has no logarithm, the output of the lowest one."""
        if self.log:
            values = np.log(np.where(self.has_output(values), values, self._lowest) + self.shift)
        return np.asarray((values - self.mean) / self.scale)

    def has_output(self, values: Array) -> Array:
        """Which values have an output of their own: on a logarithmic scale those above -shift."""
        return np.asarray(values > -self.shift) if self.log else np.ones(np.shape(values), dtype=bool)

    @property
    def _lowest(self) -> float:
        tiny = math.exp(self.mean - 10.0 * self.scale) - self.shift
        return tiny if self.low is None or not self.low > -self.shift else self.low

    def check(self) -> None:
        """Raise ValueError for numbers that make no scale."""
        numbers = [getattr(self, field.name) for field in fields(self) if field.name != "log"]
        if not all(math.isfinite(number) for number in numbers if number is not None):
            raise ValueError("a number in the scale of the target is not finite")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("the lowest prediction is above the highest one")


PLAIN = TargetScale()
