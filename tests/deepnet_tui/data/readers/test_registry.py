"""All readers: the same table from every format; settings and files that no reader accepts."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pandas as pd
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.load import load
from deepnet_tui.data.settings import DataSettings
from tests.deepnet_tui.data.readers.tables import same, table_of, written


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".xlsx"])
def test_every_format_gives_the_same_table(suffix: str, tmp_path: Path) -> None:
    same(table_of(written(tmp_path, suffix)))


@pytest.mark.parametrize(
    ("suffix", "given_"),
    [
        (".parquet", {"separator": ";"}),
        (".npz", {"encoding": "utf-16"}),
        (".xlsx", {"decimal": ","}),
        (".csv", {"sheet": "S"}),
        (".npy", {"sheet": "S"}),
    ],
)
def test_a_setting_that_no_file_takes_is_refused(suffix: str, given_: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"x")
    (name,) = given_
    with pytest.raises(InputError, match=rf"a{suffix} takes no {name}[a-z ]*; only \.[a-z ,.]+ files do") as caught:
        table_of(path, **given_)
    assert caught.value.field == name
    with pytest.raises(InputError, match=f"moons is built in and takes no {name}"):
        load(DataSettings.model_validate({"source": "moons", **given_}))


def test_a_setting_for_the_test_file_alone_is_fine(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [row % 7 for row in range(100)], "y": [row % 11 + 0.5 for row in range(100)]})
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_csv(tmp_path / "b.csv", sep="^", index=False)
    source, test = str(tmp_path / "a.parquet"), str(tmp_path / "b.csv")
    dataset = load(DataSettings(source=source, target="y", test=test, separator="^"))
    assert dataset.test is not None
    assert dataset.test.m == 100


def test_folders_pipes_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        table_of(tmp_path)
    with pytest.raises(InputError, match="there is no file"):
        table_of(tmp_path / "a.csv")
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe.csv")
        with pytest.raises(InputError, match="is not a regular file"):
            table_of(tmp_path / "pipe.csv")


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for suffix, library in ((".parquet", "pyarrow.parquet"), (".xlsx", "openpyxl"), (".h5", "h5py")):
        path = tmp_path / f"a{suffix}"
        path.write_bytes(b"x")
        monkeypatch.setitem(sys.modules, library, None)
        with pytest.raises(InputError, match=r"not installed: pip install 'deepnet-tui\[files\]'"):
            table_of(path)
