"""Readers: the same table out of every format, and one sentence out of everything that is no table."""

from __future__ import annotations

import io
import os
import pickle
import struct
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.from_file import preview
from deepnet_tui.data.load import load
from deepnet_tui.data.readers import text
from deepnet_tui.data.readers.registry import READERS, read
from deepnet_tui.data.readers.table import Table
from deepnet_tui.data.readers.text_dialect import find_dialect
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


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".xlsx"])
def test_every_format_gives_the_same_table(suffix: str, tmp_path: Path) -> None:
    same(table_of(written(tmp_path, suffix)))


@pytest.mark.parametrize("rows", [1, 7, 99, 100])
def test_pieces_make_the_same_table(rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "ROWS", rows)
    same(table_of(written(tmp_path, ".csv")))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_how_a_text_is_written_is_found(encoding: str, separator: str, decimal: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    FRAME.to_csv(path, index=False, encoding=encoding, sep=separator, decimal=decimal)
    given_ = {"encoding": encoding} if encoding == "utf-16-le" else {}
    if decimal == separator:
        given_ |= {"decimal": ","}
    same(table_of(path, **given_))


def test_notes_say_what_was_guessed(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes("name,size\ncaf\u00e9,1\nth\u00e9,2\n".encode("cp1252"))
    assert "Windows-1252" in table_of(path).notes[0]
    path.write_text("1,2\n3,4\n")
    table = table_of(path)
    assert list(table.columns) == ["column1", "column2"]
    assert "first row holds numbers" in table.notes[0]
    path.write_text(",a\n0,5\n1,7\n")
    assert list(table_of(path).columns) == ["column1", "a"]


def test_a_column_that_turns_into_words_keeps_what_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "ROWS", 10)
    path = tmp_path / "table.csv"
    path.write_text("code,n\n" + "0012,1\n" * 35 + "x9,2\n")
    words = words_of(table_of(path).columns["code"])
    assert [words.words[code] for code in words.codes] == ["0012"] * 35 + ["x9"]


def test_numbers_that_begin_with_a_zero_stay_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    for line in ("0012,{}\n", '"0012",{}\n', " 0012 ,{}\n"):
        path.write_text("code,n\n" + "1234,0.5\n" * 30_000 + line.format("0.25") + "1,2\n")
        table = table_of(path)
        assert set(words_of(table.columns["code"]).words) == {"1234", "0012", "1", ""}
        assert np.asarray(table.columns["n"]).dtype == float
    path.write_text("n,code\n" + "1,0\n0,0.5\n-0,00.5\n" * 9)
    assert np.asarray(table_of(path).columns["code"]).dtype == float
    path.write_text("code\n01\n02\n03\n")
    assert words_of(table_of(path).columns["code"]).words == ("01", "02", "03", "")


@pytest.mark.parametrize("strange", ["\f", "\u2028", "\x85", "\v"])
def test_only_line_ends_end_a_row(strange: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"a,b\nx{strange}y,1\nz,2\n" * 1, encoding="utf-8")
    table = table_of(path)
    assert words_of(table.columns["a"]).words[0] == f"x{strange}y"


@pytest.mark.parametrize("separator", [",", "\t"])
def test_long_cells_are_read(separator: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(separator.join("abc") + "\n" + separator.join(("x" * 200_000, "1", "")) + "\n")
    table = table_of(path)
    assert list(table.columns) == ["a", "b", "c"]
    assert len(words_of(table.columns["a"]).words[0]) == 200_000


def test_a_decimal_comma_is_found_far_down(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a;b\n" + "1;2\n" * 2_000 + "1;2,5\n")
    assert np.asarray(table_of(path).columns["b"], dtype=float)[-1] == 2.5


def test_runs_of_blanks_separate_numbers(tmp_path: Path) -> None:
    path = tmp_path / "auto.data"
    path.write_text('mpg  size   name\n18.0   8   "chevy  malibu"\n 9.5  12\t"ford"  \n')
    table = table_of(path)
    assert list(table.columns) == ["mpg", "size", "name"]
    assert list(table.columns["mpg"]) == [18.0, 9.5]
    assert words_of(table.columns["name"]).words[:2] == ("chevy  malibu", "ford")
    path.write_text("full name\nJohn Smith\nAnn Lee\n")
    assert list(table_of(path).columns) == ["full name"]
    path.write_text("a  b\n" + "1  2\n" * 90_000 + "1  \n")
    with pytest.raises(InputError, match="row 90,001: 1 value where"):
        table_of(path)


def test_a_quote_that_never_ends_is_found_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "LONGEST_PIECE", 2**20)
    monkeypatch.setattr("deepnet_tui.data.readers.text_dialect.LONGEST_CELL", 2**19)
    path = tmp_path / "table.csv"
    path.write_text("a,b\n" + "1,2\n" * 3_000 + '1,"' + "3,4\n" * 500_000)
    with pytest.raises(InputError, match=r"row 3,001: a value is longer than .* perhaps a quote is never closed"):
        table_of(path)
    path.write_text("a,b\n" + f"1,{'x' * 5_000}\n" * 500)
    with pytest.raises(InputError, match="the rows after row 0 are far too long"):
        table_of(path)


def test_a_question_mark_alone_is_a_missing_value(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("n,m,word\n1,?,red\n?, 2.5 ,?\n3,? ,what?\n")
    table = table_of(path)
    np.testing.assert_array_equal(table.columns["n"], [1, np.nan, 3])
    words = words_of(table.columns["word"])
    assert [words.words[code] for code in words.codes] == ["red", "", "what?"]
    assert words_of(table.columns["m"]).counts[""] == 2


def test_blank_lines_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n\n3,4\n\n")
    table = table_of(path)
    assert (table.m, table.notes) == (2, ("1 blank line was skipped.",))


def test_arrays_are_columns_and_pictures(tmp_path: Path) -> None:
    pictures = np.arange(4 * 2 * 3 * 3, dtype=np.uint8).reshape(4, 2, 3, 3)
    np.savez(tmp_path / "a.npz", x=pictures, y=np.array([0, 1, 0, 1]), extra=np.zeros((2, 2)))
    table = table_of(tmp_path / "a.npz")
    np.testing.assert_array_equal(table.columns["x"], pictures)
    assert table.target == "y"
    assert "'extra' was left out" in table.notes[0]
    matrix = np.arange(12.0).reshape(4, 3)
    np.save(tmp_path / "b.npy", np.asfortranarray(matrix))
    table = table_of(tmp_path / "b.npy")
    np.testing.assert_array_equal(np.array(list(table.columns.values())).T, matrix)
    structured = np.array([(1, "a"), (2, "b")], dtype=[("n", int), ("w", "U3")])
    np.save(tmp_path / "c.npy", structured)
    assert list(table_of(tmp_path / "c.npy").columns) == ["n", "w"]


def test_an_array_of_another_length_is_named_where_it_is_missed(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, x=np.arange(600.0), y=np.arange(10) % 2, scale=3.0)
    why = "it has 10 rows where the longest has 600 rows"
    assert f"'y' was left out: {why}." in table_of(path).notes
    with pytest.raises(InputError, match=rf"there is no column 'y'; 'y' was left out: {why}"):
        load(DataSettings(source=str(path), target="y"))
    with pytest.raises(InputError, match=rf"Choose a target out of x; 'y' was left out: {why}; 'scale' was left out"):
        load(DataSettings(source=str(path)))


def test_the_other_sheets_are_named_where_a_column_is_missed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"a": [1, 2], "b": [1, 2]}).to_excel(book, sheet_name="first", index=False)
        pd.DataFrame({"churn": [1, 2]}).to_excel(book, sheet_name="second", index=False)
    with pytest.raises(InputError, match=r"the columns are a, b; other sheets are second, see --sheet"):
        load(DataSettings(source=str(path), target="churn"))


def test_the_courses_hdf5_form(tmp_path: Path) -> None:
    import h5py

    random = np.random.default_rng(0)
    for part, m in (("train", 30), ("test", 10)):
        with h5py.File(tmp_path / f"{part}.h5", "w") as file:
            file[f"{part}_set_x"] = random.integers(0, 256, (m, 4, 4, 3), dtype=np.uint8)
            file[f"{part}_set_y"] = np.arange(m) % 2
            file["list_classes"] = np.array([b"non-cat", b"cat"])
    dataset = load(DataSettings(source=str(tmp_path / "train.h5"), test=str(tmp_path / "test.h5"), validation=0.0))
    assert dataset.classes == ("non-cat", "cat")
    assert dataset.train.X.shape == (48, 30)
    assert dataset.test is not None
    assert dataset.test.X.shape == (48, 10)
    np.testing.assert_array_equal(dataset.train.X.T * 255, dataset.table["x"].reshape(30, -1))


def test_progress_is_told_and_may_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "ROWS", 10)
    path = written(tmp_path, ".csv")
    told: list[float] = []
    read(path, DataSettings(source=str(path)), lambda fraction, what: told.append(fraction))
    assert told == sorted(told)
    assert 0 < told[0] <= told[-1] <= 1.0
    assert len(told) > 5

    def stop(fraction: float, what: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(path, DataSettings(source=str(path)), stop)


class _Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, (str(Path(tempfile.gettempdir()) / "deepnet-trap"),))


