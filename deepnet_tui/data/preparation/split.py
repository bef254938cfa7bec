"""The split into training and validation part."""

from __future__ import annotations

import numpy as np

from engine.arrays import Array

Rows = tuple[Array, Array]
"""The rows of the training part and of the validation part, each ascending."""


def split(m: int, share: float, seed: int, classes: Array | None = None) -> Rows:
    """Draw `share` of the rows 0..m-1 for validation; returns (training rows, validation rows), each ascending.

    With `classes` (m,), whole numbers from 0, that share of every class goes to the validation part, rounded so
    that the sum is round(share * m), but at least one row of each is trained on. `share` 0 gives no validation part.
    """
    if share == 0.0:
        return np.arange(m), np.empty(0, dtype=np.int64)
    generator = np.random.default_rng(seed)
    wanted = min(max(round(share * m), 1), m - 1)
    if classes is None:
        validation = generator.permutation(m)[:wanted]
    else:
        counts = np.bincount(classes)
        quotas = _quotas(counts, wanted)
        order = generator.permutation(m)
        order = order[np.argsort(classes[order], kind="stable")]
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        validation = np.concatenate([order[start : start + quota] for start, quota in zip(starts, quotas, strict=True)])
    mask = np.zeros(m, dtype=bool)
    mask[validation] = True
    return np.flatnonzero(~mask), np.flatnonzero(mask)


def places(given: Rows, rows: Array) -> Rows:
    """Where the given rows of the source are among `rows` (m,), ascending, which hold all of them."""
    train, validation = given
    return np.searchsorted(rows, train), np.searchsorted(rows, validation)


def _quotas(counts: Array, wanted: int) -> Array:
    """Whole numbers near counts * wanted / sum(counts) that add up to `wanted`: largest remainders first."""
    exact = counts * wanted / counts.sum()
    quotas = np.floor(exact).astype(np.int64)
    missing = wanted - int(quotas.sum())
    quotas[np.argsort(quotas - exact, kind="stable")[:missing]] += 1
    limited: Array = np.minimum(quotas, np.maximum(counts - 1, 0))
    return limited
