"""The choice between the two paths of a run, NumPy's recorded calls and the compiled loop, made between two iterations.

With `auto` a run begins in NumPy. If it is long enough to pay for it, the kernel is loaded meanwhile, and compiled if
that has never been done; then both are timed, and the faster one goes on. With `compiled` the run waits for the kernel.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from engine.compiled.native import compiler
from engine.compiled.native.compiler import NoKernelError
from engine.compiled.native.program import Kernel, NativeProgram
from engine.spec.bounds import SpecError, choice

ENGINES = ("auto", "numpy", "compiled")
VARIABLE = "DEEPNET_ENGINE"
NUMPY, COMPILED = "numpy", "compiled"
PAYS_LOADING, PAYS_COMPILING = 2.5, 20.0  # seconds that are left to train, from which on it pays
LARGEST = 2e8  # floating-point operations of an iteration beyond which `auto` does not try
LOOK = 0.05  # seconds after which it is seen whether the kernel is there
LONGEST = 0.1  # seconds in the kernel at once, as Ctrl-C acts between two calls of it
TRIALS = 4  # timings of each path that are compared
SETTLED = 0.4  # seconds of the compiled loop before: BLAS's threads wait actively for 0.12 s after the last product


class PathChoice:
    """Which path the iterations of a run take from here on.

    `make` makes the program for the kernel, `obstacle` says why that can't be done, "" if it can; `operations` are
    those of an iteration of one network. `engine` is one of ENGINES, None for that in DEEPNET_ENGINE, or auto.
    `program` is the program while the compiled path is taken. `changes` are the iterations at which the path changed,
    each with the path from there.
    Raises SpecError for another engine, and for `compiled` where numba is not installed.
    """

    def __init__(
        self, engine: str | None, dtype: str, operations: float, obstacle: str, make: Callable[[Kernel], NativeProgram]
    ) -> None:
        self.engine = engine or os.environ.get(VARIABLE) or "auto"
        choice("engine", self.engine, ENGINES)
        if engine == COMPILED and not compiler.installed():
            raise SpecError("engine", "compiled needs numba: pip install 'deepnet-tui[fast]'")
        self._dtype, self.operations, self._make = dtype, operations, make
        self.program: NativeProgram | None = None
        self.changes: list[tuple[int, str]] = []
        self.note = ""
        self.reset(obstacle)

    def reset(self, obstacle: str) -> None:
        """Begin the choice anew, as what is computed has changed; a path that has been taken is kept if possible."""
        self.reason = obstacle
        if self.program is not None and not obstacle:
            self.program = self._make(self.program.kernel)
            return
        self.program = None
        self._times: dict[str, list[float]] = {NUMPY: [], COMPILED: []}
        self._compiled_for = 0.0  # seconds
        if not obstacle:
            self.reason = self._why_not()
        self._waits = self.engine == COMPILED and not self.reason
        self._open = self.engine == "auto" and not self.reason

    def _why_not(self) -> str:
        if self.engine == NUMPY:
            return "as it was asked for"
        if not compiler.installed():
            return "numba is not installed"
        if self.engine == "auto" and self.operations > LARGEST:
            return "an iteration is large enough"
        return ""

    def __str__(self) -> str:
        """The path that is taken, and why, for people."""
        if self.program is not None:
            since = self.changes[-1][0] if self.changes else 0
            return f"one compiled loop, since iteration {since:,}" if since else "one compiled loop"
        reason = self.reason or "the run is too short for the compiled loop so far"
        return f"NumPy calls: {reason}"

    @property
    def is_open(self) -> bool:
        """Whether the path may still change, if the run is long enough."""
        return self._open

    def state(self) -> list[list[Any]]:
        """What `restore` needs: plain values; empty if the path has always been NumPy's."""
        return [list(change) for change in self.changes]

    def restore(self, changes: list[list[Any]], iteration: int) -> None:
        """Go on from `iteration` as the run did that has these changes; where its path can't be had, `note` says so."""
        self.changes = [(int(since), str(path)) for since, path in changes]
        if not self.changes or self.changes[-1][1] != COMPILED:
            return
        if not self.reason:
            try:
                self.program = self._make(compiler.load(self._dtype))
            except NoKernelError as error:
                self.reason = str(error)
        self._open = self._waits = False
        if self.reason:
            self.note = f"the run was trained in a compiled loop and goes on in NumPy calls: {self.reason}"
            self.changes.append((iteration, NUMPY))

    def follow(self, changes: list[tuple[int, str]]) -> None:
        """Go on as another run did that has these changes, from the next iteration on."""
        self.changes = list(changes)
        compiled = bool(changes) and changes[-1][1] == COMPILED
        self._waits = self._waits or (compiled and self.program is None and not self.reason)

    def pieces(self, n: int, iteration: int, left: float, seconds: float) -> Iterator[int]:
        """Iterations to run one after the other, `n` in all, each on the path that is chosen then.

        `left` and `seconds` are the iterations and the time that the run has still to go, at most.
        """
        while n > 0:
            if self._waits:
                self._load(iteration)
            elif self._open and self.program is None:
                self._consider(iteration, left, seconds)
            size = min(n, self._size())
            began = time.perf_counter()
            yield size
            self._record(size, time.perf_counter() - began, iteration)
            n, iteration, left = n - size, iteration + size, left - size

    def _size(self) -> int:
        """How many iterations may be run before it is looked at again."""
        if self.program is None and not self._open:
            return 2**62
        times = self._times[NUMPY if self.program is None else COMPILED]
        seconds = LOOK if self._open else LONGEST
        size = max(1, int(seconds / times[-1])) if times else 1
        return size if self.program is None else min(size, self.program.piece())

    def _record(self, size: int, seconds: float, iteration: int) -> None:
        """Time a piece; once both paths have been timed, the faster one is settled on."""
        times = self._times[NUMPY if self.program is None else COMPILED]
        times.append(max(seconds, 1e-9) / size)
        del times[: -TRIALS - 1]
        if self.program is not None:
            self._compiled_for += seconds
        if self._open and self._compiled_for > SETTLED and len(times) > TRIALS:
            self._open = False
            if min(times[1:]) > min(self._times[NUMPY]):
                self.program, self.reason = None, "they are faster here than the compiled loop"
                self.changes.append((iteration + size, NUMPY))

    def _consider(self, iteration: int, left: float, seconds: float) -> None:
        """Load the kernel if the rest of the run is long enough, and take it once it is there."""
        try:
            kernel = compiler.ready(self._dtype)
        except NoKernelError as error:
            self._open, self.reason = False, str(error)
            return
        if not self._times[NUMPY]:
            return
        seconds = min(seconds, left * min(self._times[NUMPY]))
        if kernel is not None:
            if len(self._times[NUMPY]) >= TRIALS:
                self._take(kernel, iteration)
        elif seconds > (PAYS_LOADING if compiler.is_cached(self._dtype) else PAYS_COMPILING):
            compiler.load_in_background(self._dtype)

    def _take(self, kernel: Kernel, iteration: int) -> None:
        self.program = self._make(kernel)
        if not self.changes or self.changes[-1][1] != COMPILED:
            self.changes.append((iteration, COMPILED))

    def _load(self, iteration: int) -> None:
        self._waits = self._open = False
        try:
            self._take(compiler.load(self._dtype), iteration)
        except NoKernelError as error:
            self.reason = str(error)
