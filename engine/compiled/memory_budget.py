"""The memory budget: how much memory training needs and how much there is, compared before any is allocated."""

from __future__ import annotations

import math
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from engine.compiled import gram_layer
from engine.ops.optimizers import OPTIMIZERS
from engine.spec import NetworkSpec, SpecError, TrainingSpec

WHOLE_BYTES = 2**30  # inputs and activations above which a full batch is streamed block by block
VECTORS = 6  # of all parameters: they, their gradient, two slots of the optimizer, the rollback, the best ones
GROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # of a container


def example_bytes(network: NetworkSpec, dtype: np.dtype[Any], *, own_inputs: bool = False) -> int:
    """The bytes that one example takes in training: its inputs, activations and their gradients.

    Members of an ensemble share the memory for activations, unless they are few. With `own_inputs` each of them reads
    an example of its own.
    """
    inputs = network.inputs * (network.ensemble if own_inputs else 1)
    return (inputs + 3 * sum(network.dims[1:])) * dtype.itemsize


def check_memory(network: NetworkSpec, training: TrainingSpec, m: int) -> None:
    """Raise SpecError, which says what to change, where training on `m` examples would not fit into memory."""
    dtype = np.dtype(training.dtype)
    parameters = float(VECTORS * network.size * dtype.itemsize)
    history = 8.0 * OPTIMIZERS[training.optimizer].history_vectors * network.size
    batch = training.batch_size or m
    activations = float(batch * example_bytes(network, dtype, own_inputs=training.batch_size is not None))
    if not training.batch_size:
        activations = min(activations, WHOLE_BYTES)
    gram_matrix = float(m * m * dtype.itemsize) if gram_layer.saves_work(network, training, m) else 0.0
    needed, there = parameters + history + activations + gram_matrix, available()
    if needed <= there:
        return
    field, subject = "hidden", f"the network has {network.size:,} parameters and"
    advice = "lower the units of its layers"
    if network.ensemble > 1:
        subject, advice = (
            f"the {network.ensemble} networks have {network.size:,} parameters and",
            f"{advice}, or ensemble",
        )
    if activations > parameters + history:
        field, subject = "batch_size", f"a batch of {batch:,} examples"
        advice = "lower batch_size, or the units of the hidden layers"
    elif history > parameters:
        advice += f", or take another optimizer than {training.optimizer}, which remembers its last steps"
    raise SpecError(
        field,
        f"{subject} would need about {needed / 2**30:,.1f} GiB to train; {there / 2**30:,.1f} GiB are there; {advice}",
    )


def available() -> float:
    """The memory in bytes of the machine, or of the container if that has less; infinite where it is not known."""
    limits = [math.inf]
    with suppress(AttributeError, OSError, ValueError):
        limits.append(float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES"))
    for name in GROUP_LIMITS:
        with suppress(OSError, ValueError):  # there is none, or it is "max"
            limits.append(float(Path(name).read_text()))
    return min(limits)
