"""Which examples are trained on and which are held out."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]


def split(m: int, share: float, seed: int, classes: npt.NDArray[Any] | None = None) -> tuple[Rows, Rows]:
    """Draw `share` of the rows 0..m-1 to be held out; returns (training rows, held-out rows), each ascending.

    With `classes` (m,), whole numbers from 0, every class has that share of its own rows held out, rounded so
    that the sum is round(share * m), but keeps at least one row to train on. `share` 0 holds out nothing.
    """
    if share == 0.0:
        return np.arange(m), np.empty(0, dtype=np.int64)
    generator = np.random.default_rng(seed)
    wanted = min(max(round(share * m), 1), m - 1)
    if classes is None:
        held = generator.permutation(m)[:wanted]
    else:
        counts = np.bincount(classes)
        quotas = _quotas(counts, wanted)
        order = generator.permutation(m)
        order = order[np.argsort(classes[order], kind="stable")]
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        held = np.concatenate([order[start : start + quota] for start, quota in zip(starts, quotas, strict=True)])
    mask = np.zeros(m, dtype=bool)
    mask[held] = True
    return np.flatnonzero(~mask), np.flatnonzero(mask)


def _quotas(counts: npt.NDArray[np.int64], wanted: int) -> npt.NDArray[np.int64]:
    """Whole numbers near counts * wanted / sum(counts) that add up to `wanted`: largest remainders first."""
    exact = counts * wanted / counts.sum()
    quotas = np.floor(exact).astype(np.int64)
    missing = wanted - int(quotas.sum())
    quotas[np.argsort(quotas - exact, kind="stable")[:missing]] += 1
    limited: npt.NDArray[np.int64] = np.minimum(quotas, np.maximum(counts - 1, 0))
    return limited
