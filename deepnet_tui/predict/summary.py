"""What was predicted, in a few sentences."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from deepnet_tui.common.text import counted, quoted
from deepnet_tui.model import Prediction


@dataclass
class PredictionSummary:
    """The number of rows, and by column what `Prediction` counts; `notes` on how the file was read."""

    rows: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    first_unknown: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, prediction: Prediction, rows: int) -> None:
        """Count one piece."""
        self.rows += rows
        self.unknown.update(prediction.unknown)
        self.filled.update(prediction.filled)
        self.missing.update(prediction.missing)
        self.first_unknown = {**prediction.first_unknown, **self.first_unknown}

    @property
    def sentences(self) -> list[str]:
        """What a user should know, one line each."""
        lines = [f"{counted(self.rows, 'row')} predicted"]
        for name, count in self.filled.items():
            was = "was" if count == 1 else "were"
            lines.append(f"{counted(count, 'missing value')} of {quoted(name)} {was} filled in")
        for name, count in self.missing.items():
            lines.append(f"{counted(count, 'missing value')} of {quoted(name)}, which had none in training")
        for name, count in self.unknown.items():
            word = f"{'first ' if count > 1 else ''}{quoted(self.first_unknown[name])}"
            is_ = "is" if count == 1 else "are"
            lines.append(f"{counted(count, 'word')} of {quoted(name)} {is_} unknown to the model: {word}")
        return lines + self.notes
