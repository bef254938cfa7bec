"""What the kernel can compute; everything else stays with NumPy."""

from __future__ import annotations

from engine.compiled.batching.base import Batching, BatchingContext
from engine.compiled.batching.streamed import Streamed
from engine.compiled.native import codes
from engine.ops.optimizers import OPTIMIZERS
from engine.spec import TrainingSpec
from engine.storage import memmap

LARGEST_COPY = 2**28  # bytes: the kernel has examples of its own


def obstacle(shared: BatchingContext, batching: Batching, training: TrainingSpec) -> str:
    """Why the kernel can't compute what `training` asks for; "" if it can."""
    network = shared.network
    if OPTIMIZERS[training.optimizer].line_search:
        return f"{training.optimizer} searches along lines"
    if shared.flat.gram is not None:
        return "the Gram matrix of the examples saves more"
    if isinstance(batching, Streamed) or memmap.mapping(shared.X) is not None:
        return "the examples are read from disk, or in blocks"
    if shared.X.size * shared.dtype.itemsize > LARGEST_COPY:
        return "the examples are too many for a copy of them"
    unknown = {
        "optimizer": {training.optimizer} - codes.RULES.keys(),
        "loss": {network.loss_name} - {*codes.LOSSES},
        "activation": {spec.activation for spec in network.hidden} - {*codes.ACTIVATIONS},
    }
    found = (f"the compiled loop does not know the {kind} {name}" for kind, names in unknown.items() for name in names)
    return next(found, "")
