"""A small folder of tables for the tests of the benchmark."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np


def small(folder: Path, rows: int = 60) -> Path:
    """A folder with a table of a number, a word with gaps and a name; its class follows the number."""
    random = np.random.RandomState(0)
    x = random.randn(rows)
    words = ["", "NA", "red", "green"]
    lines = ["size,colour,name,answer"]
    for number in range(rows):
        answer = "yes" if x[number] + 0.2 * random.randn() > 0 else "no"
        lines.append(f"{x[number]:.3f},{words[number % 4]},item {number},{answer}")
    lines.append("1.0,red,nobody knows,")
    (folder / "small.csv").write_text("\n".join(lines) + "\n")
    listed = [{"file": "small.csv", "target": "answer", "task": "classification"}]
    (folder / "tables.json").write_text(json.dumps(listed))
    return folder
