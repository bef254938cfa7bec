"""The best parameters of each network by the loss on its internal part, kept until the run ends."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.compiled.flat_parameters import FlatParameters
from engine.storage import state


class BestMembers:
    """Of each of the K networks in `flat` the lowest internal loss so far, its iteration, and the parameters then.

    `losses` and `iterations` are (K,), `parameters` (K, P).
    """

    def __init__(self, flat: FlatParameters) -> None:
        self.flat = flat
        self.parameters = np.zeros((flat.network.ensemble, flat.layout.size), flat.dtype)
        self.clear()

    def clear(self) -> None:
        """Forget what was best."""
        self.losses = np.full(len(self.parameters), math.inf)
        self.iterations = np.zeros(len(self.parameters), int)

    def update(self, losses: Array, iteration: int) -> None:
        """Add a report: copy the parameters of every network whose internal loss is its lowest; nan never is."""
        better = losses < self.losses
        self.losses[better], self.iterations[better] = losses[better], iteration
        self.parameters[better] = self._present()[better]

    def are_present(self, iteration: int) -> bool:
        """Whether the parameters at `iteration`, the present ones, are the best known of every network."""
        return bool((self.iterations[self._known] == iteration).all())

    @property
    def latest(self) -> int:
        """The iteration of the best parameters that were found last."""
        return int(self.iterations[self._known].max())

    def named(self) -> dict[str, Array]:
        """W1, b1, ... of all networks at their best; the present ones of a network that never had a finite loss."""
        present = self._present()
        found = np.where(self._known[:, None], self.parameters, present)
        return self.flat.layout.views(found.reshape(*self.flat.vectors.parameters.shape[:-1], -1))

    def sentence(self) -> str:
        """What bringing them back means, for people."""
        first, last = int(self.iterations[self._known].min()), self.latest
        if len(self.iterations) == 1:
            return f"the parameters of iteration {last:,} were the best by the internal part and have been brought back"
        when = f"iteration {last:,}" if first == last else f"iterations {first:,} to {last:,}"
        return f"each network got back its best parameters by its internal part ({when})"

    def numbers(self) -> dict[str, Any]:
        """Everything but the parameters, as plain numbers."""
        return {"losses": self.losses.tolist(), "iterations": self.iterations.tolist()}

    def restore(self, numbers: Mapping[str, Any], arrays: Mapping[str, Array], name: str) -> None:
        """Continue from `numbers()`, and the parameters in the array `name`. Raises StateError."""
        state.expect(arrays, name, self.parameters.shape)
        losses, iterations = np.array(numbers["losses"], float), np.array(numbers["iterations"], int)
        if losses.shape != self.losses.shape or iterations.shape != self.losses.shape:
            raise state.StateError("the state is damaged: it has the best losses of another number of networks")
        self.losses, self.iterations, self.parameters = losses, iterations, np.array(arrays[name])

    @property
    def _known(self) -> Array:
        return np.asarray(np.isfinite(self.losses))

    def _present(self) -> Array:
        return self.flat.vectors.parameters[..., : self.flat.layout.size].reshape(self.parameters.shape)
