"""A run as the kernel needs it: tables, padded data and memory, and the advance by a number of iterations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from engine.arrays import Array
from engine.compiled.batching.base import Batching, BatchingContext
from engine.compiled.batching.mini_batch import MiniBatch
from engine.compiled.layout import aligned
from engine.compiled.native import codes
from engine.compiled.native.codes import Layer, Plan, Setting
from engine.ops.activations import ACTIVATIONS
from engine.ops.optimizers import OPTIMIZERS
from engine.spec import TrainingSpec

BLOCK_BYTES = 128  # of a row: what a block of a product takes
TILE_BYTES = 250_000  # activations and errors of the examples that are processed together
DRAWS = 2**16  # uniform numbers, or chosen examples, drawn at once for each network

Kernel = Callable[..., None]


class NativeProgram:
    """Runs iterations by `kernel` over the flat vectors of `shared`; `batching` draws the examples.

    `trainings` has the settings of each network, or one for all of them; they differ in numbers only.
    """

    def __init__(
        self, kernel: Kernel, shared: BatchingContext, batching: Batching, trainings: Sequence[TrainingSpec]
    ) -> None:
        self.kernel, self.shared, self.batching, self.trainings = kernel, shared, batching, trainings
        network, vectors = shared.network, shared.flat.vectors
        self.members, self.dtype = network.ensemble, shared.dtype
        self.mini_batch = batching if isinstance(batching, MiniBatch) else None
        self.batched = self.mini_batch is not None
        self.count = batching.examples if self.batched else shared.m
        block = BLOCK_BYTES // self.dtype.itemsize
        self.width = -(-self.count // block) * block
        self._lay_out(block)
        self._prepare_data()
        rows = (self.members, -1)
        slots = [slot.reshape(rows) for slot in vectors.slots.values()]
        empty = np.zeros((self.members, 0), self.dtype)
        self.vectors = [vectors.parameters.reshape(rows), vectors.gradient.reshape(rows), *(slots + [empty] * 2)[:2]]
        is_weight = np.ones(shared.flat.layout.size, self.dtype)
        for layer in shared.flat.layout.blocks(is_weight):
            layer[:, -1] = 0
        self.is_weight = is_weight
        self.settings = self._settings()

    def _lay_out(self, block: int) -> None:
        """The table of layers, the plan, and the memory that both refer to."""
        network, dims = self.shared.network, self.shared.network.dims
        last = len(dims) - 1
        row_count = sum(dims) + 2 * max(dims[1:])
        fitting = max(block, TILE_BYTES // (row_count * self.dtype.itemsize) // block * block)
        pieces = -(-self.width // fitting)
        tile = -(-self.width // pieces // block) * block
        stride = tile + (block // 2 if tile % (4 * block) == 0 else 0)  # not all rows in the same part of the cache
        layers = np.zeros((len(dims), len(Layer)), np.int64)
        place, ones, start = 0, [], 0

        def take(rows: int) -> int:
            nonlocal place
            place += rows * stride
            return place - rows * stride

        layers[0, Layer.UNITS] = dims[0]
        self.keep = np.ones(len(dims), self.dtype)
        for layer in range(1, last + 1):
            row = layers[layer]
            row[Layer.UNITS], row[Layer.BLOCK] = dims[layer], start
            start += dims[layer] * (dims[layer - 1] + 1)
            if layer == last:
                row[Layer.Z] = take(dims[layer])
                continue
            spec = network.hidden[layer - 1]
            row[Layer.OUT] = take(dims[layer] + 1)
            ones.append(int(row[Layer.OUT]) + dims[layer] * stride)
            row[Layer.A] = take(dims[layer]) if spec.dropout else row[Layer.OUT]
            row[Layer.Z] = take(dims[layer]) if ACTIVATIONS[spec.activation].keeps_z else row[Layer.A]
            row[Layer.ACTIVATION], row[Layer.DROPS] = codes.ACTIVATIONS.index(spec.activation), spec.dropout > 0
            row[Layer.MASK] = take(dims[layer]) if spec.dropout else 0
            self.keep[layer] = 1 - spec.dropout
        plan = np.zeros(len(Plan), np.int64)
        plan[Plan.ERROR], plan[Plan.OTHER], plan[Plan.ROW] = take(max(dims[1:])), take(max(dims[1:])), take(1)
        if self.batched:
            plan[Plan.INPUTS] = place
            place += (dims[0] + 1) * self.width
            plan[Plan.LABELS], plan[Plan.WEIGHT] = place, place + dims[-1] * self.width
            place += (dims[-1] + 1) * self.width
        optimizer = OPTIMIZERS[self.trainings[0].optimizer]
        plan[Plan.RULE] = codes.RULES[self.trainings[0].optimizer]
        plan[Plan.LOSS] = codes.LOSSES.index(network.loss_name)
        plan[Plan.CLIPS] = any(each.clip_norm is not None for each in self.trainings)
        plan[Plan.FOLDS], plan[Plan.DECOUPLED] = optimizer.folds_rate, optimizer.decoupled_decay
        plan[Plan.BATCHED], plan[Plan.COUNT], plan[Plan.WIDTH] = self.batched, self.count, self.width
        plan[Plan.TILE], plan[Plan.STRIDE], plan[Plan.INPUT_STRIDE] = tile, stride, self.width
        self.layers, self.plan, self.work = layers, plan, aligned(place, self.dtype)
        for at in ones:
            self.work[at : at + stride] = 1
        if self.batched:
            at = int(plan[Plan.INPUTS]) + dims[0] * self.width
            self.work[at : at + self.width] = 1
        self.masked = sum(spec.units for spec in network.hidden if spec.dropout)  # units with dropout

    def _prepare_data(self) -> None:
        shared, dtype = self.shared, self.dtype
        if self.mini_batch is not None:
            gatherer = self.mini_batch.gatherer
            self.inputs = np.ascontiguousarray(gatherer.rows, dtype).reshape(-1)
            self.labels = gatherer.labels.reshape(-1)
            self.weight = np.ones((1, shared.m), dtype)
            if shared.weight is not None:
                self.weight[0] = shared.weight
            return
        X, Y = np.zeros((shared.X.shape[0] + 1, self.width), dtype), np.zeros((len(shared.Y), self.width), dtype)
        X[:-1, : shared.m], X[-1], Y[:, : shared.m] = shared.X, 1, shared.Y
        self.inputs, self.labels = X.reshape(-1), Y.reshape(-1)
        weight = np.ones(shared.m) if shared.training_weight is None else shared.training_weight
        self.weight = np.zeros((1 if weight.ndim == 1 else len(weight), self.width), dtype)
        self.weight[:, : shared.m] = weight

    def _settings(self) -> Array:
        total = np.broadcast_to(np.ravel(self.shared.total), self.members)
        per_error = total / self.shared.trained_on if self.batched else total
        columns = {
            Setting.L2: [each.l2 for each in self.trainings],
            Setting.L1: [each.l1 for each in self.trainings],
            Setting.CLIP: [math.inf if each.clip_norm is None else each.clip_norm for each in self.trainings],
            Setting.BETA1: [each.momentum for each in self.trainings],
            Setting.BETA2: [each.beta2 for each in self.trainings],
            Setting.EPSILON: [each.epsilon for each in self.trainings],
            Setting.TOTAL: total,
            Setting.DIVISOR: per_error,
        }
        settings = np.zeros((self.members, len(Setting)))
        for column, values in columns.items():
            settings[:, column] = values
        return settings

    def piece(self) -> int:
        """The iterations that can be run at once, as what they draw must fit into memory."""
        drawn = max(self.masked * self.count, self.count if self.batched else 0)
        return max(1, DRAWS // drawn) if drawn else 2**40

    def draw(self, n: int) -> None:
        """Draw what the next `n` iterations take at random, at most `piece()` of them."""
        self.order, self.counts, used = np.zeros((self.members, 0), np.int64), np.zeros(0, np.int64), n * self.count
        if self.mini_batch is not None:
            self.order, self.counts = self.mini_batch.upcoming(n)
            used = int(self.counts.sum())
        self.draws = np.empty((self.members, self.masked * used), self.dtype)
        if self.masked:
            for generator, row in zip(self.shared.generators, self.draws, strict=True):
                generator.random(row.size, self.dtype, row)

    def advance(self, rates: Array, updates: int, n: int) -> None:
        """Run the `n` iterations that were drawn; `rates` (1 or n, K), with so many `updates` before."""
        self.kernel(
            n,
            0,
            self.members,
            self.plan,
            self.layers,
            self.keep,
            self.shared.network.quantile,
            *self.vectors,
            self.is_weight,
            self.inputs,
            self.labels,
            self.weight,
            self.order,
            self.counts,
            self.settings,
            rates,
            updates,
            self.draws,
            self.work,
        )
