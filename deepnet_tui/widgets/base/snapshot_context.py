"""What a view of the network shows: data, network and parameters that belong together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.training.snapshots import Snapshot
    from deepnet_tui.workbench.workbench import Workbench
    from engine.arrays import Array
    from engine.spec import NetworkSpec, TrainingSpec


@dataclass(frozen=True)
class SnapshotContext:
    """Data, network and parameters at one iteration, and the settings of the training.

    The network is number `member` (from 0) of an ensemble of `members`, the ensemble as a whole, or the only one there
    is. `kept_aside` has the training examples of its internal part, None without.
    """

    run: str
    dataset: Dataset
    network: NetworkSpec
    snapshot: Snapshot
    training: TrainingSpec
    member: int = 0
    members: int = 1
    kept_aside: Array | None = None

    @property
    def name(self) -> str:
        """What is shown of an ensemble: "network 3 of 8" or "mean of 8"; "" where there is only one network."""
        return mean_name(self.members) if self.network.ensemble > 1 else member_name(self.member, self.members)

    def heading(self, view: str) -> str:
        """The title of a view of this network: "Picture", "Picture: network 3 of 8"."""
        return heading(view, self.name)


def snapshot_context(workbench: Workbench) -> SnapshotContext | None:
    """The network that the workbench shows now, one of an ensemble; None before there are parameters."""
    whole = ensemble_context(workbench)
    if whole is None:
        return None
    k, trainer = workbench.shown_member, workbench.training_run.trainer
    kept_aside = None if trainer is None or trainer.kept_aside is None else trainer.kept_aside[k]
    network, snapshot = whole.network.member, whole.snapshot.member(k)
    return replace(whole, network=network, snapshot=snapshot, member=k, kept_aside=kept_aside)


def ensemble_context(workbench: Workbench) -> SnapshotContext | None:
    """All networks that are trained as one, whose predictions are averaged; None before there are parameters."""
    snapshot = workbench.snapshot if workbench.ready else None
    if snapshot is None:
        return None
    return SnapshotContext(
        workbench.training_run.id,
        workbench.dataset,
        workbench.network,
        snapshot,
        workbench.experiment.training,
        members=workbench.members,
    )


def member_name(member: int, members: int) -> str:
    """Which network of an ensemble it is: "network 3 of 8"; "" where there is only one."""
    return f"network {member + 1} of {members}" if members > 1 else ""


def mean_name(members: int) -> str:
    """What an ensemble is as a whole: "mean of 8"; "" where there is only one network."""
    return f"mean of {members}" if members > 1 else ""


def heading(view: str, name: str) -> str:
    """The title of a view of what is called `name`, if it has a name."""
    return f"{view}: {name}" if name else view
