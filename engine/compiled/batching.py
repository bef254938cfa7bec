"""How the examples reach the plan: all at once, in shuffled batches, or all of them block by block.

Each feed computes the gradient of one iteration into the same vector, divided by the number of its examples times the
mean weight of all: a short last batch counts as much as it holds, and weights mean the same in every batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np

from engine.arrays import Array
from engine.compiled import memory_budget
from engine.compiled.flat_parameters import FlatParameters
from engine.compiled.gradient_program import Buffers, Dense, GradientProgram, Inputs
from engine.compiled.memory_budget import example_bytes
from engine.compiled.mini_batches import Gatherer, Order
from engine.ops.losses import losses
from engine.predictor import Predictor
from engine.spec import NetworkSpec, TrainingSpec
from engine.storage import memmap

CACHE_BYTES = 2**20  # inputs, activations and gradients of a piece that shall stay in a core's cache
BLOCK_BYTES = 2**23  # activations of a block, where full-batch data are too large to be copied whole
COST_EXAMPLES = 10_000  # mini-batches: so many examples (if there are) are looked at for a cost


@dataclass
class BatchingContext:
    """What every feed needs: the network, its flat vectors, and the training data."""

    network: NetworkSpec
    flat: FlatParameters
    X: Array
    Y: Array
    weight: Array | None
    generator: np.random.Generator
    _predictor: Predictor | None = None

    @property
    def m(self) -> int:
        return int(self.X.shape[1])

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.flat.dtype

    @property
    def total(self) -> float:
        """The weight of all examples: their number, unless they are weighted."""
        return float(self.m) if self.weight is None else float(self.weight.sum())

    def plan(
        self,
        inputs: Inputs,
        Y: Array,
        weight: Array | None,
        buffers: Buffers,
        *,
        fixed: bool,
        into: Array | None = None,
    ) -> GradientProgram:
        """The plan for these examples, its gradient written to the flat gradient, or to the flat vector `into`."""
        blocks, gradients = self.flat.blocks, self.flat.gradients
        if into is not None:
            gradients = self.flat.layout.blocks(into)
        return GradientProgram(self.network, blocks, gradients, inputs, Y, weight, buffers, self.generator, fixed=fixed)

    def predictor(self) -> Predictor:
        """Predictions with the parameters as they are now; its buffers are made once."""
        if self._predictor is None:
            self._predictor = Predictor(self.network, self.flat.layers())
        self.flat.look()
        return self._predictor

    def mean_loss(self, pieces: Iterator[tuple[Array, Array, Array | None]]) -> float:
        """The weighted mean over pieces (Z[L], Y, weight of each example)."""
        loss = total = 0.0
        for Z, Y, weight in pieces:
            each = losses(self.network.task, Z, Y).astype(np.float64)
            loss += float(each.sum() if weight is None else each @ weight)
            total += each.size if weight is None else float(weight.sum())
        return loss / total if total else 0.0


class Batching(Protocol):
    """`calls` is the whole gradient as a flat list where it is the same every time, else None."""

    calls: list[Callable[[], object]] | None
    examples: int  # an iteration's

    def describe(self) -> str:
        """The formulas of an iteration's gradient, a line each."""

    def set_scale(self, factor: float) -> None:
        """Make gradients come out multiplied by `factor`."""

    def gradient(self) -> None:
        """The gradient of the next iteration."""

    def loss(self) -> float:
        """The mean loss with the current parameters, without dropout or penalty."""

    def state(self) -> dict[str, Any]: ...

    def restore(self, state: dict[str, Any]) -> None: ...


