"""The settings of an update for several networks that differ in them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.spec import TrainingSpec


@dataclass(frozen=True)
class MemberSettings:
    """What an update reads of the settings: a number where all K networks have the same, else a column (K, 1).

    `clip_norm` is None if no gradient is clipped; the limit of a network that clips none is infinite.
    """

    optimizer: str
    l2: Any
    l1: Any
    clip_norm: Any
    momentum: Any
    beta2: Any
    epsilon: Any

    @classmethod
    def of(cls, trainings: Sequence[TrainingSpec]) -> MemberSettings:
        """Those of networks with one optimizer."""

        def column(name: str) -> Any:
            values = [getattr(training, name) for training in trainings]
            if len(set(values)) == 1:
                return values[0]
            return np.array([[math.inf if value is None else value] for value in values])

        names = ("l2", "l1", "clip_norm", "momentum", "beta2", "epsilon")
        return cls(trainings[0].optimizer, *(column(name) for name in names))
