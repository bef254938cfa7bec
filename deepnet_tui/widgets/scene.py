"""What a view of the network shows: data, network and parameters that belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepnet_tui.data.problem import Problem
    from deepnet_tui.history import Snapshot
    from deepnet_tui.workbench import Workbench
    from engine.spec import NetworkSpec


@dataclass(frozen=True)
class Scene:
    """One moment of a run."""

    run: str
    problem: Problem
    network: NetworkSpec
    snapshot: Snapshot


def scene_of(workbench: Workbench) -> Scene | None:
    """What the workbench shows now, None before there are parameters."""
    snapshot = workbench.shown if workbench.ready else None
    if snapshot is None:
        return None
    return Scene(workbench.session.run, workbench.problem, workbench.network, snapshot)
