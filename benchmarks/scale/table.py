"""A large table with a seed: 20 columns, numbers and words mixed, some gaps, and a class to predict."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

PIECE = 100_000
NUMBERS, COUNTS = 10, 3
WORDS = (3, 5, 8, 12, 20, 40)
GAPS = 0.03
TARGET = "y"


def names() -> list[str]:
    """The 20 columns in their order: features, then the target."""
    numbers = [f"number {place}" for place in range(1, NUMBERS + 1)]
    counts = [f"count {place}" for place in range(1, COUNTS + 1)]
    return [*numbers, *counts, *(f"word {place}" for place in range(1, len(WORDS) + 1)), TARGET]


def write_table(path: Path, rows: int, seed: int = 1) -> None:
    """Write a CSV file with so many rows, a piece at a time."""
    import pandas as pd

    drawn = np.random.default_rng(seed)
    weights = drawn.normal(size=NUMBERS)
    effects = [drawn.normal(size=count) for count in WORDS]
    with path.open("w", encoding="utf-8", newline="") as file:
        for start in range(0, rows, PIECE):
            m = min(PIECE, rows - start)
            numbers = drawn.normal(size=(NUMBERS, m))
            counts = drawn.poisson([[2.0], [30.0], [900.0]], size=(COUNTS, m))
            codes = [drawn.integers(count, size=m) for count in WORDS]
            score = weights @ numbers + numbers[0] * numbers[1] + sum(e[c] for e, c in zip(effects, codes, strict=True))
            scaled = numbers * 10.0 ** np.arange(-2, NUMBERS - 2)[:, np.newaxis]
            scaled[drawn.random(scaled.shape) < GAPS] = np.nan
            columns = [*map(np.round, scaled[:4], range(6, 2, -1)), *np.round(scaled[4:], 2), *counts]
            for count, code in zip(WORDS, codes, strict=True):
                written = np.array([f"word{place:02d}" for place in range(count)] + [""], object)
                columns.append(written[np.where(drawn.random(m) < GAPS, count, code)])
            columns.append(np.array(["no", "yes"], object)[(score + drawn.logistic(size=m) > 0).astype(int)])
            frame = pd.DataFrame(dict(zip(names(), columns, strict=True)))
            frame.to_csv(file, index=False, header=start == 0)


if __name__ == "__main__":
    write_table(Path(sys.argv[1]), int(sys.argv[2]))
