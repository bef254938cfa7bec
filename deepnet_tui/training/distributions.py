"""The distributions of a run's snapshots, each computed once: what the histograms over time are drawn from.

Their number is bounded as that of the snapshots is (`snapshots.py`): what is thinned out there is forgotten here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.diagnostics.distributions import Spreads, spreads
from engine.diagnostics.statistics import Sample, draw

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.training.snapshots import Snapshot
    from engine.spec import NetworkSpec, TrainingSpec

MOST_TIMES = 64  # snapshots whose distributions are kept, evenly spread over the run


@dataclass(frozen=True)
class LayerDistributions:
    """The spreads of all layers (`engine.diagnostics.distributions`) at some iterations of a run, in their order."""

    network: NetworkSpec
    times: tuple[tuple[int, Spreads], ...]

    @property
    def end(self) -> int:
        """The last iteration."""
        return self.times[-1][0] if self.times else 0


class Distributions:
    """Computes them, and remembers those of one network. To be used from one thread at a time."""

    def __init__(self) -> None:
        self._of: object = None
        self._sample: Sample | None = None
        self._known: dict[int, Spreads] = {}

    def of(
        self,
        key: object,
        network: NetworkSpec,
        training: TrainingSpec,
        dataset: Dataset,
        snapshots: Sequence[Snapshot],
    ) -> LayerDistributions:
        """Those of `snapshots` of one single network, which `key` names together with its data."""
        if key != self._of or self._sample is None:
            self._of, self._known = key, {}
            self._sample = draw(network, training, dataset.train.X, dataset.train.Y)
        known: dict[int, Spreads] = {}
        for snapshot in snapshots:
            found = self._known.get(snapshot.iteration)
            known[snapshot.iteration] = found or spreads(network, snapshot.parameters, self._sample)
        self._known = known
        return LayerDistributions(network, tuple(sorted(known.items())))
