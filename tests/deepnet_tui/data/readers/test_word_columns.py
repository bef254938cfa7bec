"""Words that are numbers with a sign, and NA, None and null: words or missing values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.data.load import load
from deepnet_tui.data.readers import text_pieces
from deepnet_tui.data.readers.table import Table
from deepnet_tui.data.readers.word_columns import with_settled_words
from deepnet_tui.data.schema.inference import infer_schema, words_of
from deepnet_tui.data.settings import DataSettings
from tests.deepnet_tui.data.readers.tables import table_of


def column(folder: Path, cells: list[str], separator: str = ";", **settings: object) -> tuple[Any, tuple[str, ...]]:
    """One column of a text table, and the notes."""
    path = folder / "table.csv"
    lines = [f"x{separator}n", *(f"{cell}{separator}{row}.25" for row, cell in enumerate(cells))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    table = table_of(path, separator=separator, **settings)
    return table.columns["x"], table.notes


NUMBERS = {
    "dollars": (["$1,234.50", "$5", "$-3.25", "-$1"], [1234.5, 5, -3.25, -1], "read as numbers without '$'"),
    "euros": (["1.234,50 €", "3,5 €", "", "7 €"], [1234.5, 3.5, np.nan, 7], "read as numbers without '€'"),
    "percents": (["5 %", "0.5%", "-2%"], [5, 0.5, -2], "read as numbers without '%'"),
    "francs": (["70.00 CHF", "71.50 CHF", "NA"], [70, 71.5, np.nan], "read as numbers without 'CHF'"),
    "accounts": (
        ["(1,234.50)", "12.5", "(3)"],
        [-1234.5, 12.5, -3],
        "read as numbers with (1,234.50) as a negative one",
    ),
    "dollars in accounts": (["($5.50)", "$7.00"], [-5.5, 7], "without '$' and with ($5.50) as a negative one"),
    "some without a sign": (["$5", "6", "7.5"], [5, 6, 7.5], "read as numbers without '$'"),
    "large": (["1e17", "2.5", ""], [1e17, 2.5, np.nan], ""),
}


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("rows", [1, 20_000])
def test_numbers_with_signs_are_numbers(name: str, rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_pieces, "ROWS", rows)
    cells, wanted, note = NUMBERS[name]
    given_ = {"decimal": ","} if name == "euros" else {"decimal": "."}
    values, notes = column(tmp_path, cells, **given_)
    np.testing.assert_array_equal(np.asarray(values, dtype=float), wanted)
    assert [said for said in notes if "'x'" in said] == (
        [f"'x': {note}."]
        if name != "dollars in accounts" and note
        else [f"'x': read as numbers {note}."]
        if note
        else []
    )


@pytest.mark.parametrize(
    "cells",
    [
        ["$5", "€6", "$7"],
        ["5%", "0.05", "6%"],
        ["(1)", "(2)", "(3)"],
        ["5 kg", "6 kg", "7 kg"],
        ["$01", "$02", "001"],
        ["$5", "call us", "$7"],
        ["R2D2", "C3PO", "BB8"],
    ],
)
def test_what_is_not_one_kind_of_number_stays_words(cells: list[str], tmp_path: Path) -> None:
    values, _ = column(tmp_path, cells * 10)
    assert [words_of(values).words[code] for code in words_of(values).codes] == cells * 10
    infos = infer_schema(Table({"x": values}), DataSettings(source="table.csv"))
    assert infos[0].kind == "categorical"


@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=2, max_size=20), st.sampled_from("$€£"))
def test_money_is_worth_what_is_written(amounts: list[Any], sign: str) -> None:
    cells = [f"{'-' if amount < 0 else ''}{sign}{abs(amount):,}" for amount in amounts]
    found = with_settled_words(Table({"x": pd.Series(cells)}), DataSettings(), (), text=True).columns["x"]
    assert np.asarray(found, dtype=float).tolist() == [float(amount) for amount in amounts]


def test_whole_numbers_beyond_floats_keep_their_digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = 2**53 + 1
    for rows in (1, 7, 20_000):
        monkeypatch.setattr(text_pieces, "ROWS", rows)
        cells = [str(start + 2 * row) if row % 5 != 3 else "" for row in range(40)]
        values, _ = column(tmp_path, cells)
        assert [words_of(values).words[code] for code in words_of(values).codes] == cells
        (info, *_) = infer_schema(Table({"x": values}), DataSettings(source="table.csv"))
        assert (info.kind, info.missing) == ("identifier", 8)
        whole, _ = column(tmp_path, [str(start + row) for row in range(40)])
        assert list(whole) == [start + row for row in range(40)]


WORDS = {
    "country codes": (["NA", "ZA", "DE"], "NA"),
    "regions": (["NA", "APAC", "EUR"], "NA"),
    "capital words": (["None", "Low", "High"], "None"),
    "two words": (["null", "some"], "null"),
    "sexes": (["NA", "M", "F"], ""),
    "truths": (["None", "True", "False"], ""),
    "answers": (["NA", "YES", "NO"], ""),
    "small words": (["None", "red", "blue"], ""),
    "marks": (["NULL", "HIGH", "LOW"], ""),
    "dates": (["None", "2024-01-01", "2024-01-02"], ""),
    "never a word": (["?", "N/A", "ZA", "DE"], ""),
}


@pytest.mark.parametrize("name", WORDS)
def test_na_and_none_are_words_beside_words_like_them(name: str, tmp_path: Path) -> None:
    cells, word = WORDS[name]
    values, notes = column(tmp_path, cells * 4)
    found = words_of(values).counts
    perhaps = next((cell for cell in cells if cell in ("NA", "None", "null", "NULL")), "")
    if word:
        assert found[word] == 4
        assert f"{word} is a word in 'x' (4 cells), since it stands beside words like it; " in " ".join(notes)
        assert any(said.endswith(f"--missing {word}.") for said in notes)
    else:
        assert found[""] == 4 * (2 if name == "never a word" else 1)
        assert not any("is a word in" in said for said in notes)
        assert any(
            said == f"{perhaps} means a missing value in 'x' (4 cells); if it is a word: --missing ''."
            for said in notes
        ) == bool(perhaps)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [("", 0), ("NA", 4), ("none, NA ", 8), ("None", 0), ("ZA,NA", 8)],
)
def test_what_is_said_to_be_missing_is(said: str, wanted: int, tmp_path: Path) -> None:
    values, notes = column(tmp_path, ["NA", "ZA", "DE", "none"] * 4, missing=said)
    assert words_of(values).counts.get("", 0) == wanted
    assert not any("--missing" in note for note in notes)


def test_numbers_that_are_said_to_be_missing_are(tmp_path: Path) -> None:
    values, _ = column(tmp_path, ["-99", "5", "NA", "-99.0"], missing="-99")
    np.testing.assert_array_equal(np.asarray(values, dtype=float), [np.nan, 5, np.nan, np.nan])
    frame = pd.DataFrame({"x": [-99, 5, 7], "w": ["NA", "none", "b"]})
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    for name in ("a.parquet", "a.xlsx"):
        table = table_of(tmp_path / name, missing="-99,none")
        np.testing.assert_array_equal(np.asarray(table.columns["x"], dtype=float), [np.nan, 5, 7])
        assert words_of(table.columns["w"]).counts == {"NA": 1, "": 1, "b": 1}


def test_columns_that_training_took_for_words_stay_words_in_new_files(tmp_path: Path) -> None:
    frame = pd.DataFrame({"w": ["$5", "$6", "none of them"] * 20, "n": range(60), "y": ["p", "q"] * 30})
    frame["n"] = frame["n"] * 7 % 31
    for suffix in (".parquet", ".xlsx", ".csv"):
        path, new = tmp_path / f"a{suffix}", tmp_path / f"new{suffix}"
        for place, rows in ((path, frame), (new, frame[frame["w"] != "none of them"])):
            if suffix == ".parquet":
                rows.to_parquet(place)
            elif suffix == ".xlsx":
                rows.to_excel(place, index=False)
            else:
                rows.to_csv(place, index=False)
        dataset = load(DataSettings(source=str(path), target="y", test=str(new), validation=0.0))
        assert dataset.test is not None
        assert dataset.inputs[:2] == ("w=$5", "w=$6")
        assert dataset.test.X[:2].sum() == 40
