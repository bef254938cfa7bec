"""Decimal and thousands marks: one reading of a number for a whole table, and none where it would be a guess."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.cli import main
from deepnet_tui.common.errors import InputError
from deepnet_tui.data.load import load
from deepnet_tui.data.readers.registry import read
from deepnet_tui.data.schema.inference import infer_schema
from deepnet_tui.data.settings import ColumnSettings, DataSettings
from deepnet_tui.data.values.number_format import (
    bare,
    is_inexact,
    is_numeral,
    is_plain_numeral,
    likely_mark,
    shown_mark,
    unit_of,
    value_of,
)
from deepnet_tui.data.values.word_column import WordColumn
from deepnet_tui.export import load as load_model


@pytest.mark.parametrize(
    ("word", "decimal", "value"),
    [
        ("1.616.635", ",", 1616635.0),
        ("-51.294,5", ",", -51294.5),
        ("5.000", ",", 5000.0),
        ("0,758", ",", 0.758),
        (",5", ",", 0.5),
        ("1,5e3", ",", 1500.0),
        ("5000", ",", 5000.0),
        ("3,843.17", ".", 3843.17),
        ("51,294", ".", 51294.0),
        ("51.294", ".", 51.294),
        ("-1e-5", ".", -1e-5),
    ],
)
def test_a_number_has_one_value(word: str, decimal: str, value: float) -> None:
    assert value_of(word, decimal) == value


@pytest.mark.parametrize(
    ("word", "decimal"),
    [
        ("2.5", ","),
        ("0.758", ","),
        ("1.23", ","),
        ("1234.567", ","),
        ("1,5,5", ","),
        ("1.616,635.5", ","),
        ("1,5", "."),
        ("0,758", "."),
        ("1234,567", "."),
        ("1,23,456", "."),
        ("1.5,000", "."),
        (",", ","),
        ("", ","),
        ("word", ","),
    ],
)
def test_a_mark_out_of_place_makes_no_number(word: str, decimal: str) -> None:
    assert not is_numeral(word, decimal)


@pytest.mark.parametrize(
    ("cells", "separator", "mark"),
    [
        (["51.294", "0,758", "1"], ";", ","),
        (["1.616.635", "2,274"], ";", ","),
        (["1.616.635", "2,274"], "\t", ","),
        (["3.645.000", "330.000"], ";", ","),
        (["1.616.635", "1,616,635"], ";", ""),
        (["1.234,5"], ";", ","),
        (["0,5", "5.000"], ";", ","),
        (["1,234", "0.5"], ";", "."),
        (["1,234.5"], ";", "."),
        (["1,616,635"], ";", "."),
        (["0.758"], ";", "."),
        (["1,5", "2.5"], ";", ""),
        (["51.294"], ";", ""),
        (["1,234"], ";", ""),
        (["1", "word", "31.12.2024", "192.168.0.1"], ";", ""),
        (["1,5"], ",", ""),
        (["1,5", "2.5"], ",", "."),
        (["1,234"], ",", "."),
    ],
)
def test_only_an_unambiguous_mark_shows_the_decimal_mark(cells: list[str], separator: str, mark: str) -> None:
    assert shown_mark(cells, separator) == mark


def test_an_open_decimal_mark_follows_the_separator() -> None:
    assert likely_mark(["1,234", "2"], ";") == ","
    assert likely_mark(["1,234", "2"], "\t") == "."
    assert likely_mark(["1.234", "2"], ";") == "."
    assert likely_mark(["1", "2"], ";") == "."


def table_of(path: Path, text: str, **given: Any) -> Any:
    path.write_text(text, encoding="utf-8")
    return read(path, DataSettings.model_validate({"source": str(path), **given}))


def test_thousands_marks_do_not_hide_a_decimal_comma(tmp_path: Path) -> None:
    text = "pop;b;y\n51.294;0,758;1\n758;1,25;0\n1.616.635;2,274;1\n"
    for said in ({}, {"decimal": ","}):
        table = table_of(tmp_path / "a.csv", text, **said)
        assert list(table.columns["pop"]) == [51294, 758, 1616635]
        assert list(table.columns["b"]) == [0.758, 1.25, 2.274]
        assert table.columns["pop"].dtype.kind == "i"
        assert ("Numbers are read with a decimal comma." in table.notes) == (not said)
        assert "'pop': numbers such as 1.616.635 are read with thousands separators." in table.notes


def test_commas_for_thousands_make_numbers(tmp_path: Path) -> None:
    text = 'price,count,odd\n"3,843.17",1,"1,5"\n12.5,"51,294","2,5"\n,2,3\n'
    table = table_of(tmp_path / "a.csv", text)
    np.testing.assert_array_equal(table.columns["price"], [3843.17, 12.5, np.nan])
    assert list(table.columns["count"]) == [1, 51294, 2]
    assert isinstance(table.columns["odd"], WordColumn)


def test_a_cell_with_the_wrong_mark_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = "".join(f"{row},5;{row % 7},5;{row % 3}\n" for row in range(60))
    path.write_text("n;m;y\n" + rows + "2.5;1,5;0\n")
    given: dict[str, Any] = {"source": str(path), "decimal": ",", "target": "m"}
    infos = infer_schema(read(path, DataSettings(**given)), DataSettings(**given))
    assert infos[0].reason == "98.4% numbers, but also '2.5'"
    with pytest.raises(InputError, match=r"column 'n', row 61: '2\.5' is not a finite number"):
        load(DataSettings(**given))
    path.write_text("n;m;y\n" + "1,5;1,5;0\n2.5;2,5;1\n" * 20)
    infos = infer_schema(read(path, DataSettings(**given)), DataSettings(**given))
    assert infos[0].kind == "categorical"
    with pytest.raises(InputError, match=r"column 'n', row 2: '2\.5' is not a finite number"):
        load(DataSettings(**given, columns={"n": ColumnSettings(kind="numeric")}))


def test_new_rows_have_the_mark_of_the_training_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, model, new = tmp_path / "a.csv", tmp_path / "m.npz", tmp_path / "new.csv"
    data.write_text("size;y\n" + "".join(f"{row},5;{row % 9},25\n" for row in range(60)))
    assert main(["train", str(data), "--target", "y", "--iterations", "5", "-q", "--export", str(model)]) == 0
    assert load_model(model).reading == {"decimal": ","}

    def answers(text: str, *options: str) -> list[float]:
        new.write_text(text)
        capsys.readouterr()
        assert main(["predict", str(model), str(new), *options]) == 0
        return [float(line) for line in capsys.readouterr().out.splitlines()[1:]]

    half, large = answers("size\n0.5\n5000\n")
    expected = pytest.approx([half, large])
    assert answers("size;c\n0,5;rot\n5.000;rot\n", "--decimal", ",") == expected
    assert answers("size;c\n0,5;rot\n5.000;rot\n") == expected
    assert answers("size;c\n5.000;rot\n") == pytest.approx([large])  # open: as in training
    assert answers('size,c\n"0,5",rot\n"5.000",rot\n') == expected
    assert answers('size,c\n0.5,rot\n"5,000",rot\n') == expected
    new.write_text("size;c\n0,5;rot\n2.5;rot\n")
    assert main(["predict", str(model), str(new)]) == 2
    assert "column 'size', row 2: '2.5' is not a finite number" in capsys.readouterr().err


def test_a_test_file_has_the_mark_of_the_training_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("size;y\n" + "".join(f"{row},5;{row % 9},5\n" for row in range(60)))
    (tmp_path / "t.csv").write_text("size;y\n5.000;1.000\n6.000;2\n")
    source, test = str(tmp_path / "a.csv"), str(tmp_path / "t.csv")
    dataset = load(DataSettings(source=source, target="y", test=test))
    assert dataset.test is not None
    found = dataset.test.Y[0] * dataset.scaling.scale + dataset.scaling.mean
    assert found == pytest.approx([1000.0, 2.0])
    assert list(dataset.test_table["size"]) == [5000, 6000]


def test_words_that_training_read_as_numbers_are_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, model = tmp_path / "a.csv", tmp_path / "m.npz"
    data.write_text("size;flag;y\n" + "".join(f"{row % 3},5;{row % 2},0;{row},25\n" for row in range(60)))
    (tmp_path / "a.toml").write_text(
        f'[data]\nsource = "{data}"\ntarget = "y"\n[data.columns.size]\nkind = "categorical"\n'
    )
    arguments = ["train", str(tmp_path / "a.toml"), "--iterations", "5", "-q", "--export", str(model)]
    assert main(arguments) == 0
    capsys.readouterr()
    assert main(["predict", str(model), str(data)]) == 0
    assert "unknown" not in capsys.readouterr().err


SIGNED = {
    "$1,234.50": ("1,234.50", "$", 1234.5),
    "-$5": ("-5", "$", -5.0),
    "$-5": ("-5", "$", -5.0),
    "US$ 7": ("7", "US$", 7.0),
    "5 %": ("5", "%", 5.0),
    "70.00 CHF": ("70.00", "CHF", 70.0),
    "EUR 1.5": ("1.5", "EUR", 1.5),
    "12kr": ("12", "kr", 12.0),
    "7\u00a0€": ("7", "€", 7.0),
    "(1,234.50)": ("-1,234.50", "", -1234.5),
    "($5.50)": ("-5.50", "$", -5.5),
    "( 3 )": ("-3", "", -3.0),
}


@pytest.mark.parametrize("word", SIGNED)
def test_a_sign_or_brackets_do_not_hide_a_number(word: str) -> None:
    number, unit, value = SIGNED[word]
    assert bare(word) == (number, unit)
    assert value_of(word) == value
    assert not is_plain_numeral(word)


@pytest.mark.parametrize(
    "word", ["", "$", "%", "()", "(-5)", "-$-5", "5 kg", "5 % 6", "$5$", "1,23 $", "$1,23", "CHF", "(a)"]
)
def test_what_only_looks_like_money_is_no_number(word: str) -> None:
    assert not is_numeral(word)


def test_a_column_has_one_sign() -> None:
    assert unit_of(["$5", "6", "-$7"]) == "$"
    assert unit_of(["5", "6"]) == ""
    assert unit_of(["(5)", "6"]) == ""
    for words in (["$5", "€6"], ["5%", "0.05"], ["(1)", "(2)"]):
        assert unit_of(words) is None


def test_the_sign_does_not_hide_the_decimal_mark() -> None:
    assert shown_mark(["1.234,50 €", "3,5 €"], ";") == ","
    assert shown_mark(["$1,234.50"], ";") == "."
    assert likely_mark(["1,234 €"], ";") == ","


@given(st.integers(2**53, 2**70))
def test_whole_numbers_that_floats_change_are_told(number: int) -> None:
    assert is_inexact(str(number)) == is_inexact(f"-{number}") == (int(float(number)) != number)
    assert not is_inexact(str(number % 2**53))
