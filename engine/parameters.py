"""The starting parameters of a network by name: W1, b1, ..., WL, bL."""

from __future__ import annotations

import math

import numpy as np

from engine.arrays import Array
from engine.ops.initializers import INITIALIZERS
from engine.spec import NetworkSpec


def initialize(network: NetworkSpec, seed: int) -> dict[str, Array]:
    """The starting parameters W1, b1, ..., WL, bL of `network`, float64; the same for the same seed.

    Weights are drawn layer by layer from NumPy's legacy generator, which gives the published numbers of the tutorial.
    Biases are 0.
    """
    initializer = INITIALIZERS[network.initializer]
    generator = np.random.RandomState(seed)
    parameters: dict[str, Array] = {}
    for layer, (inputs, units) in enumerate(zip(network.dims, network.dims[1:], strict=False), start=1):
        spread = initializer.spread(inputs, units, network.scale)
        if spread == 0:
            weights = np.zeros((units, inputs))
        elif initializer.uniform:
            bound = math.sqrt(3) * spread
            weights = generator.uniform(-bound, bound, (units, inputs))
        else:
            weights = generator.randn(units, inputs)
            weights *= spread
        parameters[f"W{layer}"] = weights
        parameters[f"b{layer}"] = np.zeros((units, 1))
    return parameters
