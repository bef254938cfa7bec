"""The loop: iteration after iteration, in the way that suits network, data and optimizer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import repeat
from operator import length_hint
from typing import Any

import numpy as np

from engine import few_examples, schedules, state, threads
from engine.ahead import Ahead
from engine.feeds import Batched, Blocked, Feed, Shared, Whole, too_large_whole
from engine.lbfgs import Lbfgs
from engine.optimizers import OPTIMIZERS, SYMBOLS, scale
from engine.plan import work
from engine.spec import NetworkSpec, TrainingSpec
from engine.tape import Array
from engine.update import Update
from engine.vectors import Flat


class Loop:
    """Everything that changes with an iteration, and nothing else.

    X (n0, m), Y (nL, m) and weight (m,) have been checked, and so have the starting `parameters`. `spanned` says
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
        spanned: bool | None = None,
    ) -> None:
        self.network, self.training = network, training
        self.X, self.Y, self.weight = X, Y, weight
        self.iteration, self.seconds, self.rate_factor, self.at_rest = 0, 0.0, 1.0, False
        self.updates = 0  # since the optimizer's memory was last cleared
        dtype = np.dtype(training.dtype)
        self._blocked = not training.batch_size and too_large_whole(network, X, dtype)
        if spanned is None:
            spanned = few_examples.pays(network, training, X.shape[1]) and not self._blocked
        self.flat = Flat(network, OPTIMIZERS[training.optimizer].slots, dtype, X if spanned else None)
        self.flat.place(parameters)
        self.generator = np.random.default_rng([training.seed, 1])
        self.feed = self._make_feed()
        self._work = work(replace(network, inputs=self.flat.layout.dims[0]), self.feed.examples)
        self.search = None
        if training.optimizer == "lbfgs":
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
        return -(-int(self.X.shape[1]) // self.feed.examples)

    def describe(self) -> str:
        """What one iteration does, formula by formula: the plan of the gradient, then the update."""
        return "\n".join((self.feed.describe(), *self.update.formulas))

    def quietly(self) -> Quietly:
        """A context for arithmetic: the BLAS threads that suit an iteration, and no warnings on overflow."""
        return Quietly(self._work)

    def cost(self) -> float:
        """The mean loss on the training data without dropout, plus the penalties."""
        with self.quietly():
            return self.feed.loss() + self._penalty()

    def mean_loss(self, X: Array, Y: Array) -> float:
        """The mean loss on other data."""
        with self.quietly():
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
        with self.quietly():
            if self.search is not None:
                self._advance_searching(self.search, n)
            elif self.feed.calls is not None and self.update.tick is None and not schedules.changes(self.training):
                self._replay([*self.feed.calls, *self.update.calls], n)
            else:
                self._advance_ticking(n)

    def change(self, network: NetworkSpec, training: TrainingSpec) -> None:
        """Go on with other settings; the network may differ in its dropout only."""
        self.training = training
        if network != self.network:
            self.network, stands = network, self.feed.state()
            self.feed = self._make_feed()
            self.feed.restore(stands)
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
        self.feed.set_scale(self.update.set_rate(self.learning_rate, self.shared.total))

    def ahead(self) -> Ahead:
        """What the next update takes beside the gradient."""
        slots = self.flat.vectors.slots
        memory = {
            SYMBOLS[slot]: {
                name: values * scale(slot, self.training) for name, values in self.flat.read(vector).items()
            }
            for slot, vector in slots.items()
        }
        return Ahead(self.learning_rate, self.updates + 1, self.shared.total, memory)

    def stands(self) -> dict[str, Any]:
        """What is needed beside the vectors to come back to this moment: plain values."""
        return {
            "iteration": self.iteration,
            "updates": self.updates,
            "feed": self.feed.state(),
            "generator": self.generator.bit_generator.state,
            "at_rest": self.at_rest,
        }

    def return_to(self, stands: dict[str, Any]) -> None:
        """Come back to the moment that `stands()` described; the vectors have been brought back already."""
        self.iteration, self.updates = int(stands["iteration"]), int(stands["updates"])
        self.at_rest = bool(stands["at_rest"])
        self.feed.restore(stands["feed"])
        self.generator.bit_generator.state = stands["generator"]
        if self.search is not None:
            self.search.forget()

    def arrays(self) -> dict[str, Array]:
        """The arrays of a state: parameters, the optimizer's memory, and where the few-examples path started."""
        search, span = self.search, self.flat.span
        return {
            "parameters": self.flat.vectors.parameters,
            **{f"slot {name}": slot for name, slot in self.flat.vectors.slots.items()},
            **({} if span is None else {"start": span.W}),
            **({} if search is None else search.arrays()),
        }

    def restore(self, arrays: Mapping[str, Array], stands: dict[str, Any]) -> None:
        """Take over `arrays()` and `stands()` of another loop on the same data. Raises StateError."""
        state.expect_numbers(stands, "iteration", "updates", "at_rest")
        own = self.arrays()
        moving = () if self.search is None else tuple(self.search.arrays())
        for name, array in own.items():
            state.expect(arrays, name, None if name in moving else array.shape)
        if self.flat.span is not None:
            self.flat.span.start(arrays["start"])
        for name, array in own.items():
            if name not in moving:
                array[...] = arrays[name]
        self.return_to(stands)
        if self.search is not None:
            self.search.take(arrays)
        self.set_rate()

    def _make_feed(self) -> Feed:
        self.shared = Shared(self.network, self.flat, self.X, self.Y, self.weight, self.generator)
        if self.training.batch_size:
            return Batched(self.shared, self.training.batch_size, self.training)
        return Blocked(self.shared) if self._blocked else Whole(self.shared)

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
        gradient, calls, tick = self.feed.gradient, self.update.calls, self.update.tick
        varies, rate = schedules.changes(self.training), self.learning_rate
        rest = iter(calls[:0])
        try:
            for _ in repeat(None, n):
                if varies:
                    rate = self.learning_rate
                    self.set_rate()
                if tick is not None:
                    tick(self.updates + 1, rate)
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
        self.feed.gradient()
        for call in self.update.penalties:
            call()
        return self.feed.loss() + self._penalty(), self.flat.vectors.gradient


def _play(rest: Iterator[Callable[[], object]]) -> None:
    """Finish the iteration that an interrupt has struck, so that its number and its parameters agree."""
    for call in rest:
        call()


class Quietly:
    """Suits the BLAS threads to `work` floating-point operations and silences overflow; see `Loop.quietly`."""

    def __init__(self, work: float) -> None:
        self._contexts = (np.errstate(all="ignore"), threads.suited_to(work))

    def __enter__(self) -> None:
        for context in self._contexts:
            context.__enter__()

    def __exit__(self, *error: object) -> None:
        for context in reversed(self._contexts):
            context.__exit__(None, None, None)
