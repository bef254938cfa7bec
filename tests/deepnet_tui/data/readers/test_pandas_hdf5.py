"""Tables that pandas wrote to HDF5: numbers and moments are read, what is pickled is named with the way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.load import load
from deepnet_tui.data.settings import DataSettings
from tests.deepnet_tui.data.readers.tables import table_of

h5py = pytest.importorskip("h5py")


def fixed_table(path: Path, blocks: list[tuple[list[bytes], Any, str]], **more: Any) -> None:
    """The fixed layout: for each block the names, the values (m, names), and what pandas says of their type."""
    with h5py.File(path, "w") as file:
        group = file.create_group("frame")
        group.attrs["pandas_type"] = np.bytes_("frame")
        group["axis0"] = np.array([name for names, _, _ in blocks for name in names])
        group["axis1"] = np.arange(len(blocks[0][1]))
        for number, (names, values, kind) in enumerate(blocks):
            group[f"block{number}_items"] = np.array(names)
            group[f"block{number}_values"] = values
            if kind:
                group[f"block{number}_values"].attrs["value_type"] = np.bytes_(kind)
        for name, values in more.items():
            group[name] = values


def numbers(rows: int = 6) -> list[tuple[list[bytes], Any, str]]:
    days = pd.date_range("2024-01-01", periods=rows, unit="us").to_numpy()
    return [
        ([b"a", "gr\u00f6\u00dfe".encode()], np.arange(2.0 * rows).reshape(rows, 2), ""),
        ([b"n"], np.arange(rows)[:, np.newaxis], ""),
        ([b"day"], days.view(np.int64)[:, np.newaxis], "datetime64[us]"),
    ]


def test_the_fixed_layout_of_pandas_is_read(tmp_path: Path) -> None:
    fixed_table(tmp_path / "a.h5", numbers())
    table = table_of(tmp_path / "a.h5")
    assert list(table.columns) == ["a", "gr\u00f6\u00dfe", "n", "day"]
    assert list(table.columns["gr\u00f6\u00dfe"]) == [1, 3, 5, 7, 9, 11]
    assert list(table.columns["n"]) == [0, 1, 2, 3, 4, 5]
    assert table.columns["day"][5] == np.datetime64("2024-01-06")
    assert table.notes == ()


def test_what_pandas_has_pickled_is_left_out_and_said(tmp_path: Path) -> None:
    fixed_table(tmp_path / "a.h5", numbers(), block3_items=np.array([b"w"]))
    with h5py.File(tmp_path / "a.h5", "a") as file:
        pickled = file["frame"].create_dataset("block3_values", (1,), h5py.vlen_dtype(np.uint8))
        pickled[0] = np.frombuffer(b"cos\nsystem\n(S'false'\ntR.", np.uint8)
    table = table_of(tmp_path / "a.h5")
    assert "w" not in table.columns
    assert table.notes == ("'w' was left out: pandas has pickled its words; save it from pandas with to_parquet.",)
    with pytest.raises(InputError, match="there is no column 'w'; 'w' was left out: pandas has pickled its words"):
        load(DataSettings(source=str(tmp_path / "a.h5"), target="w"))


def test_a_table_for_appending_is_named_with_the_way_out(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("frame")
        group.attrs["pandas_type"] = np.bytes_("frame_table")
        group["table"] = np.zeros(5, [("index", "<i8"), ("values_block_0", "<f8", (2,))])
    with pytest.raises(InputError, match="'frame' was left out: it is a table of pandas for appending; save it from"):
        table_of(tmp_path / "a.h5")


def test_links_within_a_table_of_pandas_are_not_followed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["secret"] = np.ones((6, 1))
    for link in (h5py.ExternalLink("other.h5", "/secret"), h5py.SoftLink("/frame/block0_values")):
        fixed_table(tmp_path / "a.h5", numbers(), block3_items=np.array([b"x"]))
        with h5py.File(tmp_path / "a.h5", "a") as file:
            file["frame"]["block3_values"] = link
        assert "x" not in table_of(tmp_path / "a.h5").columns
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("frame")
        group["axis0"], group["axis1"] = np.array([b"x"]), np.arange(6)
        group["block0_items"] = h5py.ExternalLink("other.h5", "/secret")
    with pytest.raises(InputError, match="names are pickled"):
        table_of(tmp_path / "a.h5")


def test_pandas_itself_wrote_it(tmp_path: Path) -> None:
    pytest.importorskip("tables")
    frame = pd.DataFrame({"x": np.arange(30) * 7 % 11 / 4, "n": np.arange(30) % 5, "y": np.arange(30) % 2})
    frame.to_hdf(tmp_path / "a.h5", key="frame")
    table = table_of(tmp_path / "a.h5")
    for name in frame:
        np.testing.assert_array_equal(table.columns[str(name)], frame[name])