def _npz_with(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", content)
    return buffer.getvalue()


def _npy_header(shape: str, kind: str = "<f8") -> bytes:
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()


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
    data = bytearray(_npz_with(_npy_header("(10,)") + bytes(80)))
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
    "two of a name": ("a.csv", b"a,b,a\n1,2,3\n", "two columns called 'a'"),
    "NUL": ("a.csv", b"a,b\n1,2\n1,\x00\n", "row 2: a NUL byte"),
    "NUL, far down": ("a.csv", b"a,b\n" + b"1,2\n" * 90_000 + b"1,\x00\n", "row 90,001: a NUL byte"),
    "open quote": ("a.csv", b'a,b\n1,"2\n3,4\n', "a quote that opens in row 1 is never closed"),
    "open quote, no header": ("a.csv", b'1,2\n3,4\n5,"6\n7,8\n', "a quote that opens in row 3 is never closed"),
    "NUL in the header": ("a.csv", b"a,\x00b\n1,2\n", "a.csv, the header: a NUL byte"),
    "binary": ("a.csv", bytes(range(256)) * 40, "NUL byte"),
    "unknown suffix": ("a.docx", b"x", "choose one of .csv"),
    "pickle in npy": ("a.npy", _pickled(), "pickled Python objects, which are never opened"),
    "pickle in npz": ("a.npz", _npz_with(_pickled()), "pickled Python objects, which are never opened"),
    "pickle as npz": ("a.npz", pickle.dumps(_Trap()), "is not a whole NPZ file"),
    "promised 8 TB": ("a.npy", _npy_header("(1000000000000,)") + bytes(80), "GiB in memory; at most"),
    "promised 8 TB, zipped": ("a.npz", _npz_with(_npy_header("(1000000000000,)")), "GiB in memory; at most"),
    "negative": ("a.npy", _npy_header("(-5, -3)") + bytes(120), "a NumPy array|cut short"),
    "cut short": ("a.npy", _npy_header("(100,)") + bytes(80), "cut short"),
    "no rows, but many": ("a.npy", _npy_header("(" + "1" + "0" * 30 + ", 0)"), "more than any file holds"),
    "words of no size": ("a.npy", _npy_header("(300000000,)", "|S0"), "holds values of no size"),
    "not an array": ("a.npz", _npz_with(b"hello"), "is not a NumPy array"),
    "code for a header": ("a.npy", _npy_header("__import__('os').mkdir('x')"), "is not a NumPy array"),
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
def test_what_is_no_table_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    file, content, message = BAD[name]
    path = tmp_path / file
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        table_of(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (Path(tempfile.gettempdir()) / "deepnet-trap").exists()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"encoding": "utf-9"}, "encoding 'utf-9' is unknown"),
        ({"encoding": "ascii"}, "is not written in ascii"),
        ({"encoding": "zip"}, "encoding"),
        ({"separator": ""}, "separator must be one character"),
        ({"separator": "\n"}, "separator|table|rows|header"),
        ({"separator": '"'}, "separator|table|values"),
    ],
)
def test_settings_that_do_not_fit_the_text(given_: dict[str, str], message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\ncafé,2\nthé,3\n", encoding="utf-8")
    with pytest.raises(InputError, match=message):
        table_of(path, **given_)


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
def test_a_setting_that_a_file_does_not_take_is_refused(suffix: str, given_: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"x")
    (name,) = given_
    with pytest.raises(InputError, match=rf"a{suffix} takes no {name}[a-z ]*; only \.[a-z ,.]+ files do") as caught:
        table_of(path, **given_)
    assert caught.value.field == name
    with pytest.raises(InputError, match=f"moons is built in and takes no {name}"):
        load(DataSettings.model_validate({"source": "moons", **given_}))


def test_a_setting_that_only_the_test_file_takes_is_fine(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [row % 7 for row in range(100)], "y": [row % 11 + 0.5 for row in range(100)]})
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_csv(tmp_path / "b.csv", sep="^", index=False)
    source, test = str(tmp_path / "a.parquet"), str(tmp_path / "b.csv")
    dataset = load(DataSettings(source=source, target="y", test=test, separator="^"))
    assert dataset.test is not None
    assert dataset.test.m == 100


