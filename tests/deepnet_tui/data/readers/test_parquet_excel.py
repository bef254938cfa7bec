"""Parquet and Excel: types, sheets, formulas, and what else a file may hold."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.load import load
from deepnet_tui.data.schema.inference import infer_schema, words_of
from deepnet_tui.data.settings import DataSettings
from tests.deepnet_tui.data.readers.tables import table_of


def test_a_missing_column_names_the_other_sheets(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"a": [1, 2], "b": [1, 2]}).to_excel(book, sheet_name="first", index=False)
        pd.DataFrame({"churn": [1, 2]}).to_excel(book, sheet_name="second", index=False)
    with pytest.raises(InputError, match=r"the columns are a, b; other sheets are second, see --sheet"):
        load(DataSettings(source=str(path), target="churn"))


def test_categories_and_lists_of_a_parquet_file(tmp_path: Path) -> None:
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


def test_formulas_and_charts_of_an_excel_file_are_noted(tmp_path: Path) -> None:
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
    day = infer_schema(table, DataSettings(source=str(tmp_path / "a.xlsx")))[2]
    assert (day.kind, day.reason) == ("constant", "always 2024-01-01")
    book.create_sheet("nothing", 0)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(InputError, match="the sheet 'nothing' is empty; name another one with sheet: Sheet"):
        table_of(tmp_path / "a.xlsx")
    assert table_of(tmp_path / "a.xlsx", sheet="Sheet").m == 2


def test_titles_merged_cells_and_hidden_rows_of_a_sheet_are_noted(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Measurements"], ["site", "x", "x"], ["S0", 1, 2], [None, 3, 4], ["S1", 5, 6]):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A3:A4")
    sheet.row_dimensions[4].hidden = True
    book.save(tmp_path / "a.xlsx")
    table = table_of(tmp_path / "a.xlsx")
    assert {name: list(values) for name, values in table.columns.items() if name != "site"} == {
        "x": [1, 3, 5],
        "x.1": [2, 4, 6],
    }
    assert words_of(table.columns["site"]).counts == {"S0": 1, "": 1, "S1": 1}
    assert table.notes == (
        "1 row above the header was skipped, the first is 'Measurements'.",
        "1 column with a name that occurs before is called 'x.1'.",
        "1 merged range: the value is in the first cell, the others count as missing.",
        "1 hidden row was read like the others.",
    )
    assert list(table_of(tmp_path / "a.xlsx", skip=1).columns) == ["site", "x", "x.1"]
    with pytest.raises(InputError, match=r"row 1: more values than the header, .* --skip with the number of rows"):
        table_of(tmp_path / "a.xlsx", skip=0)


def test_a_time_of_day_is_a_number(tmp_path: Path) -> None:
    import datetime

    import pyarrow as pa
    import pyarrow.parquet as pq

    times = [datetime.time(0, 0, 1), None, datetime.time(23, 59, 59, 500_000)]
    for unit in ("s", "ms", "us", "ns"):
        kind = pa.time32(unit) if unit in ("s", "ms") else pa.time64(unit)
        pq.write_table(
            pa.table({"at": pa.array(times, pa.time64("us")).cast(kind, safe=False)}), tmp_path / "a.parquet"
        )
        table = table_of(tmp_path / "a.parquet")
        assert list(table.columns["at"].fillna(-1)) == [1.0, -1.0, 86_399.0 if unit == "s" else 86_399.5]
        assert table.notes == ("The time of day in at is read as seconds since midnight.",)
