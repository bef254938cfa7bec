"""Rollback: a copy of the last good parameters, to which a run that has diverged returns."""

from __future__ import annotations

import math

import numpy as np

from engine.compiled.loop import Loop

REPLAY_SIZE = 100_000  # parameters up to which the optimizer's memory is copied too, so that a run can be replayed


class Rollback:
    """Copies the parameters at every good report; of a small network everything needed to replay from there."""

    def __init__(self, loop: Loop) -> None:
        self.loop, vectors = loop, loop.flat.vectors
        small = vectors.parameters.size <= REPLAY_SIZE
        self.exact = (small or not vectors.slots) and loop.search is None
        kept = [vectors.parameters, *(vectors.slots.values() if small else ())]
        self.pairs = [(np.empty_like(vector), vector) for vector in kept]
        self.keep()

    def keep(self) -> None:
        """Copy the present parameters: they are the last good ones from now on."""
        for copy, vector in self.pairs:
            copy[...] = vector
        self.position = self.loop.position()

    def is_good(self, cost: float) -> bool:
        """Whether cost and parameters are finite numbers."""
        return math.isfinite(cost) and self.loop.flat.is_finite()

    def restore_last_good(self) -> tuple[float, int]:
        """Return to the last iteration known to be good. Gives its cost, and the first iteration known to be bad.

        A run that can be replayed exactly is bisected until the two are consecutive.
        """
        loop, bad = self.loop, self.loop.iteration
        cost = self._return()
        while self.exact and bad - loop.iteration > 1:
            middle = (loop.iteration + bad) // 2
            loop.advance(middle - loop.iteration)
            after = loop.cost()
            if self.is_good(after):
                cost = after
                self.keep()
            else:
                bad = middle
                self._return()
        loop.reset_optimizer()
        self.keep()
        return cost, bad

    def _return(self) -> float:
        self.loop.flat.clear_slots()
        for copy, vector in self.pairs:
            vector[...] = copy
        self.loop.restore_position(self.position)
        return self.loop.cost()
