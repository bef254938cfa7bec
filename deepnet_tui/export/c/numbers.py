"""Numbers in C."""

from __future__ import annotations

from typing import TextIO

import numpy as np

from engine.arrays import Array


def double(value: float) -> str:
    """A number with all its digits, NAN for one that is missing."""
    value = float(value)
    return "NAN" if np.isnan(value) else repr(value)


def write_numbers(file: TextIO, name: str, values: Array) -> None:
    """Write the constant array `name` with all `values` in row-major order."""
    flat = values.ravel().tolist()
    file.write(f"static const double {name}[{len(flat)}] = {{\n")
    file.writelines(
        "    " + ", ".join(double(value) for value in flat[at : at + 6]) + ",\n" for at in range(0, len(flat), 6)
    )
    file.write("};\n")