def test_folders_pipes_and_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        table_of(tmp_path)
    with pytest.raises(InputError, match="there is no file"):
        table_of(tmp_path / "a.csv")
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe.csv")
        with pytest.raises(InputError, match="is not a regular file"):
            table_of(tmp_path / "pipe.csv")


def test_a_file_that_disappears_or_breaks_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, ".csv")

    def vanish(*arguments: Any) -> Any:
        dialect = find_dialect(*arguments)
        path.unlink()
        return dialect

    monkeypatch.setattr("deepnet_tui.data.readers.text.find_dialect", vanish)
    with pytest.raises(InputError, match="can't be read: No such file"):
        table_of(path)

    def broken(self: Any, size: int) -> str:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("deepnet_tui.data.readers.text.find_dialect", find_dialect)
    monkeypatch.setattr(text._Watched, "read", broken)
    with pytest.raises(InputError, match="can't be read: Input/output error"):
        table_of(written(tmp_path, ".csv"))


def test_the_memory_bound_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, ".csv")
    monkeypatch.setattr(text, "MEMORY", 1000)
    with pytest.raises(InputError, match="GiB in memory; at most"):
        table_of(path)


def test_a_file_of_ten_gigabytes_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as raw:
        raw.write(b"a,b\n" + b"1.5,2.5\n" * 100_000)
        try:
            raw.truncate(10 * 1024**3)
        except OSError:
            pytest.skip("the file system holds no sparse file of 10 GiB")
    with pytest.raises(InputError, match="GiB in memory; at most"):
        table_of(path)


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for suffix, library in ((".parquet", "pyarrow.parquet"), (".xlsx", "openpyxl"), (".h5", "h5py")):
        path = tmp_path / f"a{suffix}"
        path.write_bytes(b"x")
        monkeypatch.setitem(sys.modules, library, None)
        with pytest.raises(InputError, match=r"not installed: pip install 'deepnet-tui\[files\]'"):
            table_of(path)


