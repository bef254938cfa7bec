"""The training, validation or test part of a dataset."""

from __future__ import annotations

from dataclasses import dataclass

from engine.arrays import Array


@dataclass(frozen=True)
class DatasetPart:
    """Some of the examples: `X` (n0, m), `Y` (nL, m), and the rows of the source they came from (m,)."""

    X: Array
    Y: Array
    rows: Array

    @property
    def m(self) -> int:
        """The number of examples."""
        return int(self.X.shape[1])
