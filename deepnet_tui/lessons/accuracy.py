"""The accuracy that a lesson waits for, of the parameters that are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from deepnet_tui.training.snapshots import Snapshot
    from deepnet_tui.workbench.workbench import Workbench

MOST_EXAMPLES = 5_000  # that are looked at


class Accuracy:
    """Computed when it is asked for, once for each snapshot."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[Snapshot, float | None]] = {}

    def of(self, workbench: Workbench, part: str) -> float | None:
        """The share of the examples of a part, train or validation, whose class is right; None without classes."""
        snapshot = workbench.snapshot if workbench.ready else None
        if snapshot is None:
            return None
        known = self._of.get(part)
        if known is None or known[0] is not snapshot:
            known = self._of[part] = (snapshot, _accuracy(workbench, snapshot, part))
        return known[1]


def _accuracy(workbench: Workbench, snapshot: Snapshot, part: str) -> float | None:
    from engine.predictor import Predictor, layers_of

    dataset = workbench.dataset
    examples = getattr(dataset, part)
    if examples is None or dataset.labels not in ("binary", "one-hot"):
        return None
    X, Y = (np.asarray(values[:, :MOST_EXAMPLES], float) for values in (examples.X, examples.Y))
    outputs = Predictor(workbench.network, layers_of(snapshot.parameters))(X)
    if dataset.labels == "one-hot":
        return float((outputs.argmax(axis=0) == Y.argmax(axis=0)).mean())
    return float(((outputs > 0.5) == (Y > 0.5)).all(axis=0).mean())
