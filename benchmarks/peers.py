"""What is measured against what. To add a peer, add an entry: a function from a workload to `Ready`."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks import tutorial_loop
from benchmarks.workloads import Workload
from engine.arrays import Array

SETTLED = 60.0  # seconds within which the engine must have chosen its path


@dataclass
class Ready:
    """A network ready to be trained: `run(n)` does n whole iterations and returns when they are done.

    `parameters()` are W1, b1, ... as they are now; `setting` says what was chosen for this peer.
    """

    run: Callable[[int], object]
    parameters: Callable[[], dict[str, Array]]
    setting: str = ""


class CannotError(Exception):
    """This peer does not do this workload."""


def engine(workload: Workload) -> Ready:
    from engine import Trainer

    trainer = Trainer(workload.network(), workload.training(), *workload.data(), parameters=workload.parameters())
    began = time.perf_counter()
    while trainer.path.is_open and time.perf_counter() - began < SETTLED:
        trainer.advance(max(1, round(0.1 / _timed(Ready(trainer.advance, dict), 1))))
    trainer.assign(workload.parameters())
    return Ready(trainer.advance, lambda: trainer.parameters, str(trainer.path))


def engine_by_numpy(workload: Workload) -> Ready:
    from engine import Trainer

    data, start = workload.data(), workload.parameters()
    trainer = Trainer(workload.network(), workload.training(), *data, parameters=start, engine="numpy")
    return Ready(trainer.advance, lambda: trainer.parameters)


def tutorial(workload: Workload, *, costs: bool = False) -> Ready:
    if workload.optimizer != "gd" or workload.batch or workload.task != "binary":
        raise CannotError("the tutorial has batch gradient descent for two classes only")
    (X, Y), parameters = workload.data(), workload.parameters()

    def run(n: int) -> None:
        tutorial_loop.train(X, Y, parameters, workload.rate, n, costs=costs)

    return Ready(run, lambda: parameters)


def tutorial_with_costs(workload: Workload) -> Ready:
    return tutorial(workload, costs=True)


def scikit_learn(workload: Workload) -> Ready:
    """MLPClassifier.fit, warm: its loop over epochs, each with its mini-batches, loss and update."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore", ConvergenceWarning)
    X, Y = workload.data()
    X, labels = np.ascontiguousarray(X.T), Y[0].astype(int) if workload.task == "binary" else Y.argmax(axis=0)
    model = MLPClassifier(
        workload.dims[1:-1],
        solver="adam" if workload.optimizer == "adam" else "sgd",
        alpha=0.0,
        batch_size=workload.examples_per_iteration,
        learning_rate_init=workload.rate,
        momentum=0.0,
        nesterovs_momentum=False,
        shuffle=workload.batch is not None,
        tol=0.0,
        n_iter_no_change=10**9,
        warm_start=True,
        max_iter=1,
    )
    model.partial_fit(X, labels, classes=np.unique(labels))
    start = workload.parameters()
    layers = range(1, len(workload.dims))
    model.coefs_ = [np.ascontiguousarray(start[f"W{layer}"].T) for layer in layers]
    model.intercepts_ = [start[f"b{layer}"].ravel() for layer in layers]
    per_epoch = -(-workload.examples // workload.examples_per_iteration)

    def run(n: int) -> None:
        model.max_iter = max(1, round(n / per_epoch))
        model.fit(X, labels)

    def parameters() -> dict[str, Array]:
        named = {f"W{layer}": model.coefs_[layer - 1].T for layer in layers}
        return {**named, **{f"b{layer}": model.intercepts_[layer - 1][:, None] for layer in layers}}

    return Ready(run, parameters)


def torch_eager(workload: Workload) -> Ready:
    """The usual training loop; of threads and ways to update, the fastest on this workload."""
    return _torch(workload, compiled=False)


def torch_compiled(workload: Workload) -> Ready:
    """The same with the forward pass and the loss (and so their gradient) compiled."""
    return _torch(workload, compiled=True)


def _torch(workload: Workload, *, compiled: bool) -> Ready:
    import torch

    kind = getattr(torch, workload.dtype)
    X, Y = (torch.tensor(np.ascontiguousarray(array.T), dtype=kind) for array in workload.data())
    classes = Y.argmax(dim=1)
    every = torch.get_num_threads()

    def build(fused: bool) -> Ready:
        steps: list[Any] = []
        linear = [torch.nn.Linear(a, b, dtype=kind) for a, b in zip(workload.dims, workload.dims[1:], strict=False)]
        with torch.no_grad():
            for layer, module in enumerate(linear, start=1):
                module.weight.copy_(torch.tensor(workload.parameters()[f"W{layer}"]))
                module.bias.copy_(torch.tensor(workload.parameters()[f"b{layer}"].ravel()))
        for module in linear:
            steps += [module, torch.nn.ReLU()]
        model = torch.nn.Sequential(*steps[:-1])
        kinds = {"gd": torch.optim.SGD, "adam": torch.optim.Adam}
        optimizer = kinds[workload.optimizer](model.parameters(), lr=workload.rate, fused=fused)

        def loss_of(inputs: Any, targets: Any) -> Any:
            if workload.task == "binary":
                return torch.nn.functional.binary_cross_entropy_with_logits(model(inputs), targets)
            return torch.nn.functional.cross_entropy(model(inputs), targets)

        loss_function = torch.compile(loss_of) if compiled else loss_of

        def step(inputs: Any, targets: Any) -> None:
            optimizer.zero_grad(set_to_none=True)
            loss_function(inputs, targets).backward()
            optimizer.step()

        targets = Y if workload.task == "binary" else classes

        def run(n: int) -> None:
            if workload.batch is None:
                for _ in range(n):
                    step(X, targets)
                return
            done = 0
            while done < n:
                for chosen in torch.randperm(workload.examples).split(workload.batch)[: n - done]:
                    step(X[chosen], targets[chosen])
                    done += 1

        def parameters() -> dict[str, Array]:
            named = {f"W{layer}": module.weight.detach().numpy() for layer, module in enumerate(linear, start=1)}
            biases = {
                f"b{layer}": module.bias.detach().numpy()[:, None] for layer, module in enumerate(linear, start=1)
            }
            return {**named, **biases}

        return Ready(run, parameters)

    tried = []
    for threads in sorted({1, every}):
        for fused in (False, True):
            torch.set_num_threads(threads)
            ready = build(fused)
            ready.run(3)
            tried.append((min(_timed(ready, 3) for _ in range(5)), threads, fused))
    _, threads, fused = min(tried)
    torch.set_num_threads(threads)
    ready = build(fused)
    ready.setting = f"{threads} thread{'s' if threads > 1 else ''}, {'fused' if fused else 'default'} update"
    return ready


def _timed(ready: Ready, n: int) -> float:
    started = time.perf_counter()
    ready.run(n)
    return time.perf_counter() - started


def jax_loop(workload: Workload) -> Ready:
    """Gradient and update compiled together, and the loop over iterations with them."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    X, Y = (jnp.asarray(np.ascontiguousarray(array.T)) for array in workload.data())
    layers = range(1, len(workload.dims))
    start = workload.parameters()
    parameters: Any = [(jnp.asarray(start[f"W{layer}"].T), jnp.asarray(start[f"b{layer}"].ravel())) for layer in layers]
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state: Any = (parameters, zeros, zeros, jnp.asarray(0), jax.random.key(1))

    def loss(parameters: Any, X: Any, Y: Any) -> Any:
        A = X
        for W, b in parameters[:-1]:
            A = jax.nn.relu(A @ W + b)
        Z = A @ parameters[-1][0] + parameters[-1][1]
        if workload.task == "binary":
            return (jnp.maximum(Z, 0) - Z * Y + jnp.log1p(jnp.exp(-jnp.abs(Z)))).mean()
        return -(jax.nn.log_softmax(Z) * Y).sum(axis=1).mean()

    slope = jax.grad(loss)

    def update(state: Any, grads: Any) -> Any:
        parameters, mean, square, t, key = state
        if workload.optimizer == "gd":
            return (jax.tree.map(lambda p, g: p - workload.rate * g, parameters, grads), mean, square, t, key)
        mean = jax.tree.map(lambda a, g: 0.9 * a + 0.1 * g, mean, grads)
        square = jax.tree.map(lambda a, g: 0.999 * a + 0.001 * g * g, square, grads)
        rate = (workload.rate * jnp.sqrt(1 - 0.999 ** (t + 1)) / (1 - 0.9 ** (t + 1))).astype(X.dtype)
        step = lambda p, a, s: p - rate * a / (jnp.sqrt(s) + 1e-8)  # noqa: E731
        return (jax.tree.map(step, parameters, mean, square), mean, square, t + 1, key)

    def whole(_: Any, state: Any) -> Any:
        return update(state, slope(state[0], X, Y))

    def epoch(_: Any, state: Any) -> Any:
        batch = workload.batch or workload.examples
        key, now = jax.random.split(state[4])
        order = jax.random.permutation(now, workload.examples).reshape(-1, batch)

        def one(state: Any, chosen: Any) -> Any:
            return update(state, slope(state[0], X[chosen], Y[chosen])), None

        return jax.lax.scan(one, (*state[:4], key), order)[0]

    per_round = workload.examples // workload.examples_per_iteration
    body = whole if workload.batch is None else epoch
    loop = jax.jit(lambda state, n: jax.lax.fori_loop(0, n, body, state))

    def run(n: int) -> None:
        nonlocal state
        state = jax.block_until_ready(loop(state, max(1, round(n / per_round)) if n else 0))

    def named() -> dict[str, Array]:
        pairs = dict(zip(layers, state[0], strict=True))
        weights = {f"W{layer}": np.asarray(W).T for layer, (W, _) in pairs.items()}
        return {**weights, **{f"b{layer}": np.asarray(b)[:, None] for layer, (_, b) in pairs.items()}}

    return Ready(run, named)


def products(workload: Workload) -> Ready:
    """No training: as many floating-point operations as an iteration has, in square products of 1,024."""
    side = 1024
    if workload.flops < 2 * side**3:
        raise CannotError("an iteration is less work than one product of this size")
    A, B, C = (np.random.RandomState(seed).randn(side, side).astype(workload.dtype) for seed in range(3))
    per_iteration = workload.flops / (2 * side**3)

    def run(n: int) -> None:
        for _ in range(max(1, round(n * per_iteration))):
            A.dot(B, C)

    return Ready(run, dict)


PEERS: dict[str, Callable[[Workload], Ready]] = {
    "engine": engine,
    "engine by NumPy": engine_by_numpy,
    "tutorial's code": tutorial,
    "with its costs": tutorial_with_costs,
    "scikit-learn": scikit_learn,
    "PyTorch eager": torch_eager,
    "PyTorch compiled": torch_compiled,
    "JAX": jax_loop,
    "products alone": products,
}
PACKAGES = {"scikit-learn": "sklearn", "PyTorch eager": "torch", "PyTorch compiled": "torch", "JAX": "jax"}


def installed() -> list[str]:
    """The peers whose packages are there, the engine first."""
    return [peer for peer in PEERS if peer not in PACKAGES or find_spec(PACKAGES[peer]) is not None]
