"""Tables for everyone: data sets of scikit-learn and made-up ones, written as a folder of CSV files with a list."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.tables.listing import LIST

if TYPE_CHECKING:
    import pandas as pd

LOADED = {
    "breast_cancer": "classification",
    "wine": "classification",
    "iris": "classification",
    "digits": "classification",
    "diabetes": "regression",
}


def write(folder: Path) -> None:
    """Write every table as NAME.csv with the column `target` last, and the list."""
    entries = []
    for name, task in LOADED.items():
        _loaded(name).to_csv(folder / f"{name}.csv", index=False)
        entries.append({"file": f"{name}.csv", "target": "target", "task": task})
    for name, (task, make) in MADE.items():
        make().to_csv(folder / f"{name}.csv", index=False)
        entries.append({"file": f"{name}.csv", "target": "target", "task": task})
    (folder / LIST).write_text(json.dumps(entries, indent=1), encoding="utf-8")


def _loaded(name: str) -> pd.DataFrame:
    from sklearn import datasets

    found: Any = getattr(datasets, f"load_{name}")(as_frame=True)
    frame: pd.DataFrame = found.frame
    if task_names := list(found.get("target_names", ())) if LOADED[name] == "classification" else []:
        frame["target"] = [str(task_names[number]) for number in frame["target"]]
    return frame


def _frame(X: Any, y: Any) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(X, columns=[f"x{number}" for number in range(1, X.shape[1] + 1)]).round(5)
    frame["target"] = y
    return frame


def _friedman() -> pd.DataFrame:
    """Five of ten columns matter, one product and one square among them."""
    from sklearn.datasets import make_friedman1

    return _frame(*make_friedman1(1000, noise=1.0, random_state=0))


def _noisy_classes() -> pd.DataFrame:
    """Three classes, six of twenty columns matter, one label in ten is random."""
    from sklearn.datasets import make_classification

    return _frame(*make_classification(2000, 20, n_informative=6, n_classes=3, flip_y=0.1, random_state=0))


def _words_and_gaps() -> pd.DataFrame:
    """Two classes; three columns are words, and a tenth of two others is missing."""
    import pandas as pd
    from sklearn.datasets import make_classification

    X, y = make_classification(1500, 10, n_informative=6, flip_y=0.05, random_state=1)
    frame = _frame(X, np.array(["no", "yes"])[y])
    for number, name in enumerate(("x1", "x2", "x3")):
        count = 4 * (number + 1)
        words = [f"{'abc'[number]}{word * 7 % count}" for word in range(count)]  # not in the order of the numbers
        frame[name] = pd.qcut(frame[name], count, labels=words).astype(str)
    random = np.random.default_rng(0)
    for name in ("x4", "x5"):
        frame.loc[random.random(len(frame)) < 0.1, name] = np.nan
    return frame


def _heavy_tail() -> pd.DataFrame:
    """A target like an income: the logarithm of it follows the columns."""
    from sklearn.datasets import make_regression

    X, y = make_regression(1000, 12, n_informative=6, noise=20.0, random_state=0)
    return _frame(X, np.exp(y / y.std() + 8).round(2))


MADE: dict[str, tuple[str, Callable[[], pd.DataFrame]]] = {
    "friedman1": ("regression", _friedman),
    "noisy_classes": ("classification", _noisy_classes),
    "words_and_gaps": ("classification", _words_and_gaps),
    "heavy_tail": ("regression", _heavy_tail),
}
