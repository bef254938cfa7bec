"""Text tables: dialect, encodings, pieces, missing values, rows and cells that never end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.load import load
from deepnet_tui.data.readers import text, text_pieces
from deepnet_tui.data.readers.registry import read
from deepnet_tui.data.readers.text_dialect import find_dialect
from deepnet_tui.data.schema.inference import words_of
from deepnet_tui.data.settings import DataSettings
from tests.deepnet_tui.data.readers.tables import FRAME, same, table_of, written


@pytest.mark.parametrize("rows", [1, 7, 99, 100])
def test_pieces_make_the_same_table(rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_pieces, "ROWS", rows)
    same(table_of(written(tmp_path, ".csv")))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_the_dialect_is_inferred(encoding: str, separator: str, decimal: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    FRAME.to_csv(path, index=False, encoding=encoding, sep=separator, decimal=decimal)
    given_ = {"encoding": encoding} if encoding == "utf-16-le" else {}
    if decimal == separator:
        given_ |= {"decimal": ","}
    same(table_of(path, **given_))


def test_notes_say_what_was_inferred(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes("name,size\ncaf\u00e9,1\nth\u00e9,2\n".encode("cp1252"))
    assert "Windows-1252" in table_of(path).notes[0]
    path.write_text("1,2\n3,4\n")
    table = table_of(path)
    assert list(table.columns) == ["column1", "column2"]
    assert "first row holds numbers" in table.notes[0]
    path.write_text(",a\n0,5\n1,7\n")
    assert list(table_of(path).columns) == ["column1", "a"]


def test_a_column_that_turns_into_words_keeps_its_zeros(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_pieces, "ROWS", 10)
    path = tmp_path / "table.csv"
    path.write_text("code,n\n" + "0012,1\n" * 35 + "x9,2\n")
    words = words_of(table_of(path).columns["code"])
    assert [words.words[code] for code in words.codes] == ["0012"] * 35 + ["x9"]


def test_numbers_that_begin_with_a_zero_stay_words(tmp_path: Path) -> None:
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


def test_a_quote_that_never_ends_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_pieces, "LONGEST_PIECE", 2**20)
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


def test_progress_is_reported_and_may_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_pieces, "ROWS", 10)
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
def test_settings_that_do_not_fit_are_refused(given_: dict[str, str], message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\ncafé,2\nthé,3\n", encoding="utf-8")
    with pytest.raises(InputError, match=message):
        table_of(path, **given_)


def test_a_file_that_disappears_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    monkeypatch.setattr(text_pieces._CheckedText, "read", broken)
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


def test_no_control_character_gets_into_a_message(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\x1b[31mred,b\n1,2\n3,4\n" + "x" * 5000 + ",5\n", encoding="utf-8")
    for target in ("c", "b"):
        with pytest.raises(InputError) as caught:
            load(DataSettings.model_validate({"source": str(path), "target": target, "columns": NUMERIC_RED}))
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 400


NUMERIC_RED = {"\x1b[31mred": {"kind": "numeric"}}
