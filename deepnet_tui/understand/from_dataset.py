"""A network that is being trained, as a model with the truth of its examples."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.parts import DatasetPart
from deepnet_tui.model import Model
from engine.arrays import Array
from engine.spec import NetworkSpec


def model_on(dataset: Dataset, network: NetworkSpec, parameters: Mapping[str, Array]) -> Model:
    """The model that a network with these parameters is on the data set."""
    data = dataset.for_loss(network.loss_function)
    return Model(
        network=network,
        parameters=parameters,
        name=data.name,
        inputs=data.inputs,
        target=data.target,
        classes=data.classes,
        preparation=data.preparation,
        scaling=data.scaling,
        further_targets=data.further_targets,
    )


def truth_of(dataset: Dataset, part: DatasetPart) -> Array:
    """The truth of a part's examples, as `scores.Score` takes it."""
    if dataset.labels == "binary":
        return np.asarray(part.Y[0], dtype=np.int64)
    if dataset.labels == "one-hot":
        return np.asarray(part.Y.argmax(axis=0))
    values = np.stack([scaling.unbounded(row) for scaling, row in zip(dataset.scalings, part.Y, strict=True)], axis=1)
    return values if dataset.further_targets else np.asarray(values[:, 0])
