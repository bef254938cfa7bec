"""Parameters of an ONNX graph that are kept in a file beside it, as PyTorch's exporter writes them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import quoted
from engine.arrays import Array


def outside_numbers(tensor: Any, what: str, folder: Path | None) -> Array:
    """The numbers of a tensor in another file: a regular one in the same `folder`, named without a path.

    Raises InputError for any other place and for a file that is too short, ValueError and KeyError for entries that are
    no numbers and for a type that has none.
    """
    from onnx import helper

    entries = {entry.key: entry.value for entry in tensor.external_data}
    name = entries.get("location", "")
    if folder is None or name in ("", ".", "..") or Path(name).name != name or "\\" in name:
        raise InputError(f"{what} is in another file, {quoted(name)}, which is read only if it lies beside the model")
    path = folder / name
    if path.is_symlink() or not path.is_file():
        raise InputError(f"{what} is in another file, {quoted(name)}, which is not beside the model")
    dtype = np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type))
    count, offset = math.prod(tensor.dims), int(entries.get("offset", 0))
    size = int(entries.get("length", count * dtype.itemsize))
    if dtype.kind not in "fiub" or size != count * dtype.itemsize or not 0 <= offset <= path.stat().st_size - size:
        raise InputError(f"{what} is in another file, {quoted(name)}, which does not hold that many numbers")
    return np.fromfile(path, dtype.newbyteorder("<"), count, offset=offset).astype(dtype).reshape(tensor.dims)
