"""A table with all kinds of columns, and a model that was trained on it in a moment."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

QUICK: dict[str, Any] = {"hidden": [6], "ensemble": 1, "iterations": 24, "report_every": 8}


def customers(m: int = 80) -> pd.DataFrame:
    """Numbers with gaps, words, booleans and dates; `churn` follows from months and plan, `paid_more` is a number."""
    random = np.random.RandomState(0)
    frame = pd.DataFrame(
        {
            "months": random.randint(1, 60, m),
            "plan": random.choice(["basic", "plus", "pro"], m),
            "paid": random.gamma(2.0, 20.0, m).round(2),
            "card": random.rand(m) < 0.5,
            "since": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.randint(0, 700, m), "D"),
        }
    )
    frame.loc[::9, "paid"] = np.nan
    frame.loc[::7, "plan"] = None
    frame["churn"] = np.where((frame["months"] < 20) | (random.rand(m) < 0.2), "yes", "no")
    return frame
