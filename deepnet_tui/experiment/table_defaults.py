"""Settings that train well on a table of which only the size is known: an ensemble of small networks with dropout.

The recipe was chosen by parts of the training rows of many tables, never by their validation rows; AdamW,
dropout, a cosine and robust inputs with bins are those of Gorishniy et al. 2022 (arXiv 2203.05556) and Holzmüller et
al. 2024 (arXiv 2407.04491), several networks at once those of Gorishniy et al. 2024 (arXiv 2410.24210).
"""

from __future__ import annotations

import math
from dataclasses import replace

from deepnet_tui.data.builtin import TABLE, Defaults
from deepnet_tui.experiment.training import FOR_LINE_SEARCH

MANY, HUGE = 10_000, 50_000  # examples from which there are fewer networks, and larger batches
WIDE = 16_000  # inputs of all networks together from which there are fewer networks
FEW = 1_500  # examples below which the layers are narrower
SMALLEST_BATCH, LARGEST_BATCH = 32, 256
EPOCHS, FEWEST, MOST = 60, 700, 2_400  # updates: EPOCHS, but at least FEWEST and at most MOST
REPORTS = 40  # at which the best parameters are chosen
INPUT_SCALE_RATE = 12.0
PATIENCE = 12  # reports after which the internal cost will not fall any more


def table_defaults(m: int, inputs: int) -> Defaults:
    """The settings for m training examples with so many inputs."""
    ensemble, internal = max(1, min(8 if m < MANY else 4, WIDE // inputs)), 0.125
    trained_on = m - math.floor(m * internal)
    batch = _batch_size(trained_on)
    per_epoch = math.ceil(trained_on / (batch or trained_on or 1))
    every = report_every(min(max(EPOCHS * per_epoch, FEWEST), MOST))
    width = 64 if m < FEW else 128
    return Defaults(
        hidden=(width, width),
        dropout=0.15,
        ensemble=ensemble,
        optimizer="adamw",
        learning_rate=0.002,
        beta2=0.98,
        input_scale_rate=INPUT_SCALE_RATE,
        schedule="cosine",
        warmup=30,
        iterations=REPORTS * every,
        batch_size=batch,
        internal=internal,
        calibrate=True,
        patience=PATIENCE,
        dtype="float32",
        report_every=every,
        seed=TABLE.seed,
        validation=TABLE.validation,
        preparation=TABLE.preparation,
    )


def report_every(iterations: int) -> int:
    """Iterations between two reports, so that there are about REPORTS of them."""
    return max(1, iterations // REPORTS)


def for_line_search(best: Defaults) -> Defaults:
    """The same for an optimizer that searches along a line."""
    return replace(best, **FOR_LINE_SEARCH)


def _batch_size(m: int) -> int | None:
    """Powers of two of which at least four make an epoch; all examples at once where there are very few."""
    batch = LARGEST_BATCH if m < HUGE else 4 * LARGEST_BATCH
    while batch > SMALLEST_BATCH and m < 4 * batch:
        batch //= 2
    return batch if m >= batch else None
