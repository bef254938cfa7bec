"""The layout in which pandas writes a table to HDF5: a group with the names of its columns and blocks of values."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.arrays import Array

WAY_OUT = "save it from pandas with to_parquet"
LONGEST_NAMES = 16 * 1024**2  # bytes
NAMES, ROWS = "axis0", "axis1"


class PandasBlock(NamedTuple):
    """Columns of one type: their names and the data set (m, names) of their values."""

    names: tuple[str, ...]
    values: Any


def is_pandas_table(group: Any) -> bool:
    """Whether a group has pandas' layout, the fixed one or that of a table for appending."""
    return {NAMES, ROWS} <= set(group) or ("table" in group and "pandas_type" in group.attrs)


def pandas_blocks(h5py: Any, group: Any) -> tuple[list[PandasBlock], dict[str, str]]:
    """The blocks of numbers, and by the name of each column that can't be read why.

    Words are pickled, and what is pickled is never opened. Raises ValueError, saying why, if nothing can be read.
    """
    if NAMES not in group:
        raise ValueError(f"it is a table of pandas for appending; {WAY_OUT}")
    blocks: list[PandasBlock] = []
    left_out: dict[str, str] = {}
    for name in sorted(name for name in group if name.startswith("block") and name.endswith("_items")):
        items = _plain(h5py, group, name)
        if items is None or items.ndim != 1 or items.size * items.dtype.itemsize > LONGEST_NAMES:
            raise ValueError(f"it is a table of pandas whose names are pickled; {WAY_OUT}")
        names = tuple(word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word) for word in items[:])
        values = _plain(h5py, group, name.replace("_items", "_values"))
        if values is not None and values.ndim == 2 and values.shape[1] == len(names) and values.size:
            blocks.append(PandasBlock(names, values))
        else:
            left_out |= dict.fromkeys(names, f"pandas has pickled its words; {WAY_OUT}")
    if not blocks:
        raise ValueError(f"it is a table of pandas with pickled words only; {WAY_OUT}")
    return blocks, left_out


def columns_of(block: PandasBlock, values: Array) -> dict[str, Array]:
    """The columns of a block by name; whole numbers are moments in time where the block says so."""
    kind = block.values.attrs.get("value_type", b"")
    kind = kind.decode("ascii", "replace") if isinstance(kind, bytes) else str(kind)
    unit = kind.partition("[")[2].rstrip("]") or "ns"
    if kind.startswith("datetime64") and values.dtype == np.int64 and unit in ("s", "ms", "us", "ns"):
        values = values.view(f"datetime64[{unit}]")
    return {name: np.ascontiguousarray(values[:, place]) for place, name in enumerate(block.names)}


def _plain(h5py: Any, group: Any, name: str) -> Any:
    """An array of numbers or of words of one length, inside the file; None for everything else, links included."""
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        return None
    item = group[name]
    plain = isinstance(item, h5py.Dataset) and item.dtype.kind in "biufS" and not (item.external or item.is_virtual)
    return item if plain else None
