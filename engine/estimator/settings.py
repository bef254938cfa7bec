"""Checks the settings of scikit-learn's networks, and translates them into those of the engine."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

from engine.ops.activations import ACTIVATIONS
from engine.ops.initializers import INITIALIZERS
from engine.ops.optimizers import MEAN, OPTIMIZERS
from engine.spec import LayerSpec, NetworkSpec, SpecError, TrainingSpec
from engine.spec.bounds import choice, number, whole
from engine.spec.network import MOST_DROPOUT
from engine.spec.training import MOST_ITERATIONS

ACTIVATION_NAMES = {"identity": "linear", "logistic": "sigmoid"}
SOLVERS = ("sgd", "adam", "lbfgs")  # of scikit-learn; every optimizer of the engine is one too
SCHEDULES = ("constant", "invscaling", "adaptive")
SWITCHES = ("shuffle", "early_stopping", "warm_start", "nesterovs_momentum")
NUMBERS = {  # name: lower bound, upper bound, whether the lower one is excluded
    "alpha": (0.0, math.inf, False),
    "learning_rate_init": (0.0, math.inf, True),
    "power_t": (0.0, math.inf, False),
    "tol": (0.0, math.inf, False),
    "validation_fraction": (0.0, 0.999999, True),
    "momentum": (0.0, 0.999999, False),
    "beta_1": (0.0, 0.999999, False),
    "beta_2": (0.0, 0.9999999, False),
    "epsilon": (0.0, math.inf, True),
}


def check(settings: Any, *, incremental: bool) -> None:
    """Raise SpecError for a setting that can't be used, ValueError for one that partial_fit doesn't support."""
    for name, (low, high, open_low) in NUMBERS.items():
        number(name, _plain(getattr(settings, name)), low, high, open_low=open_low)
    whole("max_iter", _plain(settings.max_iter), 1, 10**12)
    whole("max_fun", _plain(settings.max_fun), 1, 10**12)
    if settings.n_iter_no_change != math.inf:
        whole("n_iter_no_change", _plain(settings.n_iter_no_change), 1, 10**12)
    if settings.batch_size != "auto":
        whole("batch_size", _plain(settings.batch_size), 1, 10**12)
    for name in SWITCHES:
        if not isinstance(getattr(settings, name), bool | np.bool_):
            raise SpecError(name, f"{name} must be True or False, not {getattr(settings, name)!r}")
    if settings.clip_norm is not None:
        number("clip_norm", _plain(settings.clip_norm), 0.0, open_low=True)
    choice("activation", settings.activation, (*ACTIVATION_NAMES, *ACTIVATIONS))
    choice("solver", settings.solver, dict.fromkeys((*SOLVERS, *OPTIMIZERS)))
    choice("learning_rate", settings.learning_rate, SCHEDULES)
    choice("initializer", settings.initializer, ("auto", *INITIALIZERS))
    if has_line_search(settings.solver):
        if settings.early_stopping:
            raise SpecError("early_stopping", "lbfgs has no epochs to stop between; set early_stopping to False")
        if settings.learning_rate != "constant":
            raise SpecError("learning_rate", "lbfgs chooses its own step lengths; leave learning_rate constant")
    if incremental and settings.early_stopping:
        raise ValueError("partial_fit does not support early_stopping=True: there is no validation part")


def has_line_search(solver: str) -> bool:
    """Whether the solver finds its own step lengths on all examples, as lbfgs does, and so has no epochs."""
    return solver in OPTIMIZERS and OPTIMIZERS[solver].line_search


def network_of(settings: Any, inputs: int, outputs: int, task: str) -> NetworkSpec:
    """The network that the settings describe, for so many inputs and outputs. Raises SpecError."""
    sizes = settings.hidden_layer_sizes
    units = [_plain(size) for size in sizes] if isinstance(sizes, Iterable) else [_plain(sizes)]
    for size in units:
        whole("hidden_layer_sizes", size, 1, 100_000)
    several = isinstance(settings.dropout, Iterable) and not isinstance(settings.dropout, str)
    rates = list(settings.dropout) if several else [settings.dropout] * len(units)
    for rate in rates:
        number("dropout", _plain(rate), 0.0, MOST_DROPOUT)
    if len(rates) != len(units):
        layers = f"{len(units)} hidden layer{'' if len(units) == 1 else 's'}"
        raise SpecError("dropout", f"dropout has {len(rates)} rates for {layers}")
    activation = ACTIVATION_NAMES.get(settings.activation, settings.activation)
    hidden = tuple(LayerSpec(size, activation, float(rate)) for size, rate in zip(units, rates, strict=True))
    initializer = "xavier_uniform" if settings.initializer == "auto" else settings.initializer
    return NetworkSpec(inputs, hidden, outputs, task, initializer)


def training_of(settings: Any, examples: int, dtype: np.dtype[Any], seed: int, *, whole_batch: bool) -> TrainingSpec:
    """The training that the settings describe, on `examples` examples; `whole_batch` allows a full batch.

    scikit-learn divides its alpha by the examples of a batch, the engine its l2 by all of them.
    """
    solver = settings.solver
    if solver == "sgd":
        solver = "gd" if not settings.momentum else "nesterov" if settings.nesterovs_momentum else "momentum"
    wanted = min(200, examples) if settings.batch_size == "auto" else int(settings.batch_size)
    if has_line_search(solver):
        wanted = examples
    elif wanted > examples:
        warnings.warn(f"batch_size {wanted} is lowered to the number of examples, {examples}", stacklevel=5)
    batch = min(wanted, examples)
    limit = int(settings.max_iter) * math.ceil(examples / batch) if whole_batch else MOST_ITERATIONS
    return TrainingSpec(
        optimizer=solver,
        learning_rate=float(settings.learning_rate_init),
        iterations=min(limit, MOST_ITERATIONS),
        batch_size=None if batch == examples and whole_batch else batch,
        l2=float(settings.alpha) * examples / batch,
        seed=seed,
        report_every=1,
        dtype=dtype.name,
        clip_norm=None if settings.clip_norm is None else float(settings.clip_norm),
        momentum=float(settings.beta_1 if MEAN in OPTIMIZERS[solver].slots else settings.momentum),
        beta2=float(settings.beta_2),
        epsilon=float(settings.epsilon),
        shuffle=bool(settings.shuffle),
    )


def _plain(value: Any) -> Any:
    """A NumPy number as a Python number, anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value
