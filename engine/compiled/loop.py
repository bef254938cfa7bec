"""The loop: iteration after iteration, in the way that suits network, data and optimizer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import repeat
from operator import length_hint
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.compiled import gram_layer, threads
from engine.compiled.batching import Batching, BatchingContext, FullBatch, MiniBatch, Streamed, needs_streaming
from engine.compiled.flat_parameters import FlatParameters
from engine.compiled.gradient_program import work
from engine.compiled.next_update import NextUpdate
from engine.compiled.update import Update
from engine.ops import schedules
from engine.ops.lbfgs import Lbfgs
from engine.ops.optimizers import OPTIMIZERS
from engine.spec import NetworkSpec, TrainingSpec
from engine.storage import state


class Loop:
    """Everything that changes with an iteration, and nothing else.

    X (n0, m), Y (nL, m) and weight (m,) have been checked, and so have the starting `parameters`. `use_gram_layer` says
    whether to take the few-examples path, unless that is to be chosen from the sizes. `at_rest` says that L-BFGS has
    found no way further down; `rate_factor` is what a plateau has left of the rate.
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
    ) -> None:
        self.network, self.training = network, training
        self.X, self.Y, self.weight = X, Y, weight
        self.iteration, self.seconds, self.rate_factor, self.at_rest = 0, 0.0, 1.0, False
        self.updates = 0  # since the optimizer's memory was last cleared
        dtype, optimizer = np.dtype(training.dtype), OPTIMIZERS[training.optimizer]
        self._blocked = not training.batch_size and needs_streaming(network, X, dtype)
        if use_gram_layer is None:
            use_gram_layer = gram_layer.saves_work(network, training, X.shape[1]) and not self._blocked
        self.flat = FlatParameters(
            network, [slot.name for slot in optimizer.slots], dtype, X if use_gram_layer else None
        )
        self.flat.place(parameters)
        self.generator = np.random.default_rng([training.seed, 1])
        self.batching = self._make_batching()
        self._work = work(replace(network, inputs=self.flat.layout.dims[0]), self.batching.examples)
        self.search = None
        if optimizer.line_search:
            self.search = Lbfgs(self._evaluate, self.flat.vectors.parameters.size)
        self._lay_update()

    @property
    def learning_rate(self) -> float:
        """The rate of the next update, schedule included."""
        factor = schedules.factor(self.training, self.iteration)
        return self.training.learning_rate * factor * self.rate_factor

    @property
    def per_epoch(self) -> int:
        """Iterations in which all examples are looked at once."""
        return -(-int(self.X.shape[1]) // self.batching.examples)

    def describe(self) -> str:
        """What one iteration does, formula by formula: the plan of the gradient, then the update."""
        return "\n".join((self.batching.describe(), *self.update.formulas))

    def arithmetic(self) -> ArithmeticContext:
        """A context for arithmetic: the BLAS threads that suit an iteration, and no warnings on overflow."""
        return ArithmeticContext(self._work)

    def cost(self) -> float:
        """The mean loss on the training data without dropout, plus the penalties."""
        with self.arithmetic():
            return self.batching.loss() + self._penalty()

    def mean_loss(self, X: Array, Y: Array) -> float:
        """The mean loss on other data."""
        with self.arithmetic():
            predictor = self.shared.predictor()
            step = predictor.block
            pieces = (
                (predictor.logits(X[:, i : i + step]), Y[:, i : i + step], None) for i in range(0, X.shape[1], step)
            )
            return self.shared.mean_loss(pieces)

    def advance(self, n: int) -> None:
        """Exactly `n` more iterations, as fast as it goes; fewer where the search comes to rest."""
        started = time.perf_counter()
        try:
            self._advance(n)
        finally:
            self.seconds += time.perf_counter() - started

    def _advance(self, n: int) -> None:
        with self.arithmetic():
            if self.search is not None:
                self._advance_searching(self.search, n)
            elif (
                self.batching.calls is not None
                and self.update.set_scalars is None
                and not schedules.changes(self.training)
            ):
                self._replay([*self.batching.calls, *self.update.calls], n)
            else:
                self._advance_ticking(n)

    def change(self, network: NetworkSpec, training: TrainingSpec) -> None:
        """Go on with other settings; the network may differ in its dropout only."""
        self.training = training
        if network != self.network:
            self.network, position = network, self.batching.state()
            self.batching = self._make_batching()
            self.batching.restore(position)
        self._unsettle()
        self._lay_update()

    def assign(self, parameters: Mapping[str, Array]) -> None:
        """Go on from other parameters; what the optimizer remembers is cleared."""
        self.flat.place(parameters)
        self.forget()
        self._unsettle()

    def forget(self) -> None:
        """Clear what the optimizer remembers; its corrections begin anew."""
        self.flat.forget()
        self.updates = 0

    def set_rate(self) -> None:
        """Bring the current rate to the recorded calls."""
        self.batching.set_scale(self.update.set_rate(self.learning_rate, self.shared.total))

    def next_update(self) -> NextUpdate:
        """What the next update takes beside the gradient."""
        memory = {}
        for slot in OPTIMIZERS[self.training.optimizer].slots:
            named, scale = self.flat.read(self.flat.vectors.slots[slot.name]), slot.scale(self.training)
            memory[slot.symbol] = {name: values * scale for name, values in named.items()}
        return NextUpdate(self.learning_rate, self.updates + 1, self.shared.total, memory)

    def position(self) -> dict[str, Any]:
        """What is needed beside the vectors to come back to this moment: plain values."""
        return {
            "iteration": self.iteration,
            "updates": self.updates,
            "feed": self.batching.state(),
            "generator": self.generator.bit_generator.state,
            "at_rest": self.at_rest,
        }

    def go_back_to(self, position: dict[str, Any]) -> None:
        """Come back to the moment that `position()` described; the vectors have been brought back already."""
        self.iteration, self.updates = int(position["iteration"]), int(position["updates"])
        self.at_rest = bool(position["at_rest"])
        self.batching.restore(position["feed"])
        self.generator.bit_generator.state = position["generator"]
        if self.search is not None:
            self.search.forget()

    def arrays(self) -> dict[str, Array]:
        """The arrays of a state: parameters, the optimizer's memory, and where the few-examples path started."""
        search, gram = self.search, self.flat.gram
        return {
            "parameters": self.flat.vectors.parameters,
            **{f"slot {name}": slot for name, slot in self.flat.vectors.slots.items()},
            **({} if gram is None else {"start": gram.W}),
            **({} if search is None else search.arrays()),
        }

    def restore(self, arrays: Mapping[str, Array], position: dict[str, Any]) -> None:
        """Take over `arrays()` and `position()` of another loop on the same data. Raises StateError."""
        state.expect_numbers(position, "iteration", "updates", "at_rest")
        own = self.arrays()
        moving = () if self.search is None else tuple(self.search.arrays())
        for name, array in own.items():
            state.expect(arrays, name, None if name in moving else array.shape)
        if self.flat.gram is not None:
            self.flat.gram.start(arrays["start"])
        for name, array in own.items():
            if name not in moving:
                array[...] = arrays[name]
        self.go_back_to(position)
        if self.search is not None:
            self.search.take(arrays)
        self.set_rate()

    def _make_batching(self) -> Batching:
        self.shared = BatchingContext(self.network, self.flat, self.X, self.Y, self.weight, self.generator)
        if self.training.batch_size:
            return MiniBatch(self.shared, self.training.batch_size, self.training)
        return Streamed(self.shared) if self._blocked else FullBatch(self.shared)

    def _lay_update(self) -> None:
        self.update = Update(self.flat, self.training)
        self.set_rate()

    def _unsettle(self) -> None:
        self.at_rest = False
        if self.search is not None:
            self.search.forget()

    def _penalty(self) -> float:
        return self.flat.penalty(self.training.l2, self.training.l1) / self.shared.total

    def _replay(self, calls: list[Callable[[], object]], n: int) -> None:
        rounds, rest = repeat(calls, n), iter(calls[:0])
        try:
            for rest in map(iter, rounds):
                for call in rest:
                    call()
        except KeyboardInterrupt:
            _play(rest)
            raise
        finally:
            done = n - length_hint(rounds)
            self.iteration += done
            self.updates += done

    def _advance_ticking(self, n: int) -> None:
        """The loop where something beside the arrays changes with each iteration: rate, corrections, or batch."""
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
            _play(rest)
            raise

    def _advance_searching(self, search: Lbfgs, n: int) -> None:
        for _ in repeat(None, n):
            self.at_rest = self.at_rest or not search.step(self.flat.vectors.parameters)
            if self.at_rest:
                break
            self.iteration += 1
            self.updates += 1

    def _evaluate(self, _point: Array) -> tuple[float, Array]:
        """Cost and gradient at the parameters as they are, for L-BFGS."""
        self.batching.gradient()
        for call in self.update.penalties:
            call()
        return self.batching.loss() + self._penalty(), self.flat.vectors.gradient


def _play(rest: Iterator[Callable[[], object]]) -> None:
    """Finish the iteration that an interrupt has struck, so that its number and its parameters agree."""
    for call in rest:
        call()


class ArithmeticContext:
    """Suits the BLAS threads to `work` floating-point operations and silences overflow; see `Loop.arithmetic`."""

    def __init__(self, work: float) -> None:
        self._contexts = (np.errstate(all="ignore"), threads.suited_to(work))

    def __enter__(self) -> None:
        for context in self._contexts:
            context.__enter__()

    def __exit__(self, *error: object) -> None:
        for context in reversed(self._contexts):
            context.__exit__(None, None, None)
