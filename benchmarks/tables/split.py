"""The rows that are trained on and those that are tested, the same for every learner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.tables.listing import Table

if TYPE_CHECKING:
    import pandas as pd

TEST = 0.25


def split(table: Table, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The training and the test rows, every cell as the text that stands in the file.

    Rows without a target are left out first. A quarter is tested, for classes a quarter of each; the only row of a
    class is trained on. Raises ValueError for fewer test rows than classes.
    """
    import pandas as pd
    from sklearn.model_selection import train_test_split

    frame = pd.read_csv(table.path, dtype=str, keep_default_na=False)
    given = pd.read_csv(table.path, dtype=str, usecols=[table.target])[table.target].notna()
    frame = frame[given].reset_index(drop=True)
    rows = np.arange(len(frame))
    if table.task == "regression":
        train, test = train_test_split(rows, test_size=TEST, random_state=seed)
    else:
        labels = frame[table.target]
        alone = (labels.map(labels.value_counts()) == 1).to_numpy()
        train, test = train_test_split(
            rows[~alone], test_size=TEST, random_state=seed, stratify=labels.to_numpy()[~alone]
        )
        train = np.concatenate([train, rows[alone]])
    return frame.iloc[train].reset_index(drop=True), frame.iloc[test].reset_index(drop=True)
