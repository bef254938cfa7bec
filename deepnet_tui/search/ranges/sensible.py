"""Sensible ranges around the defaults, where nobody wrote any."""

from __future__ import annotations

import math
from collections.abc import Container
from typing import TYPE_CHECKING

from deepnet_tui.search.ranges.range import SEARCHABLE, Range
from deepnet_tui.search.settings import UNITS
from engine.ops.optimizers import OPTIMIZERS

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment

RATE_FACTOR = 10.0  # the learning rate is searched from a tenth to ten times the default
UNITS_FACTOR, FEWEST_UNITS, MOST_UNITS = 4, 4, 512
MOST_DROPOUT = 0.5
MOST_DECAY = 0.1  # of L2 as a share of the training rows: AdamW's weight decay
SMALLEST_BATCH = 16


def sensible(experiment: Experiment, m: int, fixed: Container[str] = ()) -> tuple[Range, ...]:
    """Ranges around the settings of the experiment, for m training rows; those in `fixed` stay as they are.

    Learning rate, layers, units, dropout, L2 and batch size, as far as the optimizer has a use for them.
    """
    training, layers = experiment.training, experiment.network.hidden
    searches_line = OPTIMIZERS[training.optimizer].line_search
    found: list[Range] = []
    if not searches_line:
        rate = training.learning_rate
        found.append(_between("learning_rate", _round(rate / RATE_FACTOR), _round(rate * RATE_FACTOR), log=True))
    units = layers[0].units if layers else UNITS
    if "hidden" not in fixed:
        low = max(1, min(units, max(FEWEST_UNITS, units // UNITS_FACTOR)))
        found.append(_between("units", low, max(units, min(MOST_UNITS, units * UNITS_FACTOR)), log=True))
        found.append(_between("layers", min(1, len(layers)), max(3, len(layers))))
    if not searches_line:
        found.append(_between("dropout", 0.0, max([MOST_DROPOUT, *(layer.dropout for layer in layers)])))
    found.append(_between("l2", 0.0, _round(max(MOST_DECAY * m, 10 * training.l2)), log=True))
    batches = [] if OPTIMIZERS[training.optimizer].full_batch_only else _batches(training.batch_size, m)
    if len(batches) > 1:
        found.append(Range(SEARCHABLE["batch_size"], choices=tuple(batches)))
    return tuple(entry for entry in found if entry.name not in fixed and (entry.choices or entry.low != entry.high))


def _between(name: str, low: float, high: float, *, log: bool = False) -> Range:
    return Range(SEARCHABLE[name], low, high, log)


def _batches(batch: int | None, m: int) -> list[int | None]:
    """Batch sizes around the default: half and twice as many, or of the full batch a quarter and a sixteenth."""
    if batch is not None:
        return [size for size in (batch // 2, batch, 2 * batch) if SMALLEST_BATCH <= size <= m or size == batch]
    powers = [2 ** math.floor(math.log2(m / share)) for share in (16, 4) if m >= share]
    return [*(size for size in powers if size >= SMALLEST_BATCH), None]


def _round(value: float) -> float:
    return float(f"{value:.3g}")
