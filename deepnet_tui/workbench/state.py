"""What the workbench is doing: the states that panes and screens ask for."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """The state of the run that is shown."""

    EMPTY = "empty"  # no data yet
    IDLE = "ready"
    TRAINING = "training"
    PAUSING = "pausing"
    PAUSED = "paused"
    FINISHED = "finished"
    DIVERGED = "diverged"
    FAILED = "failed"
