"""Where an iteration of `digits` spends its time, in the engine and in JAX: products, update, gathering, threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.measure import PAUSE
from benchmarks.workloads import WORKLOADS

ROUNDS = 5
EPOCH = 100  # iterations: JAX's loop does no fewer
SECONDS = 0.2  # a turn of one part
SETTLED = 1000  # iterations after which the compiled loop knows whether to share one among threads
DIGITS = WORKLOADS["digits"]
Part = Callable[[int], object]  # runs so many iterations


@dataclass(frozen=True)
class PartTime:
    """Seconds, and processor seconds of all threads, that an iteration spends in a part; the part by itself."""

    name: str
    seconds: float
    processor: float


def measure() -> list[PartTime]:
    """All parts in turn, the least of several turns each, as other load can only add to it."""
    parts = _engine_parts()
    with suppress(ImportError):
        parts |= _jax_parts()
    sizes = {name: EPOCH if name == "JAX, whole" else _size(run) for name, run in parts.items()}
    parts.get("JAX, whole", parts["NumPy calls, whole"])(EPOCH)  # compiled now
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in parts}
    for _ in range(ROUNDS):
        for name, run in parts.items():
            times[name].append(_timed(run, sizes[name]))
    return [
        PartTime(name, min(each[0] for each in taken), min(each[1] for each in taken)) for name, taken in times.items()
    ]


def _size(run: Part) -> int:
    run(1)
    run(3)
    return max(2, int(SECONDS / max(_timed(run, 3)[0], 1e-6)))


def _timed(run: Part, n: int) -> tuple[float, float]:
    time.sleep(PAUSE)
    began, cpu = time.perf_counter(), time.process_time()
    run(n)
    return (time.perf_counter() - began) / n, (time.process_time() - cpu) / n


def _engine_parts() -> dict[str, Part]:
    from engine import Trainer

    trainer = Trainer(
        DIGITS.network(), DIGITS.training(), *DIGITS.data(), parameters=DIGITS.parameters(), engine="numpy"
    )
    loop = trainer._loop
    trainer.advance(3)
    multiply, calls = _products(), loop.update.calls
    rows = np.ascontiguousarray(DIGITS.data()[0].T)
    order = np.random.default_rng(0).permutation(DIGITS.examples)
    taken = np.empty((128, 784), np.float32)

    def gradient(n: int) -> None:
        with loop.arithmetic():
            for _ in range(n):
                loop.batching.gradient()

    def update(n: int) -> None:
        with loop.arithmetic():
            for _ in range(n):
                for call in calls:
                    call()

    def both(n: int) -> None:
        with loop.arithmetic():
            for _ in range(n):
                loop.batching.gradient()
                for call in calls:
                    call()

    def gather(n: int) -> None:
        for number in range(n):
            start = number * 128 % (DIGITS.examples - 127)
            np.take(rows, order[start : start + 128], axis=0, out=taken, mode="clip")

    return {
        "NumPy calls, whole": trainer.advance,
        "NumPy calls: the products": multiply,
        "NumPy calls: gathering, forward, backward": gradient,
        "NumPy calls: the update (Adam)": update,
        "NumPy calls: these two in turn": both,
        "NumPy calls: gathering": gather,
        **_compiled_parts(),
    }


def _compiled_parts() -> dict[str, Part]:
    """The compiled loop, which has no BLAS: by one thread, and by as many as there are processors."""
    from engine import Trainer
    from engine.compiled.native import shares

    start, processors = DIGITS.parameters(), shares.processors
    parts: dict[str, Part] = {}
    for name, threads in (("one thread", lambda: 1), ("several threads", processors)):
        shares.processors = threads  # type: ignore[assignment]  # the program asks for it
        trainer = Trainer(DIGITS.network(), DIGITS.training(), *DIGITS.data(), parameters=start, engine="compiled")
        time.sleep(PAUSE)
        trainer.advance(SETTLED)
        if trainer.path.program is not None:
            parts[f"compiled loop, {name}"] = trainer.advance
    shares.processors = processors
    return parts


def _products() -> Part:
    """The eight products of an iteration, in the engine's shapes."""
    random, calls = np.random.default_rng(1), []
    for number, (before, units) in enumerate(zip(DIGITS.dims, DIGITS.dims[1:], strict=False)):
        A, W, D = (
            np.asarray(random.standard_normal(shape), np.float32)
            for shape in ((before, 128), (units, before), (units, 128))
        )
        calls += [(W, A, np.empty((units, 128), np.float32)), (D, A.T, np.empty((units, before), np.float32))]
        if number:
            calls.append((W.T, D, np.empty((before, 128), np.float32)))

    def run(n: int) -> None:
        for _ in range(n):
            for left, right, out in calls:
                left.dot(right, out)

    return run


def _jax_parts() -> dict[str, Part]:
    import jax
    import jax.numpy as jnp

    from benchmarks.peers import jax_loop

    whole = jax_loop(DIGITS)
    pairs = [(after, before) for before, after in zip(DIGITS.dims, DIGITS.dims[1:], strict=False)]
    W: list[Any] = [jnp.ones(shape, jnp.float32) for shape in pairs]
    X, A = jnp.ones((DIGITS.examples, 784), jnp.float32), jnp.ones((128, 784), jnp.float32)

    def adam(_: Any, state: Any) -> Any:
        w, mean, square, grads = state
        mean = jax.tree.map(lambda a, g: 0.9 * a + 0.1 * g, mean, grads)
        square = jax.tree.map(lambda a, g: 0.999 * a + 0.001 * g * g, square, grads)
        w = jax.tree.map(lambda p, a, s: p - 1e-4 * a / (jnp.sqrt(s) + 1e-8), w, mean, square)
        return w, mean, square, grads

    def products(_: Any, state: Any) -> Any:
        layers, weights = [state[0]], state[1]
        for w in weights:
            layers.append(layers[-1] @ w.T)
        D, changed = layers[-1] * 1e-3, []
        for number in range(len(weights) - 1, -1, -1):
            changed.append(weights[number] - 1e-9 * (D.T @ layers[number]))
            if number:
                D = D @ weights[number]
        return state[0], changed[::-1]

    def gather(i: Any, state: Any) -> Any:
        order, total = state
        return order, total + X[(order + i) % DIGITS.examples]

    loops = {
        "JAX: the products": (products, (A, W)),
        "JAX: the update (Adam)": (adam, (W, W, W, W)),
        "JAX: gathering": (gather, (jnp.arange(128) * 97 % DIGITS.examples, jnp.zeros((128, 784), jnp.float32))),
    }
    parts: dict[str, Part] = {"JAX, whole": whole.run}
    for name, (body, start) in loops.items():
        parts[name] = _looped(jax.jit(lambda state, n, body=body: jax.lax.fori_loop(0, n, body, state)), start, jax)
    return parts


def _looped(loop: Any, start: Any, jax: Any) -> Part:
    return lambda n: jax.block_until_ready(loop(start, n))


def table(parts: list[PartTime]) -> list[str]:
    """Lines of Markdown."""
    lines = ["| part, by itself | microseconds an iteration | processor time of all threads |", "|---|---|---|"]
    return lines + [f"| {part.name} | {part.seconds * 1e6:,.0f} | {part.processor * 1e6:,.0f} |" for part in parts]
