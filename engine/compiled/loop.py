"""The training loop: runs iterations in the way that suits the network, the data and the optimizer."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import repeat
from operator import length_hint
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.compiled import gram_layer, threads
from engine.compiled.batching.base import Batching, BatchingContext
from engine.compiled.batching.full_batch import FullBatch
from engine.compiled.batching.mini_batch import MiniBatch
from engine.compiled.batching.streamed import Streamed, needs_streaming
from engine.compiled.flat_parameters import FlatParameters
from engine.compiled.gradient_program import floating_point_operations
from engine.compiled.native.choice import COMPILED, PathChoice
from engine.compiled.native.program import Kernel, NativeProgram
from engine.compiled.native.support import obstacle
from engine.compiled.next_update import NextUpdate
from engine.compiled.update import Update
from engine.ops import schedules
from engine.ops.lbfgs import Lbfgs
from engine.ops.optimizers import OPTIMIZERS
from engine.parameters import member_seed
from engine.spec import NetworkSpec, TrainingSpec
from engine.storage import state


class Loop:
    """Runs iterations, and holds everything that they change.

    X (n0, m), Y (nL, m) and weight (m,) have been checked, and so have the starting `parameters`. `use_gram_layer` says
    whether to use the Gram-matrix first layer; None chooses by the sizes. `kept_aside` (K, size) has the examples of
    each network's internal part, or is None. `engine` is the path to take, see PathChoice, which is `path`.
    `search_finished` says that L-BFGS finds no direction in which the cost falls; `rate_factor` is the factor by which
    plateaus have lowered the rate.
    """

    def __init__(
        self,
        network: NetworkSpec,
        training: TrainingSpec,
        X: Array,
        Y: Array,
        weight: Array | None,
        parameters: Mapping[str, Array],
        use_gram_layer: bool | None = None,
        kept_aside: Array | None = None,
        engine: str | None = None,
    ) -> None:
        self.network, self.training = network, training
        self.X, self.Y, self.weight, self.kept_aside = X, Y, weight, kept_aside
        self.iteration, self.seconds, self.rate_factor, self.search_finished = 0, 0.0, 1.0, False
        self.updates = 0  # since the optimizer's memory was last cleared
        self.known_costs: Array | None = None  # of the present parameters, if a race has measured them already
        dtype, optimizer = np.dtype(training.dtype), OPTIMIZERS[training.optimizer]
        self._streamed = not training.batch_size and needs_streaming(network, X, dtype)
        if use_gram_layer is None:
            use_gram_layer = gram_layer.saves_work(network, training, X.shape[1]) and not self._streamed
        own_totals = network.ensemble > 1 and weight is not None and kept_aside is not None
        slots, examples = [slot.name for slot in optimizer.slots], X if use_gram_layer else None
        scales = training.input_scale_rate > 0 and "input_scale_rate" in optimizer.settings
        self.flat = FlatParameters(network, slots, dtype, examples, own_scalars=own_totals, input_scales=scales)
        self.flat.assign(parameters)
        seeds = [member_seed(training.seed, k) for k in range(network.ensemble)]
        self.generators = [np.random.default_rng([seed, 1]) for seed in seeds]
        self.batching = self._make_batching()
        as_computed = replace(network, inputs=self.flat.layout.dims[0])
        # A second BLAS thread waits actively: beside other load an ensemble would stand still.
        operations, alone = floating_point_operations(as_computed, self.batching.examples), network.ensemble == 1
        self._operations = operations if alone else 0.0
        self.search = None
        if optimizer.line_search:
            self.search = Lbfgs(self._evaluate, self.flat.vectors.parameters.size)
        self.path = PathChoice(engine, training.dtype, operations, self._obstacle(), self._native_program)
        self._record_update()

    @property
    def learning_rate(self) -> float:
        """The rate of the next update, schedule included."""
        factor = schedules.factor(self.training, self.iteration)
        return self.training.learning_rate * factor * self.rate_factor

    @property
    def per_epoch(self) -> int:
        """Iterations in an epoch, which uses every example once."""
        return -(-self.shared.trained_on // self.batching.examples)

    def describe(self) -> str:
        """The formulas of one iteration, one a line: the gradient program, then the update."""
        lines = [self.batching.describe(), *self.update.formulas]
        if (members := self.network.ensemble) > 1:
            lines.insert(
                0, f"{members} networks at once: W1 is ({members}, n1, n0), and so on; Z1 is (n1, {members}, m)"
            )
        if self.path.engine == COMPILED or self.path.program is not None:
            lines.append(f"({self.path})")
        return "\n".join(lines)

    def arithmetic(self) -> ArithmeticContext:
        """A context with the BLAS threads that suit an iteration, and without warnings on overflow."""
        return ArithmeticContext(self._operations)

    def cost(self) -> float:
        """The mean of the `costs`."""
        return float(self.costs().mean())

    def costs(self) -> Array:
        """The cost of each network (K,): the mean loss on what it trains on without dropout, plus the penalties."""
        if self.known_costs is not None:
            return self.known_costs
        with self.arithmetic():
            return self.batching.losses() + self.penalties()

    def internal_losses(self) -> Array | None:
        """The mean loss of each network (K,) on its internal part, without dropout or penalty; None without."""
        if self.kept_aside is None:
            return None
        with self.arithmetic():
            hard = self.training.label_smoothing > 0
            return self.shared.member_losses(self.batching, list(self.kept_aside), hard=hard)

    def mean_loss(self, X: Array, Y: Array) -> float:
        """The mean loss on other data X (n0, k), Y (nL, k), without dropout or penalty; of the averaged predictions."""
        with self.arithmetic():
            predictor = self.shared.predictor()
            step = predictor.block
            pieces = (
                (predictor.logits(X[:, i : i + step]), Y[:, i : i + step], None) for i in range(0, X.shape[1], step)
            )
            return float(self.shared.mean_loss(pieces))

    def advance(self, n: int) -> None:
        """Run exactly `n` more iterations; fewer if the search of L-BFGS finishes."""
        started, self.known_costs = time.perf_counter(), None
        try:
            self._advance(n)
        finally:
            self.seconds += time.perf_counter() - started

    def _advance(self, n: int) -> None:
        with self.arithmetic():
            if self.search is not None:
                self._advance_by_search(self.search, n)
                return
            for piece in self.path.pieces(n, self.iteration, *self.left()):
                if self.path.program is not None:
                    self._advance_natively(self.path.program, piece)
                elif (
                    self.batching.calls is not None
                    and self.update.set_scalars is None
                    and not schedules.changes(self.training)
                ):
                    self._replay([*self.batching.calls, *self.update.calls], piece)
                else:
                    self._advance_step_by_step(piece)

    def change(self, network: NetworkSpec, training: TrainingSpec) -> None:
        """Continue with other settings; the network may differ in its dropout only."""
        self.training, self.known_costs = training, None
        if network != self.network:
            self.network, position = network, self.batching.state()
            self.batching = self._make_batching()
            self.batching.restore(position)
        self._reset_search()
        self._record_update()
        self.path.reset(self._obstacle())

    def assign(self, parameters: Mapping[str, Array]) -> None:
        """Continue from other parameters W1, b1, ...; the optimizer's memory is cleared."""
        self.flat.assign(parameters)
        self.known_costs = None
        self.reset_optimizer()
        self._reset_search()

    def scale_output(self, factor: float, shift: Array) -> None:
        """Multiply the pre-activation of the output layer by `factor`, then add `shift`; see FlatParameters."""
        self.flat.scale_output(factor, shift)
        self.known_costs = None
        if self.search is not None:
            self.search.reset()

    def reset_optimizer(self) -> None:
        """Clear the optimizer's memory; its bias corrections start again."""
        self.flat.clear_slots()
        self.updates = 0

    def set_rate(self) -> None:
        """Put the current learning rate into the scalars of the recorded calls."""
        self.batching.set_scale(self.update.set_rate(self.learning_rate, self.shared.total))

    def next_update(self) -> NextUpdate:
        """What the next update uses besides the gradient; the arrays are copies."""
        memory = {}
        for slot in OPTIMIZERS[self.training.optimizer].slots:
            vector, scale = self.flat.vectors.slots[slot.name], slot.scale(self.training)
            named = self.flat.copies(vector)
            if self.flat.input_scales:
                named["s1"] = self.flat.scales(vector)[..., np.newaxis, :]
            memory[slot.symbol] = {name: values * scale for name, values in named.items()}
        totals = np.ravel(self.shared.total)
        own = tuple(totals.tolist()) if totals.size > 1 else ()
        return NextUpdate(self.learning_rate, self.updates + 1, float(totals.mean()), memory, own)

    def position(self) -> dict[str, Any]:
        """What `restore_position` needs, besides the flat vectors, to return to this iteration: plain values.

        The keys are those of version 0.1, so that its state files can be read.
        """
        states = [generator.bit_generator.state for generator in self.generators]
        return {
            "iteration": self.iteration,
            "updates": self.updates,
            "feed": self.batching.state(),
            "generator": states[0] if len(states) == 1 else {"members": states},
            "at_rest": self.search_finished,
        }

    def restore_position(self, position: dict[str, Any]) -> None:
        """Return to where `position()` was taken; the caller has restored the flat vectors already."""
        self.iteration, self.updates = int(position["iteration"]), int(position["updates"])
        self.known_costs = None
        self.search_finished = bool(position["at_rest"])
        self.batching.restore(position["feed"])
        states = position["generator"]["members"] if self.network.ensemble > 1 else [position["generator"]]
        for generator, at in zip(self.generators, states, strict=True):
            generator.bit_generator.state = at
        if self.search is not None:
            self.search.reset()

    def arrays(self) -> dict[str, Array]:
        """The arrays of a state: parameters, the optimizer's memory, and W1_start of a Gram-matrix first layer."""
        search, gram = self.search, self.flat.gram
        return {
            "parameters": self.flat.vectors.parameters,
            **{f"slot {name}": slot for name, slot in self.flat.vectors.slots.items()},
            **({} if gram is None else {"start": gram.W1_start}),
            **({} if search is None else search.arrays()),
        }

    def restore(self, arrays: Mapping[str, Array], position: dict[str, Any]) -> None:
        """Continue from `arrays()` and `position()` of another loop on the same data. Raises StateError."""
        state.expect_numbers(position, "iteration", "updates", "at_rest")
        own = self.arrays()
        search_arrays = () if self.search is None else tuple(self.search.arrays())
        for name, array in own.items():
            state.expect(arrays, name, None if name in search_arrays else array.shape)
        if self.flat.gram is not None:
            self.flat.gram.set_start(arrays["start"])
        for name, array in own.items():
            if name not in search_arrays:
                array[...] = arrays[name]
        self.restore_position(position)
        if self.search is not None:
            self.search.restore(arrays)
        self.set_rate()

    def _make_batching(self) -> Batching:
        self.shared = BatchingContext(
            self.network, self.flat, self.X, self.Y, self.weight, self.kept_aside, self.generators
        )
        if self.training.batch_size:
            return MiniBatch(self.shared, self.training.batch_size, self.training)
        return Streamed(self.shared) if self._streamed else FullBatch(self.shared)

    def _record_update(self) -> None:
        self.update = Update(self.flat, self.training)
        self.set_rate()

    def _reset_search(self) -> None:
        self.search_finished = False
        if self.search is not None:
            self.search.reset()

    def penalties(self) -> Array:
        """The penalties of each network (K,), divided by the weight of its examples."""
        total = np.reshape(np.asarray(self.shared.total), -1)
        return np.asarray(self.flat.penalties(self.training.l2, self.training.l1) / total)

    def _replay(self, calls: list[Callable[[], object]], n: int) -> None:
        rounds, rest = repeat(calls, n), iter(calls[:0])
        try:
            for rest in map(iter, rounds):
                for call in rest:
                    call()
        except KeyboardInterrupt:
            _finish(rest)
            raise
        finally:
            done = n - length_hint(rounds)
            self.iteration += done
            self.updates += done

    def _advance_step_by_step(self, n: int) -> None:
        """For when something besides the arrays changes with each iteration: rate, bias corrections, or batch."""
        gradient, calls, set_scalars = self.batching.gradient, self.update.calls, self.update.set_scalars
        varies, rate = schedules.changes(self.training), self.learning_rate
        rest = iter(calls[:0])
        try:
            for _ in repeat(None, n):
                if varies:
                    rate = self.learning_rate
                    self.set_rate()
                if set_scalars is not None:
                    set_scalars(self.updates + 1, rate)
                gradient()
                rest = iter(calls)
                self.iteration += 1
                self.updates += 1
                for call in rest:
                    call()
        except KeyboardInterrupt:
            _finish(rest)
            raise

    def _advance_natively(self, program: NativeProgram, n: int) -> None:
        """By the compiled loop, which is not interrupted."""
        base = self.training.learning_rate * self.rate_factor
        factors = np.ones(1)
        if schedules.changes(self.training):
            factors = np.array([schedules.factor(self.training, self.iteration + number) for number in range(n)])
        rates = np.repeat(base * factors[:, None], self.network.ensemble, axis=1)
        position = self.position() if program.draws_anything else None
        before = int(program.iterations_run[0])
        try:
            program.draw(n)
            program.advance(rates, self.updates, n)
        finally:
            done = int(program.iterations_run[0]) - before
            self.iteration += done
            self.updates += done
            if not done and position is not None:
                self.restore_position(position)

    def left(self) -> tuple[float, float]:
        """The iterations and the seconds that the run has still to go, at most."""
        training = self.training
        limit = min(training.iterations, (training.epochs or math.inf) * self.per_epoch)
        return limit - self.iteration, math.inf if training.seconds is None else training.seconds - self.seconds

    def _obstacle(self) -> str:
        return obstacle(self.shared, self.batching, self.training)

    def _native_program(self, kernel: Kernel) -> NativeProgram:
        return NativeProgram(kernel, self.shared, self.batching, [self.training])

    def _advance_by_search(self, search: Lbfgs, n: int) -> None:
        for _ in repeat(None, n):
            self.search_finished = self.search_finished or not search.step(self.flat.vectors.parameters)
            if self.search_finished:
                break
            self.iteration += 1
            self.updates += 1

    def _evaluate(self, _point: Array) -> tuple[float, Array]:
        """Cost and gradient at the current parameters, for L-BFGS."""
        self.batching.gradient()
        for call in self.update.penalties:
            call()
        return float((self.batching.losses() + self.penalties())[0]), self.flat.vectors.gradient


def _finish(rest: Iterator[Callable[[], object]]) -> None:
    """Finish the iteration that was interrupted, so that its number and its parameters agree."""
    for call in rest:
        call()


class ArithmeticContext:
    """BLAS threads that suit `operations` floating-point operations, and no warnings; see `Loop.arithmetic`."""

    def __init__(self, operations: float) -> None:
        self._contexts = (np.errstate(all="ignore"), threads.suited_to(operations))

    def __enter__(self) -> None:
        for context in self._contexts:
            context.__enter__()

    def __exit__(self, *error: object) -> None:
        for context in reversed(self._contexts):
            context.__exit__(None, None, None)
