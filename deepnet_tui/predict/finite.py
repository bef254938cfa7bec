"""Predictions that are no numbers: a row is so far from the training data that the network overflows."""

from __future__ import annotations

import numpy as np

from deepnet_tui.model import Prediction

TOO_LARGE = "its values are too large for the model to predict it"


def first_not_finite(prediction: Prediction) -> int | None:
    """The place, from 0, of the first row whose prediction is no finite number; None if all are."""
    numbers = prediction.values if prediction.probabilities is None else prediction.probabilities.sum(axis=1)
    assert numbers is not None  # noqa: S101
    good = np.isfinite(numbers.reshape(len(numbers), -1)).all(axis=1)
    return None if good.all() else int(np.argmin(good))
