"""The memory budget: how much memory training needs and how much there is, compared before any is allocated."""

from __future__ import annotations

import math
import os
from contextlib import suppress
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Need:
    """The bytes that a training takes: for all parameters, the optimizer's history, activations and a Gram matrix."""

    parameters: float
    history: float
    activations: float
    gram_matrix: float

    @property
    def total(self) -> float:
        """All of them."""
        return self.parameters + self.history + self.activations + self.gram_matrix


def needed(network: NetworkSpec, training: TrainingSpec, m: int) -> Need:
    """What training on `m` examples takes."""
    dtype = np.dtype(training.dtype)
    batch = training.batch_size or m
    activations = float(batch * example_bytes(network, dtype, own_inputs=training.batch_size is not None))
    return Need(
        float(VECTORS * network.size * dtype.itemsize),
        8.0 * OPTIMIZERS[training.optimizer].history_vectors * network.size,
        activations if training.batch_size else min(activations, WHOLE_BYTES),
        float(m * m * dtype.itemsize) if gram_layer.saves_work(network, training, m) else 0.0,
    )


def check_memory(network: NetworkSpec, training: TrainingSpec, m: int) -> None:
    """Raise SpecError, which says what to change, where training on `m` examples would not fit into memory."""
    need, there = needed(network, training, m), available()
    if need.total <= there:
        return
    batch = training.batch_size or m
    field, subject = "hidden", f"the network has {network.size:,} parameters and"
    advice = "lower the units of its layers"
    if network.ensemble > 1:
        subject, advice = (
            f"the {network.ensemble} networks have {network.size:,} parameters and",
            f"{advice}, or ensemble",
        )
    if need.activations > need.parameters + need.history:
        field, subject = "batch_size", f"a batch of {batch:,} examples"
        advice = "lower batch_size, or the units of the hidden layers"
    elif need.history > need.parameters:
        advice += f", or take another optimizer than {training.optimizer}, which remembers its last steps"
    would = f"would need about {need.total / 2**30:,.1f} GiB to train; {there / 2**30:,.1f} GiB are there"
    raise SpecError(field, f"{subject} {would}; {advice}")


def available() -> float:
    """The memory in bytes of the machine, or of the container if that has less; infinite where it is not known."""
    limits = [math.inf]
    with suppress(AttributeError, OSError, ValueError):
        limits.append(float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES"))
    for name in GROUP_LIMITS:
        with suppress(OSError, ValueError):  # there is none, or it is "max"
            limits.append(float(Path(name).read_text()))
    return min(limits)