def test_words_in_an_hdf5_file(tmp_path: Path) -> None:
    import h5py

    words = ["red", "grün", ""] * 50
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["colour"] = words
        file["size"] = np.arange(150)
    table = table_of(tmp_path / "a.h5")
    assert list(table.columns["colour"]) == words


def test_columns_of_a_parquet_file_that_are_no_plain_words(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "category": pd.Categorical(["a", "b", None] * 4),
            "coded": pd.Categorical([3, 5, 3] * 4),
            "list": [[1], [2], [3]] * 4,
            "large": pd.array([1, None, 3] * 4, dtype="Int64"),
        }
    )
    frame.to_parquet(tmp_path / "a.parquet", row_group_size=5)
    table = table_of(tmp_path / "a.parquet")
    assert list(table.columns) == ["category", "coded", "large"]
    assert "list" in table.notes[0]
    for name, expected in (("category", ["a", "b", ""]), ("coded", ["3", "5", "3"]), ("large", ["1", "", "3"])):
        words = words_of(table.columns[name])
        assert [words.words[code] for code in words.codes] == expected * 4


def test_a_parquet_file_with_bytes_and_zones(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "bytes": [b"\xff\x00", b"ok", None] * 4,
            "moment": pd.date_range("2024-01-01", periods=12, tz="Europe/Berlin"),
            "y": range(12),
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    table = table_of(tmp_path / "a.parquet")
    assert words_of(table.columns["bytes"]).words == ("\ufffd\x00", "ok", "")
    assert str(table.columns["moment"].iloc[0]) == "2023-12-31 23:00:00"


def test_long_cells_of_a_parquet_file_are_not_unfolded(tmp_path: Path) -> None:
    import tracemalloc

    import pyarrow as pa
    import pyarrow.parquet as pq

    long = pa.DictionaryArray.from_arrays(pa.array([0] * 5_000, pa.int32()), pa.array([b"x" * 2**20]))
    pq.write_table(pa.table({"a": long}), tmp_path / "a.parquet")
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    table = table_of(tmp_path / "a.parquet")
    assert tracemalloc.get_traced_memory()[1] < 50e6
    tracemalloc.stop()
    assert pa.total_allocated_bytes() - before < 50e6
    assert table.m == 5_000


def test_what_an_excel_file_holds_besides_is_said(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["a", "b", "day"],
        [1, "=A2*2", pd.Timestamp("2024-01-01")],
        [],
        [2, "=A4*2", pd.Timestamp("2024-01-01")],
    ):
        sheet.append(row)
    chart = book.create_chartsheet("picture")
    chart.add_chart(openpyxl.chart.BarChart())
    book.save(tmp_path / "a.xlsx")
    table = table_of(tmp_path / "a.xlsx")
    assert list(table.columns["a"]) == [1.0, 2.0]
    assert table.notes[0].startswith("2 cells have a formula without a stored value and count as missing")
    assert table.notes[1] == "1 blank row was skipped; rows are numbered without them."
    day = preview(DataSettings(source=str(tmp_path / "a.xlsx"))).columns[2]
    assert (day.kind, day.reason) == ("constant", "always 2024-01-01")
    book.create_sheet("nothing", 0)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(InputError, match="the sheet 'nothing' is empty; name another one with sheet: Sheet"):
        table_of(tmp_path / "a.xlsx")
    assert table_of(tmp_path / "a.xlsx", sheet="Sheet").m == 2


def test_links_out_of_an_hdf5_file_are_not_followed(tmp_path: Path) -> None:
    import h5py

    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["secret"] = np.arange(5)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = np.arange(5)
        file["link"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "secret")
        file["soft"] = h5py.SoftLink("/x")
    table = table_of(tmp_path / "a.h5")
    assert list(table.columns) == ["x"]
    assert table.notes == (
        "'link' was left out: it is a link out of the file, which is never followed.",
        "'soft' was left out: it is a link to something else in the file.",
    )


def test_what_an_hdf5_file_holds_besides_is_said(tmp_path: Path) -> None:
    import h5py

    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["inner/x"] = np.arange(5)
    with pytest.raises(InputError, match=r"no arrays at its root .*'inner' .* is a group, which holds x; only arrays"):
        table_of(path)
    with h5py.File(path, "a") as file:
        file["train_set_x"], file["test_set_x"] = np.arange(5), np.arange(3)
        file["none"], file["one"] = np.empty((0, 3)), 1.0
        file["tags"] = np.array([["a", "b"]] * 5, dtype=object)
    notes = table_of(path).notes
    assert [note.partition(":")[0] for note in notes] == [
        f"'{name}' was left out" for name in ("inner", "none", "one", "tags", "train_set_x")
    ]
    assert "'test_set_x' is read as 'x' already" in notes[-1]


def test_the_sizes_of_an_hdf5_file_are_added_up(tmp_path: Path) -> None:
    import h5py

    with h5py.File(tmp_path / "a.h5", "w") as file:
        for number in range(60):
            file.create_dataset(f"x{number}", (130_000_000,), dtype="u1")
    with pytest.raises(InputError, match="GiB in memory; at most"):
        table_of(tmp_path / "a.h5")


def test_two_arrays_of_one_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", _npy_header("(2,)") + bytes(16))
        archive.writestr("x", _npy_header("(2,)") + bytes(16))
    with pytest.raises(InputError, match="two columns called 'x'"):
        table_of(tmp_path / "a.npz")


def test_class_names_are_few_and_different(tmp_path: Path) -> None:
    y = np.arange(6) % 2
    for classes, found in ((["no", "yes"], ("no", "yes")), (["a", "a"], ()), (["a", "b"] * 3, ())):
        np.savez(tmp_path / "a.npz", x=np.arange(6.0), y=y, classes=np.array(classes))
        table = table_of(tmp_path / "a.npz")
        assert table.classes == found
        assert ("classes" in table.columns) == (len(classes) == 6)


def test_the_other_byte_order(tmp_path: Path) -> None:
    import h5py

    x, y = np.arange(40.0) * 17 % 23, np.arange(40) % 3 % 2
    structured = np.array(list(zip(x, y, strict=True)), dtype=[("x", ">f8"), ("y", ">i4")])
    np.savez(tmp_path / "a.npz", x=x.astype(">f8"), y=y.astype(">i2"))
    np.save(tmp_path / "a.npy", structured)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"], file["y"] = x.astype(">f4"), y.astype(">i8")
    for name in ("a.npz", "a.npy", "a.h5"):
        dataset = load(DataSettings(source=str(tmp_path / name), target="y"))
        assert dataset.task == "binary"


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".h5"])
def test_large_arrays_report_while_they_are_read(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import h5py

    monkeypatch.setattr("deepnet_tui.data.readers.arrays.PIECE", 2**20)
    array = np.random.default_rng(0).standard_normal((100_000, 8))
    path = tmp_path / f"a{suffix}"
    if suffix == ".h5":
        with h5py.File(path, "w") as file:
            file.create_dataset("x", data=array, chunks=(700, 8), compression="gzip", compression_opts=1)
    elif suffix == ".npz":
        np.savez(path, x=array)
    else:
        np.save(path, array)
    told: list[float] = []
    table = read(path, DataSettings(source=str(path)), lambda fraction, what: told.append(fraction))
    np.testing.assert_array_equal(np.array(list(table.columns.values())).T, array)
    assert told == sorted(told)
    assert len(told) >= 5


def good_files() -> dict[str, bytes]:
    """A small good file of every format, to be damaged."""
    files = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for suffix in (".csv", ".parquet", ".xlsx"):
            files[suffix] = written(folder, suffix).read_bytes()
        np.savez(folder / "a.npz", x=np.arange(6.0).reshape(3, 2), y=np.array([0, 1, 0]))
        np.save(folder / "a.npy", np.arange(6.0).reshape(3, 2))
        files[".npz"], files[".npy"] = (folder / "a.npz").read_bytes(), (folder / "a.npy").read_bytes()
        import h5py

        with h5py.File(folder / "a.h5", "w") as file:
            file["x"] = np.arange(12, dtype=np.uint8).reshape(3, 4)
            file["y"] = np.array([0, 1, 0])
        files[".h5"] = (folder / "a.h5").read_bytes()
    return files


GOOD = good_files()
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _only_sentences(suffix: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"fuzz{suffix}"
        path.write_bytes(content)
        try:
            table = table_of(path)
        except InputError as error:
            assert str(error).strip()  # noqa: PT017
        else:
            assert table.m > 0


@pytest.mark.parametrize("suffix", GOOD)
@FUZZ
@given(data=st.data())
def test_damaged_files_are_tables_or_sentences(suffix: str, data: st.DataObject) -> None:
    content = bytearray(GOOD[suffix])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))
    _only_sentences(suffix, bytes(content[:end]))


