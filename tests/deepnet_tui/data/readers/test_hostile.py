"""Files that are no tables: damaged, malicious or endless ones are refused in a sentence."""

from __future__ import annotations

import io
import os
import pickle
import struct
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from tests.deepnet_tui.data.readers.tables import npy_header, npz_with, table_of


class _Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, (str(Path(tempfile.gettempdir()) / "deepnet-trap"),))


def _pickled() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([_Trap(), 1], dtype=object), allow_pickle=True)
    return buffer.getvalue()


def _bomb(members: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(members):
            with archive.open(f"xl/{number}.xml", "w", force_zip64=True) as member:
                for _ in range(40):
                    member.write(bytes(2**20))
    return buffer.getvalue()


def _xlsx(rows: str, styles: str = "", doctype: str = "") -> bytes:
    """A workbook with these rows in its sheet and this in its styles."""
    import openpyxl

    plain, made = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name.startswith("xl/worksheets/"):
                text = text.replace("<sheetData></sheetData>", f"<sheetData>{rows}</sheetData>")
                assert rows in text
            elif name == "xl/styles.xml" and styles:
                text = doctype + text.replace("</styleSheet>", styles + "</styleSheet>")
            new.writestr(name, text)
    return made.getvalue()


def _lying_zip() -> bytes:
    """A zip whose directory promises 16 GiB out of a few bytes."""
    data = bytearray(npz_with(npy_header("(10,)") + bytes(80)))
    central = data.index(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<I", 0xFFFFFFF0)
    return bytes(data)


BAD: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.csv", b"", "is empty"),
    "blank": ("a.csv", b"\n\n \n", "is empty"),
    "ragged, long": ("a.csv", b"a,b\n1,2\n1,2,3\n", "row 2: 3 values where the header has 2"),
    "ragged, short": ("a.csv", b"a,b\n1,2\n3\n", "row 2: 1 value where the header has 2"),
    "ragged, far down": ("a.csv", b"a,b\n" + b"1,2\n" * 90_000 + b"1,2,3\n", "row 90,001: 3 values"),
    "short, far down": ("a.csv", b"a,b\n" + b"1,2\n" * 90_000 + b"1\n", "row 90,001: 1 value"),
    "no rows": ("a.csv", b"a,b\n", "has a header but no rows"),
    "NUL": ("a.csv", b"a,b\n1,2\n1,\x00\n", "row 2: a NUL byte"),
    "NUL, far down": ("a.csv", b"a,b\n" + b"1,2\n" * 90_000 + b"1,\x00\n", "row 90,001: a NUL byte"),
    "open quote": ("a.csv", b'a,b\n1,"2\n3,4\n', "a quote that opens in row 1 is never closed"),
    "open quote, no header": ("a.csv", b'1,2\n3,4\n5,"6\n7,8\n', "a quote that opens in row 3 is never closed"),
    "NUL in the header": ("a.csv", b"a,\x00b\n1,2\n", "a.csv, the header: a NUL byte"),
    "binary": ("a.csv", bytes(range(256)) * 40, "NUL byte"),
    "unknown suffix": ("a.docx", b"x", "choose one of .csv"),
    "pickle in npy": ("a.npy", _pickled(), "pickled Python objects, which are never opened"),
    "pickle in npz": ("a.npz", npz_with(_pickled()), "pickled Python objects, which are never opened"),
    "pickle as npz": ("a.npz", pickle.dumps(_Trap()), "is not a whole NPZ file"),
    "promised 8 TB": ("a.npy", npy_header("(1000000000000,)") + bytes(80), "GiB in memory; at most"),
    "promised 8 TB, zipped": ("a.npz", npz_with(npy_header("(1000000000000,)")), "GiB in memory; at most"),
    "negative": ("a.npy", npy_header("(-5, -3)") + bytes(120), "a NumPy array|cut short"),
    "cut short": ("a.npy", npy_header("(100,)") + bytes(80), "cut short"),
    "no rows, but many": ("a.npy", npy_header("(" + "1" + "0" * 30 + ", 0)"), "more than any file holds"),
    "words of no size": ("a.npy", npy_header("(300000000,)", "|S0"), "holds values of no size"),
    "not an array": ("a.npz", npz_with(b"hello"), "is not a NumPy array"),
    "code for a header": ("a.npy", npy_header("__import__('os').mkdir('x')"), "is not a NumPy array"),
    "lying zip": ("a.npz", _lying_zip(), "GiB in memory|damaged|not a whole"),
    "zip bomb": ("a.xlsx", _bomb(60), "GiB in memory; at most"),
    "small zip bomb": ("a.xlsx", _bomb(1), "can't be read as Excel"),
    "one endless row": ("a.xlsx", _xlsx("<row>" + "<c><v>1</v></c>" * 200_000 + "</row>"), "far too much in one place"),
    "one endless cell": ("a.xlsx", _xlsx(f"<row><c t='str'><v>{'x' * 2**25}</v></c></row>"), "far too much in one"),
    "one endless tag": ("a.xlsx", _xlsx(f"<row x='{'x' * 2**22}'/>"), "far too much in one place"),
    "row two thousand million": (
        "a.xlsx",
        _xlsx('<row r="1"><c><v>1</v></c></row><row r="2000000000"><c><v>1</v></c></row>'),
        "more than a",
    ),
    "endless styles": ("a.xlsx", _xlsx("", "<x>" + "<y/>" * 300_000 + "</x>"), "'xl/styles.xml' in it is not what"),
    "entities": ("a.xlsx", _xlsx("", "<x/>", "<!DOCTYPE a [<!ENTITY b 'c'>]>"), "far too much in one place"),
    "not excel": ("a.xlsx", b"hello", "can't be read as Excel"),
    "not parquet": ("a.parquet", b"PAR1hello", "can't be read as Parquet"),
    "not hdf5": ("a.h5", b"hello", "can't be read as HDF5"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_table_is_refused(name: str, tmp_path: Path) -> None:
    file, content, message = BAD[name]
    path = tmp_path / file
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        table_of(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (Path(tempfile.gettempdir()) / "deepnet-trap").exists()
    assert list(tmp_path.iterdir()) == [path]
