"""One small table, and how the tests write and read it."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deepnet_tui.data.readers.registry import read
from deepnet_tui.data.readers.table import Table
from deepnet_tui.data.schema.inference import words_of
from deepnet_tui.data.settings import DataSettings

FRAME = pd.DataFrame(
    {
        "number": [1.5, -2.25, None, 4e6, 5.0] * 20,
        "whole": range(100),
        "word": ["red", "grün", None, "blue, dark", 'say "hi"'] * 20,
        "flag": [True, False, True, True, False] * 20,
        "day": pd.date_range("2024-02-27", periods=100),
    }
)


def table_of(path: Path, **given_: Any) -> Table:
    return read(path, DataSettings.model_validate({"source": str(path), **given_}))


def written(folder: Path, suffix: str) -> Path:
    path = folder / f"table{suffix}"
    if suffix == ".parquet":
        FRAME.to_parquet(path)
    elif suffix == ".xlsx":
        FRAME.to_excel(path, index=False)
    else:
        FRAME.to_csv(path, index=False, sep="\t" if suffix == ".tsv" else ",")
    return path


def same(table: Table) -> None:
    assert list(table.columns) == list(FRAME.columns)
    np.testing.assert_array_equal(np.asarray(table.columns["number"], dtype=float), FRAME["number"])
    np.testing.assert_array_equal(np.asarray(table.columns["whole"], dtype=float), FRAME["whole"])
    words = words_of(table.columns["word"])
    assert [words.words[code] for code in words.codes] == ["" if pd.isna(word) else word for word in FRAME["word"]]
    flags = words_of(table.columns["flag"])
    assert [flags.words[code].lower() for code in flags.codes] == [str(flag).lower() for flag in FRAME["flag"]]
    days = words_of(table.columns["day"])
    assert [days.words[code][:10] for code in days.codes] == [str(day)[:10] for day in FRAME["day"]]


def npz_with(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", content)
    return buffer.getvalue()


def npy_header(shape: str, kind: str = "<f8") -> bytes:
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
