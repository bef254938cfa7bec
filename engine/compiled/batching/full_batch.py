"""Full batch: every example in every iteration, all of them copied into fixed buffers once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.compiled.batching.base import BatchingContext, Gradients, Piece
from engine.compiled.gradient_program import Buffers, GradientProgram
from engine.compiled.inputs import Dense
from engine.compiled.memory_budget import example_bytes
from engine.predictor import Predictor

CACHE_BYTES = 2**20  # inputs, activations and gradients of a piece that should stay in a core's cache


class FullBatch:
    """Every example in every iteration, from buffers that are filled once, or from the Gram matrix of the examples.

    Many examples of a small network are processed in pieces whose activations stay in the cache; the gradients of the
    pieces are added up.
    """

    def __init__(self, shared: BatchingContext) -> None:
        self.shared, self.examples = shared, shared.m
        self.programs = self._record_programs()
        self.calls: list[Callable[[], object]] | None = self._all_calls()

    def _record_programs(self) -> list[Gradients]:
        """One program for each piece; the first writes to the flat gradient, the others to `_added`."""
        shared, dtype = self.shared, self.shared.dtype
        weight = None if shared.training_weight is None else shared.training_weight[None].astype(dtype)
        Y = np.asarray(shared.Y, dtype)
        if shared.flat.gram is not None:
            return [shared.record(shared.flat.gram, np.array(Y, order="C"), weight, Buffers(dtype), fixed=True)]
        buffers = Buffers(dtype)
        size = self._piece_size()
        self._added = np.zeros_like(shared.flat.vectors.gradient) if size < shared.m else None
        programs: list[Gradients] = []
        for start in range(0, shared.m, size):
            cut = slice(start, min(start + size, shared.m))
            A0 = np.ones((shared.X.shape[0] + 1, cut.stop - start), dtype)
            A0[:-1] = shared.X[:, cut]
            part = None if weight is None else np.array(weight[..., cut], order="C")
            into = self._added if start else None
            labels = np.array(Y[:, cut], order="C")
            programs.append(shared.record(Dense(A0), labels, part, buffers, fixed=True, into=into))
        return programs

    def _piece_size(self) -> int:
        """Examples in a piece: all, unless the network is small and its activations are many."""
        network = self.shared.network.member
        fitting = max(1, CACHE_BYTES // example_bytes(network, self.shared.dtype))
        small = network.size * self.shared.dtype.itemsize <= CACHE_BYTES // 4
        return fitting if small and self.shared.m > 2 * fitting else self.shared.m

    def _all_calls(self) -> list[Callable[[], object]]:
        gradient = self.shared.flat.vectors.gradient
        calls: list[Callable[[], object]] = []
        for number, program in enumerate(self.programs):
            if len({program.m for program in self.programs}) > 1 and number in (0, len(self.programs) - 1):
                calls.append(program.restore_ones)
            calls += program.calls
            if number:
                calls.append(partial(np.add, gradient, self._added, gradient))
        return calls

    def describe(self) -> str:
        """The formulas of one iteration's gradient, one a line."""
        pieces = len(self.programs)
        added = f"\n(this for each of {pieces} pieces of the examples, their gradients added up)" if pieces > 1 else ""
        return self.programs[0].describe() + added

    def set_scale(self, factor: float | Array) -> None:
        """Multiply every gradient by `factor` from now on, a number or (K, 1)."""
        for program in self.programs:
            program.set_scale(factor / self.shared.total)

    def gradient(self) -> None:
        """Compute the gradient of the next iteration into the flat gradient."""
        for call in self.calls or ():
            call()

    def losses(self) -> Array:
        """The mean loss (K,) of all examples trained on with the current parameters, without dropout or penalty."""
        groups = zip(*(program.groups for program in self.programs), strict=True)  # the same members in each piece
        return np.concatenate([np.reshape(self.shared.mean_loss(self._whole(programs)), -1) for programs in groups])

    def pieces(self, predictor: Predictor, chosen: Array) -> Iterator[Piece]:
        """Z[L], Y and weight of the chosen training examples, some at a time."""
        shared = self.shared
        for start in range(0, chosen.size, predictor.block):
            indices = chosen[start : start + predictor.block]
            weight = None if shared.weight is None else shared.weight[indices]
            yield predictor.logits(shared.X[:, indices]), shared.Y[:, indices], weight

    def _whole(self, programs: Sequence[GradientProgram]) -> Iterator[Piece]:
        for program in programs:
            program.restore_ones()
            program.evaluate.run()
            yield program.Z[-1], program.Y, None if program.weight is None else program.weight[0]

    def state(self) -> dict[str, Any]:
        """Nothing: all iterations use the same examples."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """There is nothing to restore."""