class FullBatch:
    """Every example in every iteration, from buffers that are filled once, or from the span of the examples.

    Many examples of a small network are walked in pieces whose activations stay in the cache; the pieces' gradients
    are added up.
    """

    def __init__(self, shared: BatchingContext) -> None:
        self.shared, self.examples = shared, shared.m
        self.plans = self._lay_plans()
        self.calls: list[Callable[[], object]] | None = self._flatten()

    def _lay_plans(self) -> list[GradientProgram]:
        shared, dtype = self.shared, self.shared.dtype
        weight = None if shared.weight is None else shared.weight[None, :].astype(dtype)
        Y = np.asarray(shared.Y, dtype)
        if shared.flat.gram is not None:
            return [shared.plan(shared.flat.gram, np.array(Y, order="C"), weight, Buffers(dtype), fixed=True)]
        buffers = Buffers(dtype)
        added = np.zeros_like(shared.flat.vectors.gradient) if self._piece() < shared.m else None
        plans = []
        for start in range(0, shared.m, self._piece()):
            cut = slice(start, min(start + self._piece(), shared.m))
            A0 = np.ones((shared.X.shape[0] + 1, cut.stop - start), dtype)
            A0[:-1] = shared.X[:, cut]
            part = None if weight is None else np.array(weight[:, cut], order="C")
            into = added if start else None
            plans.append(shared.plan(Dense(A0), np.array(Y[:, cut], order="C"), part, buffers, fixed=True, into=into))
        self._added = added
        return plans

    def _piece(self) -> int:
        """Examples in a piece: all, unless the network is small and its activations are many."""
        network = self.shared.network
        fitting = max(1, CACHE_BYTES // example_bytes(network, self.shared.dtype))
        small = network.size * self.shared.dtype.itemsize <= CACHE_BYTES // 4
        return fitting if small and self.shared.m > 2 * fitting else self.shared.m

    def _flatten(self) -> list[Callable[[], object]]:
        gradient = self.shared.flat.vectors.gradient
        calls: list[Callable[[], object]] = []
        for number, plan in enumerate(self.plans):
            if len({plan.m for plan in self.plans}) > 1 and number in (0, len(self.plans) - 1):
                calls.append(plan.restore_ones)
            calls += plan.calls
            if number:
                calls.append(partial(np.add, gradient, self._added, gradient))
        return calls

    def describe(self) -> str:
        pieces = len(self.plans)
        added = f"\n(this for each of {pieces} pieces of the examples, their gradients added up)" if pieces > 1 else ""
        return self.plans[0].describe() + added

    def set_scale(self, factor: float) -> None:
        for plan in self.plans:
            plan.set_scale(factor / self.shared.total)

    def gradient(self) -> None:
        for call in self.calls or ():
            call()

    def loss(self) -> float:
        return self.shared.mean_loss(self._pieces())

    def _pieces(self) -> Iterator[tuple[Array, Array, Array | None]]:
        for plan in self.plans:
            plan.restore_ones()
            plan.evaluate.play()
            yield plan.Z[-1], plan.Y, None if plan.weight is None else plan.weight[0]

    def state(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """There is nothing to restore."""


class _Gathered:
    """Plans over a buffer into which examples are gathered: one for a full load, one for a short last one."""

    def __init__(self, shared: BatchingContext, load: int) -> None:
        self.shared, self.load = shared, min(load, shared.m)
        self.dtype = shared.dtype
        self.gatherer = Gatherer(shared.X, shared.Y, shared.weight, self.load, self.dtype)
        self.buffers = Buffers(self.dtype)
        self.calls: list[Callable[[], object]] | None = None
        self.plans = {self.load: self._plan(self.load)}
        if shared.m % self.load:
            self.plans[shared.m % self.load] = self._plan(shared.m % self.load)
        self.armed = 0

    def _plan(self, count: int) -> GradientProgram:
        inputs = Dense(self.gatherer.inputs[:count].T)
        weight = None if self.shared.weight is None else self.gatherer.shown[:, :count]
        return self.shared.plan(inputs, self.gatherer.targets(count), weight, self.buffers, fixed=False)

    def describe(self) -> str:
        return self.plans[self.load].describe()

    def play(self, indices: Array) -> None:
        """The gradient of these examples, from the plan for their number."""
        self.gatherer.load(indices)
        plan = self.plans[indices.size]
        if self.armed != indices.size:
            plan.restore_ones()
            self.armed = indices.size
        for call in plan.calls:
            call()

    def pieces(self, chosen: Array) -> Iterator[tuple[Array, Array, Array | None]]:
        """(Z[L], Y, weight) of the chosen examples, some at a time."""
        predictor, rows = self.shared.predictor(), self.gatherer.rows
        X = np.empty((min(predictor.block, chosen.size), rows.shape[1]), rows.dtype)
        for start in range(0, chosen.size, predictor.block):
            indices = chosen[start : start + predictor.block]
            part = X[: indices.size]
            self.gatherer.read(indices, part)
            weight = None if self.shared.weight is None else self.shared.weight[indices]
            yield predictor.logits(part.T), self.gatherer.labels[indices].T, weight


class MiniBatch(_Gathered):
    """A new batch of shuffled examples in every iteration."""

    def __init__(self, shared: BatchingContext, batch: int, training: TrainingSpec) -> None:
        super().__init__(shared, batch)
        self.examples = self.load
        seed = training.seed
        self.order = Order(shared.m, self.load, seed, shuffle=training.shuffle)
        chosen = np.random.default_rng(seed).permutation(shared.m)[:COST_EXAMPLES] if shared.m > COST_EXAMPLES else None
        self.looked_at = np.arange(shared.m) if chosen is None else np.sort(chosen)

    def set_scale(self, factor: float) -> None:
        per_example = self.shared.total / self.shared.m
        for count, plan in self.plans.items():
            plan.set_scale(factor / (count * per_example))

    def gradient(self) -> None:
        self.play(self.order.next())

    def loss(self) -> float:
        """Of all examples, or of a fixed random sample where there are more than COST_EXAMPLES."""
        return self.shared.mean_loss(self.pieces(self.looked_at))

    def state(self) -> dict[str, Any]:
        return self.order.state()

    def restore(self, state: dict[str, Any]) -> None:
        self.order.restore(state)


class Streamed(_Gathered):
    """Every example in every iteration, block by block: the gradient is added up."""

    def __init__(self, shared: BatchingContext) -> None:
        super().__init__(shared, max(1, BLOCK_BYTES // example_bytes(shared.network, shared.dtype)))
        self.examples = shared.m
        self.sum = np.zeros_like(shared.flat.vectors.gradient)

    def set_scale(self, factor: float) -> None:
        for plan in self.plans.values():
            plan.set_scale(factor / self.shared.total)

    def gradient(self) -> None:
        self.sum.fill(0)
        for start in range(0, self.shared.m, self.load):
            self.play(np.arange(start, min(start + self.load, self.shared.m)))
            self.sum += self.shared.flat.vectors.gradient
        self.shared.flat.vectors.gradient[...] = self.sum

    def loss(self) -> float:
        return self.shared.mean_loss(self.pieces(np.arange(self.shared.m)))

    def state(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """There is nothing to restore."""


def needs_streaming(network: NetworkSpec, X: Array, dtype: np.dtype[Any]) -> bool:
    """Whether a full batch should be walked block by block: it lies on disk, or its arrays would be very large."""
    on_disk = memmap.mapping(X) is not None and X.nbytes > BLOCK_BYTES
    return on_disk or example_bytes(network, dtype) * X.shape[1] > memory_budget.WHOLE_BYTES