@pytest.mark.parametrize("suffix", sorted(set(READERS) - {".hdf5", ".data", ".txt"}))
@FUZZ
@given(content=st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_sentence(suffix: str, content: bytes) -> None:
    _only_sentences(suffix, content)


CELLS = st.one_of(st.text(max_size=6), st.floats().map(str), st.integers().map(str), st.just(""))


@FUZZ
@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=8), st.sampled_from(",;\t|"))
def test_any_text_is_a_table_or_a_sentence(rows: list[list[str]], separator: str) -> None:
    text = "\n".join(separator.join(row) for row in rows)
    _only_sentences(".csv", text.encode("utf-8", "surrogatepass"))


NAMES = st.lists(st.from_regex(r"[a-z]{1,5}", fullmatch=True), min_size=2, max_size=4, unique=True)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs", "Cc", "Z"]), min_size=1
)


@FUZZ
@given(st.data())
def test_a_well_formed_csv_is_read_as_the_csv_module_reads_it(data: st.DataObject) -> None:
    import csv

    names = data.draw(NAMES)
    rows = data.draw(st.lists(st.lists(WORDS, min_size=len(names), max_size=len(names)), min_size=3, max_size=10))
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([names, *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text(text.getvalue(), encoding="utf-8", newline="")
        table = table_of(path, separator=",", encoding="utf-8")
    assert list(table.columns) == names
    for place, name in enumerate(names):
        if getattr(table.columns[name].dtype, "kind", "O") == "O":
            words = words_of(table.columns[name])
            from deepnet_tui.data.preparation.encoding import to_word

            assert [words.words[code] for code in words.codes] == [to_word(row[place]) for row in rows]


def test_no_control_character_of_a_file_gets_into_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\x1b[31mred,b\n1,2\n3,4\n" + "x" * 5000 + ",5\n", encoding="utf-8")
    for target in ("c", "b"):
        with pytest.raises(InputError) as caught:
            load(DataSettings.model_validate({"source": str(path), "target": target, "columns": NUMERIC_RED}))
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 400


NUMERIC_RED = {"\x1b[31mred": {"kind": "numeric"}}
