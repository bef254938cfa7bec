"""Reading and preparing a table of 1,000,000 rows and 20 columns, beside pandas and scikit-learn for the same work.

Run `python benchmarks/table.py [ROWS]`. Both read the same CSV file (12 columns of numbers, 2 of them with gaps,
6 of words, 2 of truth values; the last number is the target), hold out a fifth, fill in medians, standardise
and one-hot encode on the training part. Prints both times, medians of three, and their ratio.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

WORDS = [f"w{number}" for number in range(6)]
FLAGS = [f"flag{number}" for number in range(2)]
NUMBERS = [f"x{number}" for number in range(11)]
ROUNDS = 3


def write(path: Path, rows: int) -> None:
    """A table that looks like an exported one."""
    random = np.random.default_rng(0)
    columns: dict[str, object] = {name: random.standard_normal(rows).round(4) for name in NUMBERS}
    for name in NUMBERS[:2]:
        columns[name] = np.where(random.random(rows) < 0.1, np.nan, columns[name])  # type: ignore[call-overload]
    for number, name in enumerate(WORDS, start=2):
        columns[name] = np.array([f"word{word}" for word in range(2 * number)])[random.integers(0, 2 * number, rows)]
    for name in FLAGS:
        columns[name] = np.array(["no", "yes"])[random.integers(0, 2, rows)]
    columns["y"] = random.standard_normal(rows).round(4)
    pd.DataFrame(columns).to_csv(path, index=False)


def ours(path: Path) -> tuple[int, ...]:
    """The product's way."""
    from deepnet_tui.data.load import load
    from deepnet_tui.data.settings import DataSettings

    dataset = load(DataSettings(source=str(path), target="y"))
    return dataset.train.X.shape


def theirs(path: Path) -> tuple[int, ...]:
    """What one writes with pandas and scikit-learn."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    frame = pd.read_csv(path)
    train, held = train_test_split(frame, test_size=0.2, random_state=0)
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    prepare = ColumnTransformer([("numbers", numbers, NUMBERS), ("words", words, WORDS + FLAGS)])
    X = prepare.fit_transform(train)
    prepare.transform(held)
    return tuple(X.shape)


def seconds(work: Callable[[Path], tuple[int, ...]], path: Path) -> float:
    start = time.perf_counter()
    work(path)
    return time.perf_counter() - start


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path, small = Path(folder) / "table.csv", Path(folder) / "small.csv"
        write(path, rows)
        write(small, 1000)
        for work in (ours, theirs):
            work(small)
        times: dict[str, list[float]] = {"deepnet-tui": [], "pandas and scikit-learn": []}
        for _ in range(ROUNDS):
            times["deepnet-tui"].append(seconds(ours, path))
            times["pandas and scikit-learn"].append(seconds(theirs, path))
        print(f"Python {platform.python_version()}, pandas {pd.__version__}, {os.cpu_count()} cores, {rows:,} rows")
        for name, each in times.items():
            print(f"{name:24} {statistics.median(each):6.2f} s")
        first, second = (statistics.median(each) for each in times.values())
        print(f"ratio {first / second:.2f} (less than 2 is promised)")


if __name__ == "__main__":
    main()
