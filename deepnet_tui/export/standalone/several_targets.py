"""What a file for several targets has besides: the values of each of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from deepnet_tui.export.standalone.rows import MODEL


def values_by_target(outputs: Any) -> dict[str, Any]:
    """By the name of each target its values (m,), from the outputs (targets, m) of the network."""
    more = MODEL.get("target_scaling") or {"log": False, "low": None, "high": None}
    first = {"name": MODEL["target"], "mean": MODEL["target_mean"], "scale": MODEL["target_scale"], **more}
    found = {}
    for entry, row in zip([first, *MODEL["further_targets"]], outputs):  # noqa: B905
        values = row * entry["scale"] + entry["mean"]
        if entry["log"]:
            with np.errstate(over="ignore"):
                values = np.exp(values) - entry["shift"]
        low, high = entry["low"], entry["high"]
        found[entry["name"]] = np.clip(values, -np.inf if low is None else low, np.inf if high is None else high)
    return found


def header() -> list[str]:
    """The names of the columns of predictions as CSV."""
    return [f"prediction {name}" for name in [MODEL["target"], *(entry["name"] for entry in MODEL["further_targets"])]]


def csv_rows(found: dict[str, Any]) -> list[list[str]]:
    """The cells of predictions as CSV, from the values (m,) of each target."""
    return [[repr(float(value)) for value in row] for row in zip(*found.values())]  # noqa: B905
