"""A run as the kernel needs it: tables, padded data and memory, and the advance by a number of iterations."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.compiled.batching.base import Batching, BatchingContext
from engine.compiled.batching.mini_batch import MiniBatch
from engine.compiled.layout import aligned
from engine.compiled.native import codes, shares
from engine.compiled.native.codes import LayerColumn, PlanNumber, SettingColumn
from engine.compiled.native.shares import Crew, Share
from engine.compiled.native.sharing_choice import SharingChoice
from engine.ops.activations import ACTIVATIONS
from engine.ops.optimizers import OPTIMIZERS
from engine.spec import TrainingSpec

BLOCK_BYTES = 128  # of a row: what a block of a product takes
LEAST_TILE = 4  # blocks
TILE_BYTES = 250_000  # activations and errors of the examples that are processed together
DRAWS = 2**16  # uniform numbers, or chosen examples, drawn at once for each network

WORTH_A_THREAD = 3e6  # parameters times examples times iterations, of several networks
WORTH_SHARING = 2e6  # parameters times examples of an iteration of one network

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
        layers, work = self._lay_out(block)
        self.data = self._examples()
        rows = (self.members, -1)
        slots = [slot.reshape(rows) for slot in vectors.slots.values()]
        empty = np.zeros((self.members, 0), self.dtype)
        self.vectors = (vectors.parameters.reshape(rows), vectors.gradient.reshape(rows), *(slots + [empty] * 2)[:2])
        is_weight = np.zeros(self.vectors[0].shape[-1], self.dtype)
        for layer in shared.flat.layout.blocks(is_weight):
            layer[:, :-1] = 1
        self.is_weight = is_weight
        self.settings = self._settings()
        self.shares = self._shares(layers, work)
        self.sharing = SharingChoice() if self.members == 1 and len(self.shares) > 1 else None
        self.iterations_run = np.zeros(1, np.int64)

    def _lay_out(self, block: int) -> tuple[Array, Array]:
        """The table of layers, the plan, and the memory that both refer to."""
        network, dims = self.shared.network, self.shared.network.dims
        last = len(dims) - 1
        row_count = sum(dims) + 2 * max(dims[1:])
        fitting = max(LEAST_TILE * block, TILE_BYTES // (row_count * self.dtype.itemsize) // block * block)
        pieces = -(-self.width // fitting)
        tile = -(-self.width // pieces // block) * block
        stride = tile + (block // 2 if tile % (4 * block) == 0 else 0)  # not all rows in the same part of the cache
        layers = np.zeros((len(dims), len(LayerColumn)), np.int64)
        place, ones, start = 0, [], 0

        def take(rows: int) -> int:
            nonlocal place
            place += rows * stride
            return place - rows * stride

        layers[0, LayerColumn.UNITS] = dims[0]
        self.keep = np.ones(len(dims), self.dtype)
        for layer in range(1, last + 1):
            row = layers[layer]
            row[LayerColumn.UNITS], row[LayerColumn.BLOCK] = dims[layer], start
            start += dims[layer] * (dims[layer - 1] + 1)
            if layer == last:
                row[LayerColumn.Z] = take(dims[layer])
                continue
            spec = network.hidden[layer - 1]
            row[LayerColumn.OUT] = take(dims[layer] + 1)
            ones.append(int(row[LayerColumn.OUT]) + dims[layer] * stride)
            row[LayerColumn.A] = take(dims[layer]) if spec.dropout else row[LayerColumn.OUT]
            row[LayerColumn.Z] = take(dims[layer]) if ACTIVATIONS[spec.activation].keeps_z else row[LayerColumn.A]
            row[LayerColumn.ACTIVATION], row[LayerColumn.DROPS] = (
                codes.ACTIVATIONS.index(spec.activation),
                spec.dropout > 0,
            )
            row[LayerColumn.MASK] = take(dims[layer]) if spec.dropout else 0
            self.keep[layer] = 1 - spec.dropout
        plan = np.zeros(len(PlanNumber), np.int64)
        plan[PlanNumber.ERROR], plan[PlanNumber.OTHER], plan[PlanNumber.ROW] = (
            take(max(dims[1:])),
            take(max(dims[1:])),
            take(1),
        )
        if self.batched:
            plan[PlanNumber.INPUTS] = place
            place += (dims[0] + 1) * self.width
            plan[PlanNumber.LABELS], plan[PlanNumber.WEIGHT] = place, place + dims[-1] * self.width
            place += (dims[-1] + 1) * self.width
        optimizer = OPTIMIZERS[self.trainings[0].optimizer]
        plan[PlanNumber.RULE] = codes.RULES[self.trainings[0].optimizer]
        plan[PlanNumber.LOSS] = codes.LOSSES.index(network.loss_name)
        plan[PlanNumber.CLIPS] = any(each.clip_norm is not None for each in self.trainings)
        plan[PlanNumber.FOLDS], plan[PlanNumber.DECOUPLED] = optimizer.folds_rate, optimizer.decoupled_decay
        plan[PlanNumber.BATCHED], plan[PlanNumber.COUNT], plan[PlanNumber.WIDTH] = self.batched, self.count, self.width
        plan[PlanNumber.TILE], plan[PlanNumber.STRIDE], plan[PlanNumber.INPUT_STRIDE] = tile, stride, self.width
        plan[PlanNumber.SIZE] = self.shared.flat.layout.size
        layers[:, LayerColumn.AFTER] = layers[:, LayerColumn.UNITS]
        self.plan, work = plan, aligned(place, self.dtype)
        for at in ones:
            work[at : at + stride] = 1
        if self.batched:
            at = int(plan[PlanNumber.INPUTS]) + dims[0] * self.width
            work[at : at + self.width] = 1
        self.masked = sum(spec.units for spec in network.hidden if spec.dropout)  # units with dropout
        return layers, work

    def _shares(self, layers: Array, work: Array) -> list[Share]:
        """Those of all threads among which iterations can be shared; one is for the whole."""
        size = self.vectors[0].shape[-1]
        self.whole = shares.all_in_one((0, self.members), layers, size, work)
        count = shares.processors()
        if self.members == 1:
            count = min(count, shares.TOGETHER)
            worth = count > 1 and self.plan[PlanNumber.WIDTH] * size > WORTH_SHARING
            return shares.by_unit(count, layers, size, work) if worth else [self.whole]
        count = min(count, self.members, shares.MOST_THREADS)
        memories = [work, *(aligned(work.size, self.dtype) for _ in range(count - 1))]
        for memory in memories[1:]:
            memory[...] = work
        return shares.by_network(self.members, layers, size, memories)

    def _examples(self) -> tuple[Array, Array, Array]:
        """Inputs, labels and weights: features in padded rows, or for mini-batches examples in rows."""
        shared, dtype = self.shared, self.dtype
        if self.mini_batch is not None:
            gatherer = self.mini_batch.gatherer
            weight = np.ones((1, shared.m), dtype) if gatherer.weight is None else gatherer.weight[None]
            return np.ascontiguousarray(gatherer.rows, dtype).reshape(-1), gatherer.labels.reshape(-1), weight
        X, Y = np.zeros((shared.X.shape[0] + 1, self.width), dtype), np.zeros((len(shared.Y), self.width), dtype)
        X[:-1, : shared.m], X[-1], Y[:, : shared.m] = shared.X, 1, shared.Y
        own = np.ones((1, shared.m)) if shared.training_weight is None else np.atleast_2d(shared.training_weight)
        weight = np.zeros((len(own), self.width), dtype)
        weight[:, : shared.m] = own
        return X.reshape(-1), Y.reshape(-1), weight

    def _settings(self) -> Array:
        total = np.broadcast_to(np.ravel(self.shared.total), self.members)
        per_error = total / self.shared.trained_on if self.batched else total
        columns: dict[SettingColumn, Any] = {
            SettingColumn.L2: [each.l2 for each in self.trainings],
            SettingColumn.L1: [each.l1 for each in self.trainings],
            SettingColumn.CLIP: [math.inf if each.clip_norm is None else each.clip_norm for each in self.trainings],
            SettingColumn.BETA1: [each.momentum for each in self.trainings],
            SettingColumn.BETA2: [each.beta2 for each in self.trainings],
            SettingColumn.EPSILON: [each.epsilon for each in self.trainings],
            SettingColumn.TOTAL: total,
            SettingColumn.DIVISOR: per_error,
            SettingColumn.SCALE_RATE: [each.input_scale_rate for each in self.trainings],
        }
        settings = np.zeros((self.members, len(SettingColumn)))
        for column, values in columns.items():
            settings[:, column] = values
        return settings

    @property
    def draws_anything(self) -> bool:
        """Whether mini-batches or masks are drawn."""
        return self.batched or self.masked > 0

    def piece(self) -> int:
        """The iterations that can be run at once, as what they draw must fit into memory."""
        drawn = max(self.masked * self.count, self.count if self.batched else 0)
        most = max(1, DRAWS // drawn) if drawn else 2**40
        return most if self.sharing is None else min(most, self.sharing.limit)

    def draw(self, n: int) -> None:
        """Draw what the next `n` iterations take at random, at most `piece()` of them."""
        order, counts, used = np.zeros((self.members, 0), np.int64), np.zeros(0, np.int64), n * self.count
        if self.mini_batch is not None:
            order, counts = self.mini_batch.upcoming(n)
            used = int(counts.sum())
        draws = np.empty((self.members, self.masked * used), self.dtype)
        if self.masked:
            for generator, row in zip(self.shared.generators, draws, strict=True):
                generator.random(row.size, self.dtype, row)
        self.batches = order, counts, draws

    def advance(self, rates: Array, updates: int, n: int) -> None:
        """Run the `n` iterations that were drawn; `rates` (1 or n, K), with so many `updates` before.

        Threads share them where that takes long enough. An interrupt acts before all of them or behind: the number that
        was run is added to `iterations_run`.
        """
        if self.sharing is None:
            worth = n * self.members * self.plan[PlanNumber.WIDTH] * len(self.is_weight) > WORTH_A_THREAD
            self._run_parts(self.shares if worth else [self.whole], n, rates, updates)
            return
        began = time.perf_counter()
        self._run_parts(self.shares if self.sharing.shared else [self.whole], n, rates, updates)
        self.sharing.record(n, time.perf_counter() - began)

    def _run_parts(self, parts: list[Share], n: int, rates: Array, updates: int) -> None:
        crews = shares.crews(parts, self.iterations_run)
        others = [
            threading.Thread(target=self._run, args=(n, *pair, rates, updates), name="kernel", daemon=True)
            for pair in zip(parts[1:], crews[1:], strict=True)
        ]
        interrupted: KeyboardInterrupt | None = None
        try:
            for other in others:
                other.start()
            self._run(n, parts[0], crews[0], rates, updates)
        finally:
            while others:  # Ctrl-C acts when they have ended
                try:
                    shares.abandon(crews[0])
                    for other in others:
                        if other.ident is not None:
                            other.join()
                    others = []
                except KeyboardInterrupt as pressed:
                    interrupted = pressed
        if interrupted is not None:
            raise interrupted

    def _run(self, n: int, share: Share, crew: Crew, rates: Array, updates: int) -> None:
        self.kernel(
            n,
            share.members,
            crew,
            share.layers,
            share.pieces,
            self.plan,
            self.keep,
            self.shared.network.quantile,
            self.vectors,
            self.is_weight,
            self.data,
            self.batches,
            self.settings,
            rates,
            updates,
            share.work,
        )
