"""Parameters by name, W1, b1, ..., WL, bL: how they start, and those of the members of an ensemble."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from engine.arrays import Array
from engine.ops.initializers import INITIALIZERS
from engine.spec import NetworkSpec
from engine.spec.training import MAX_SEED

GOLDEN = 2_654_435_769  # 2^32 over the golden ratio; odd, so that no two of its multiples are equal modulo 2^32


def member_seed(seed: int, k: int) -> int:
    """The seed of member `k` of an ensemble, far from those of the others; that of member 0 is `seed` itself."""
    return (seed + k * GOLDEN) % (MAX_SEED + 1)


def member(parameters: Mapping[str, Array], k: int) -> dict[str, Array]:
    """Views of the parameters W1 (n1, n0), b1 (n1, 1), ... of member `k`, from those of an ensemble (K, n1, n0), ..."""
    return {name: value[k] if value.ndim == 3 else value for name, value in parameters.items()}


def stack(members: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """The parameters W1 (K, n1, n0), b1 (K, n1, 1), ... of an ensemble from those of its K members; of one, its own."""
    if len(members) == 1:
        return dict(members[0])
    return {name: np.stack([parameters[name] for parameters in members]) for name in members[0]}


def initialize(network: NetworkSpec, seed: int) -> dict[str, Array]:
    """The starting parameters W1, b1, ..., WL, bL of `network`, float64; the same for the same seed.

    Weights are drawn layer by layer from NumPy's legacy generator, which gives the published numbers of the tutorial.
    Biases are 0. Member k of an ensemble starts as a single network with the seed `member_seed(seed, k)` does.
    """
    if network.ensemble > 1:
        return stack([initialize(network.member, member_seed(seed, k)) for k in range(network.ensemble)])
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
