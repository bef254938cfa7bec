"""Iterations of several single networks of one shape as one computation: the loop of a race.

The networks keep their own loops, which measure costs, roll back and are stored as ever. For some iterations their
vectors are copied below each other and advanced together; then each loop gets its own back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from itertools import repeat

import numpy as np

from engine.arrays import Array
from engine.compiled.batching.base import Batching, BatchingContext
from engine.compiled.batching.batch_order import BatchOrder
from engine.compiled.batching.full_batch import FullBatch
from engine.compiled.batching.member_groups import GROUP_BYTES
from engine.compiled.batching.mini_batch import MiniBatch
from engine.compiled.batching.streamed import Streamed
from engine.compiled.flat_parameters import FlatParameters
from engine.compiled.loop import ArithmeticContext, Loop
from engine.compiled.memory_budget import example_bytes
from engine.compiled.native.choice import PathChoice
from engine.compiled.native.program import Kernel, NativeProgram
from engine.compiled.native.support import obstacle
from engine.compiled.update import MemberSettings, Update
from engine.ops import schedules
from engine.ops.optimizers import OPTIMIZERS


def batch_key(loop: Loop) -> Hashable:
    """Loops on the same data whose keys are equal can be advanced together; None for one that had better go alone.

    Networks may differ in their initial weights, rates, schedules, penalties, constants of the optimizer and seeds. Of
    large networks not two fit into the cache together, so that nothing is saved.
    """
    network, training = loop.network, loop.training
    alone = network.ensemble > 1 or loop.search is not None or loop.flat.gram is not None
    if alone or isinstance(loop.batching, Streamed):
        return None
    if 2 * example_bytes(network, loop.flat.dtype) * loop.batching.examples > GROUP_BYTES:
        return None
    return (
        replace(network, initializer="zeros", scale=1.0),
        (training.optimizer, training.dtype, training.batch_size, training.clip_norm is None, loop.flat.input_scales),
        (training.class_weight, training.label_smoothing, training.internal),
        (loop.iteration, loop.updates),
    )


class BatchedLoop:
    """Advances `loops`, whose `batch_key` is the same, all at once: each does what it would do alone."""

    def __init__(self, loops: Sequence[Loop]) -> None:
        first = loops[0]
        self.loops, members = loops, len(loops)
        self.network, trainings = replace(first.network, ensemble=members), [loop.training for loop in loops]
        slots = [slot.name for slot in OPTIMIZERS[first.training.optimizer].slots]
        self.flat = FlatParameters(
            self.network, slots, first.flat.dtype, None, own_scalars=True, input_scales=first.flat.input_scales
        )
        own = [loop.kept_aside for loop in loops if loop.kept_aside is not None]
        self.shared = BatchingContext(
            self.network,
            self.flat,
            first.X,
            first.Y,
            first.weight,
            np.concatenate(own) if own else None,
            [loop.generators[0] for loop in loops],
        )
        orders = [loop.batching.orders[0] for loop in loops if isinstance(loop.batching, MiniBatch)]
        self.batching = self._batching(orders)
        self.update = Update(self.flat, MemberSettings.of(trainings))
        self._rates = Rates(loops)
        obstacle_, operations = obstacle(self.shared, self.batching, trainings[0]), first.path.operations
        self.path = PathChoice(first.path.engine, trainings[0].dtype, operations, obstacle_, self._native_program)
        self.path.follow(first.path.changes)

    def _batching(self, orders: Sequence[BatchOrder]) -> Batching:
        if not orders:
            return FullBatch(self.shared)
        first = self.loops[0]
        return MiniBatch(self.shared, first.batching.examples, first.training, orders)

    def advance(self, n: int) -> None:
        """Run `n` more iterations of every loop, or none of them if it is interrupted."""
        started, positions = time.perf_counter(), [loop.position() for loop in self.loops]
        try:
            self._load()
            with ArithmeticContext(0.0):
                self._run(n)
            self._store(n)
        except BaseException:
            for loop, position in zip(self.loops, positions, strict=True):
                loop.restore_position(position)
            raise
        for loop in self.loops:
            loop.seconds += (time.perf_counter() - started) / len(self.loops)

    def measure(self) -> None:
        """Compute the costs of all loops at once, so that none has to compute its own for the report that is due."""
        with ArithmeticContext(0.0):
            costs = self.batching.losses()
        for k, loop in enumerate(self.loops):
            loop.known_costs = costs[k : k + 1] + loop.penalties()

    def _native_program(self, kernel: Kernel) -> NativeProgram:
        return NativeProgram(kernel, self.shared, self.batching, [loop.training for loop in self.loops])

    def _run(self, n: int) -> None:
        first, done = self.loops[0], 0
        for piece in self.path.pieces(n, first.iteration, *first.left()):
            place = first.iteration + done, first.updates + done
            if self.path.program is None:
                self._run_by_numpy(piece, *place)
            else:
                self._run_natively(self.path.program, piece, *place)
            done += piece

    def _run_natively(self, program: NativeProgram, n: int, iteration: int, updates: int) -> None:
        numbers = range(iteration, iteration + (n if self._rates.change else 1))
        program.draw(n)
        program.advance(np.array([self._rates.at(number)[:, 0] for number in numbers]), updates, n)

    def _run_by_numpy(self, n: int, iteration: int, updates: int) -> None:
        rates, update, batching = self._rates, self.update, self.batching
        rate = rates.at(iteration)
        self._set_rate(rate)
        if batching.calls is not None and update.set_scalars is None and not rates.change:
            _replay([*batching.calls, *update.calls], n)
            return
        gradient, calls, set_scalars = batching.gradient, update.calls, update.set_scalars
        for number in range(n):
            if rates.change:
                rate = rates.at(iteration + number)
                self._set_rate(rate)
            if set_scalars is not None:
                set_scalars(updates + number + 1, rate)
            gradient()
            for call in calls:
                call()

    def _set_rate(self, rate: Array) -> None:
        self.batching.set_scale(self.update.set_rate(rate, self.shared.total))

    def _load(self) -> None:
        for k, loop in enumerate(self.loops):
            self.flat.vectors.parameters[k] = loop.flat.vectors.parameters
            for name, slot in self.flat.vectors.slots.items():
                slot[k] = loop.flat.vectors.slots[name]
        self._rates.read()

    def _store(self, n: int) -> None:
        if isinstance(self.batching, MiniBatch):
            self.batching.align()
        for k, loop in enumerate(self.loops):
            loop.flat.vectors.parameters[...] = self.flat.vectors.parameters[k]
            for name, slot in self.flat.vectors.slots.items():
                loop.flat.vectors.slots[name][...] = slot[k]
            loop.iteration += n
            loop.updates += n
            loop.known_costs = None
            loop.path.follow(self.path.changes)
            loop.set_rate()


class Rates:
    """The learning rate of every loop (K, 1), schedules included; a schedule that several have is computed once."""

    def __init__(self, loops: Sequence[Loop]) -> None:
        self._loops = loops
        self.read()

    def read(self) -> None:
        """Take the base rates and schedules from the loops."""
        trainings = [loop.training for loop in self._loops]
        self.change = any(map(schedules.changes, trainings))
        keys = [
            (each.schedule, each.decay, each.decay_every, each.warmup, each.iterations) if self.change else ()
            for each in trainings
        ]
        self._different = dict(zip(keys, trainings, strict=True))
        self._which = [list(self._different).index(key) for key in keys]
        self._base = np.array([[training.learning_rate] for training in trainings])
        self._lowered = np.array([[loop.rate_factor] for loop in self._loops])

    def at(self, iteration: int) -> Array:
        """The rates of the update after `iteration` updates."""
        factors = [schedules.factor(training, iteration) for training in self._different.values()]
        factor = factors[0] if len(factors) == 1 else np.array([factors]).T[self._which]
        return np.asarray(self._base * factor * self._lowered)


def _replay(calls: Sequence[Callable[[], object]], n: int) -> None:
    for _ in repeat(None, n):
        for call in calls:
            call()
