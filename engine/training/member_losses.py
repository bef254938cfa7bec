"""The loss of each network of an ensemble, by which one of them can be chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.arrays import Array
from engine.ops.losses import losses
from engine.parameters import member
from engine.predictor import Predictor, layers_of
from engine.spec import NetworkSpec


def member_losses(
    network: NetworkSpec,
    parameters: Mapping[str, Array],
    X: Array,
    Y: Array,
    weight: Array | None = None,
    examples: Sequence[Array] | Array | None = None,
) -> Array:
    """The mean loss (K,) of each network on X (n0, m) and Y (nL, m), weighted by `weight` (m,), without penalties.

    `examples` has the columns that count for each network; None stands for all of them.
    """
    found = np.zeros(network.ensemble)
    for k in range(network.ensemble):
        predictor = Predictor(network.member, layers_of(member(parameters, k)))
        chosen = np.arange(X.shape[1]) if examples is None else examples[k]
        total = 0.0
        for start in range(0, chosen.size, predictor.block):
            indices = chosen[start : start + predictor.block]
            each = losses(network.loss_function, predictor.logits(X[:, indices]), Y[:, indices]).astype(np.float64)
            share = np.ones(each.size) if weight is None else weight[indices]
            found[k] += each @ share
            total += share.sum()
        found[k] = found[k] / total if total > 0 else 0.0
    return found
