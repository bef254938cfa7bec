"""What a view of the network shows: data, network and parameters that belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.training.snapshots import Snapshot
    from deepnet_tui.workbench.workbench import Workbench
    from engine.spec import NetworkSpec


@dataclass(frozen=True)
class SnapshotContext:
    """Data, network and parameters at one iteration."""

    run: str
    dataset: Dataset
    network: NetworkSpec
    snapshot: Snapshot


def snapshot_context(workbench: Workbench) -> SnapshotContext | None:
    """What the workbench shows now, None before there are parameters."""
    snapshot = workbench.snapshot if workbench.ready else None
    if snapshot is None:
        return None
    return SnapshotContext(workbench.training_run.id, workbench.dataset, workbench.network, snapshot)
