"""L-BFGS: a quasi-Newton direction from the last few steps, and a line search for the step length.

Two-loop recursion and strong Wolfe line search after Nocedal and Wright, "Numerical Optimization" (2006),
algorithms 7.4, 3.5 and 3.6; the constants are theirs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from engine.arrays import Array

Evaluate = Callable[[Array], tuple[float, Array]]  # from parameters to cost and gradient; the array is reused
MEMORY = 10  # steps remembered
SUFFICIENT = 1e-4  # least decrease of the cost, as a share of what the slope predicts
CURVATURE = 0.9  # largest slope at the end of a step, as a share of that at its start
TRIALS = 25  # evaluations in one line search, at most


class Lbfgs:
    """Minimises `evaluate` over vectors of `size` elements; `step(point)` moves `point` in place.

    `cost` and `gradient` are those of the last evaluation, `evaluations` counts them.
    """

    def __init__(self, evaluate: Evaluate, size: int) -> None:
        self.evaluate = evaluate
        self.pairs = np.zeros((2, MEMORY, size))  # moves, and changes of the gradient along them: a ring buffer
        self.count = 0  # pairs so far: the newest is the one before count % MEMORY
        self.cost, self.gradient = math.nan, np.zeros(0)
        self.evaluations = 0  # of cost and gradient, so far

    def reset(self) -> None:
        """Drop the curvature and the last evaluation, because the point or the cost function has been changed."""
        self.count = 0
        self.cost, self.gradient = math.nan, np.zeros(0)

    def arrays(self) -> dict[str, Array]:
        """Its memory: the last moves, the changes of the gradient ("turns"), the gradient, and (1,) the cost."""
        return {
            "moves": self.pairs[0, self._order()],
            "turns": self.pairs[1, self._order()],
            "slope": self.gradient,
            "search cost": np.array([self.cost]),
        }

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Continue from the `arrays()` of another search."""
        self.count = len(arrays["moves"])
        self.pairs[0, : self.count], self.pairs[1, : self.count] = arrays["moves"], arrays["turns"]
        self.gradient = np.array(arrays["slope"])
        self.cost = float(arrays["search cost"][0])

    def step(self, point: Array) -> bool:
        """One iteration. Returns False, with `point` unchanged, if the cost falls in no direction."""
        if math.isnan(self.cost):
            self._evaluate(point)
        direction = -self._curved(self.gradient)
        slope = float(direction @ self.gradient)
        if not slope < 0:
            self.count = 0
            direction = -self.gradient
            slope = float(direction @ self.gradient)
        if not slope < 0 or not math.isfinite(slope):
            return False
        first = 1.0 if self.count else min(1.0, 1.0 / float(np.abs(self.gradient).sum()))
        start, before = point.copy(), self.gradient.copy()
        length = self._search(start, direction, slope, first, self.cost, point)
        if length == 0.0:
            point[...] = start
            if self.count:  # the remembered curvature may be what misleads
                self.reset()
                return self.step(point)
            return False
        move, turn = point.astype(np.float64) - start, self.gradient - before
        if float(move @ turn) > 1e-10 * float(turn @ turn):
            self.pairs[0, self.count % MEMORY], self.pairs[1, self.count % MEMORY] = move, turn
            self.count += 1
        return True

    def _order(self) -> list[int]:
        """The positions of the pairs in the ring buffer, oldest first."""
        return [number % MEMORY for number in range(max(0, self.count - MEMORY), self.count)]

    def _evaluate(self, point: Array) -> tuple[float, Array]:
        cost, gradient = self.evaluate(point)
        self.evaluations += 1
        self.cost, self.gradient = cost, gradient.astype(np.float64)
        return self.cost, self.gradient

    def _curved(self, gradient: Array) -> Array:
        """The estimate of the inverse Hessian, times the gradient (two-loop recursion)."""
        q = gradient.astype(np.float64)
        pairs = [self.pairs[:, position] for position in self._order()]
        shares = []
        for move, turn in reversed(pairs):
            share = (move @ q) / (move @ turn)
            shares.append(share)
            q -= share * turn
        if pairs:
            move, turn = pairs[-1]
            q *= (move @ turn) / (turn @ turn)
        for (move, turn), share in zip(pairs, reversed(shares), strict=True):
            q += (share - (turn @ q) / (move @ turn)) * move
        return q

    def _search(self, start: Array, direction: Array, slope: float, first: float, cost: float, point: Array) -> float:
        """The step length, with `point`, cost and gradient evaluated there; 0 if none was found."""

        def at(length: float) -> tuple[float, float]:
            point[...] = start + length * direction
            value, gradient = self._evaluate(point)
            return (value, float(gradient @ direction)) if math.isfinite(value) else (math.inf, math.inf)

        low, low_cost, low_slope = 0.0, cost, slope
        high = high_cost = math.inf
        length = first
        best, best_cost = 0.0, cost
        for _ in range(TRIALS):
            value, here = at(length)
            if value < best_cost:
                best, best_cost = length, value
            if value > cost + SUFFICIENT * length * slope or value >= low_cost:
                high, high_cost = length, value
            elif abs(here) <= -CURVATURE * slope:
                return length
            else:
                if (here >= 0) if math.isinf(high) else (here * (high - low) >= 0):
                    high, high_cost = low, low_cost
                low, low_cost, low_slope = length, value, here
            if math.isinf(high):
                length *= 2
            elif abs(high - low) * float(np.abs(direction).max()) < 1e-14:
                break
            else:
                length = _between(low, low_cost, low_slope, high, high_cost)
        if best:
            at(best)
        else:
            point[...] = start
            self._evaluate(point)
        return best


def _between(low: float, low_cost: float, low_slope: float, high: float, high_cost: float) -> float:
    """The minimum of the parabola through both ends, kept away from the ends."""
    width = high - low
    bend = high_cost - low_cost - low_slope * width
    inside = 0.5 if not math.isfinite(bend) or bend <= 0 else -low_slope * width / (2 * bend)
    return low + width * min(max(inside, 0.1), 0.9)
