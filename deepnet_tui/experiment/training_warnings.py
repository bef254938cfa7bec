"""What to look at before the results of a training are believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.spec import TrainingSpec

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset


def warnings(dataset: Dataset, size: int, training: TrainingSpec) -> tuple[str, ...]:
    """Warnings about the data, and about networks with `size` parameters each that are trained like this on them."""
    m = dataset.train.m
    found = list(dataset.warnings)
    if size > m and not training.internal:
        found.append(f"The network has {size:,} parameters for {m:,} training examples: it can learn them by heart.")
    if training.patience and dataset.validation is None and not training.internal:
        found.append(
            "There is no validation part, so patience watches the training cost, which can't tell overfitting."
        )
    return tuple(found)
