"""Whether network, training and data fit each other, and into memory."""

from __future__ import annotations

import numpy as np

from engine.compiled import memory_budget
from engine.ops.optimizers import OPTIMIZERS
from engine.spec import NetworkSpec, SpecError, TrainingSpec


def check_feasible(network: NetworkSpec, training: TrainingSpec, m: int) -> None:
    """Raise SpecError if network, training and `m` examples don't fit each other, or not into memory."""
    if training.batch_size is not None and training.batch_size > m:
        raise SpecError("batch_size", f"batch_size is {training.batch_size:,}, but there are only {m:,} examples")
    if "epsilon" in OPTIMIZERS[training.optimizer].settings and not np.dtype(training.dtype).type(training.epsilon):
        raise SpecError("epsilon", f"epsilon {training.epsilon:g} is 0 in {training.dtype}; raise it or use float64")
    optimizer, name = OPTIMIZERS[training.optimizer], training.optimizer
    if optimizer.full_batch_only and training.batch_size is not None:
        raise SpecError("batch_size", f"{name} works on all examples at once; leave batch_size out")
    if optimizer.line_search:
        if any(layer.dropout for layer in network.hidden):
            raise SpecError("dropout", f"{name} needs a deterministic cost; set dropout to 0")
        if network.ensemble > 1:
            raise SpecError("ensemble", f"{name} trains one network at a time; set ensemble to 1")
        if training.clip_norm is not None:
            raise SpecError("clip_norm", f"{name} chooses its own step lengths; leave clip_norm out")
        if training.schedule != "constant" or training.warmup:
            raise SpecError("schedule", f"{name} chooses its own step lengths; leave schedule and warmup out")
    if training.label_smoothing and network.labels == "numbers":
        raise SpecError("label_smoothing", "label_smoothing is for classes; set it to 0, as the labels are numbers")
    if network.ensemble > 1 and network.loss_function.pooled is None:
        raise SpecError("ensemble", f"predictions of the loss {network.loss_name} can't be averaged; set ensemble to 1")
    memory_budget.check_memory(network, training, m)
