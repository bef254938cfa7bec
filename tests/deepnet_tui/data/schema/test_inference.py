"""Schema inference: the kind and the role of a column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.readers.registry import read
from deepnet_tui.data.schema.inference import infer_schema
from deepnet_tui.data.settings import DataSettings
from tests.deepnet_tui.data.tables import Table, csv, flip

KINDS: dict[str, tuple[Callable[[int], object], str, str]] = {
    "number": (lambda row: row * 37 % 61 / 4, "numeric", "feature"),
    "whole": (lambda row: row % 7, "numeric", "feature"),
    "gaps": (lambda row: "" if row % 5 == 0 else row * 31 % 59, "numeric", "feature"),
    "id": (lambda row: row * 17 % 1009, "identifier", "ignored"),
    "number of the row": (lambda row: row + 100, "identifier", "ignored"),
    "key of letters": (lambda row: f"k{row}x", "identifier", "ignored"),
    "text": (lambda row: f"once upon {row}", "text", "ignored"),
    "constant": (lambda row: "always", "constant", "ignored"),
    "constant number": (lambda row: 3.5, "constant", "ignored"),
    "empty": (lambda row: "", "constant", "ignored"),
    "zero or one": (lambda row: row % 2, "boolean", "feature"),
    "true or false": (lambda row: row % 3 == 0, "boolean", "feature"),
    "yes or no": (lambda row: ["yes", "no", ""][row % 3], "boolean", "feature"),
    "word": (lambda row: ["red", "green", "blue"][row % 3], "categorical", "feature"),
    "one word or none": (lambda row: ["x", ""][row % 2], "categorical", "feature"),
    "date": (lambda row: f"2024-01-{row % 28 + 1:02}", "date", "feature"),
    "moment": (lambda row: f"2024-01-01T10:00:{row:02}", "date", "feature"),
}


@pytest.mark.parametrize("name", KINDS)
def test_kinds_and_roles(name: str, table: Table) -> None:
    make, kind, role = KINDS[name]
    columns: dict[str, Callable[[int], object]] = {name: make, "n": lambda row: row * 13 % 47 / 3, "y": flip}
    dataset = table(csv(**columns))
    info = dataset.columns[0]
    assert (info.kind, info.role) == (kind, role)
    assert info.reason
    assert info.missing == sum(str(make(row)) == "" for row in range(60))
    mentioned = any(repr(name) in sentence for sentence in dataset.dropped)
    assert mentioned == (role == "ignored")
    assert (name in dataset.preparation.columns) == (role == "feature")


def test_a_kind_can_be_given(table: Table) -> None:
    text = csv(n=lambda row: row % 4, y=lambda row: row % 3, more=lambda row: row * 13 % 47 / 3)
    dataset = table(text, columns={"n": {"kind": "categorical"}, "y": {"kind": "numeric"}, "more": {"role": "ignored"}})
    assert dataset.task == "regression"
    assert dataset.inputs == ("n=0", "n=1", "n=2", "n=3")
    assert "'more' is not used: numbers; set to ignored." in dataset.dropped
    assert table(text, target=None, columns={"y": {"role": "target"}}).task == "multiclass"


def test_a_boolean_feature_may_be_spelled_in_many_ways(table: Table) -> None:
    words = ["no", "NO", "yes", "Yes"]
    text = csv(n=lambda row: row * 13 % 47 / 3, b=lambda row: words[row % 4], y=flip)
    dataset = table(text, columns={"b": {"kind": "boolean"}})
    assert [x > 0 for x in dataset.train.X[1]] == [row % 4 > 1 for row in dataset.train.rows]


def test_an_identifier_chosen_as_a_feature_is_numeric(table: Table) -> None:
    text = csv(serial=lambda row: 1900 + row, n=lambda row: row * 13 % 47 / 3, y=flip)
    assert table(text).inputs == ("n",)
    dataset = table(text, columns={"serial": {"role": "feature"}})
    assert dataset.inputs == ("serial", "n")
    words = table(text, columns={"serial": {"role": "feature", "kind": "categorical"}})
    assert any("Most validation words of 'serial', 12 of 12" in warning for warning in words.warnings)


@pytest.mark.parametrize("name", ["paid", "humid", "bid", "grid", "Year", "birth_year"])
def test_a_number_is_not_an_id_for_the_end_of_its_name(name: str, table: Table) -> None:
    years = name.lower().endswith("year")
    cells = [1950 + row if years else row * 17 % 1009 for row in range(60)]
    text = f"{name},y\n" + "".join(f"{cell},{row % 7}.5\n" for row, cell in enumerate(cells))
    assert table(text).columns[0].kind == "numeric"


@pytest.mark.parametrize("name", ["customerId", "PassengerID", "user_id", "user-id", "Id", "ID", "index"])
def test_an_id_by_name_is_one_unless_it_is_the_target(name: str, table: Table) -> None:
    text = f"{name},y\n" + "".join(f"{row * 17 % 1009},{row % 7}.5\n" for row in range(60))
    with pytest.raises(InputError, match="no column to predict 'y' from"):
        table(text)
    assert table(text, target=name).task == "regression"


def test_numbers_that_begin_with_a_zero_are_words(table: Table) -> None:
    text = "zip,n,y\n" + "".join(f"0{1230 + row % 4},{row % 10},{'ab'[row % 3 % 2]}\n" for row in range(80))
    dataset = table(text)
    assert dataset.columns[0].kind == "categorical"
    assert dataset.preparation.inputs[:4] == tuple(f"zip=0{number}" for number in (1230, 1231, 1232, 1233))
    assert dataset.columns[1].kind == "numeric"


def test_a_count_of_some_rows_says_there_may_be_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepnet_tui.data.schema.inference.LOOKED_AT", 30)
    path = tmp_path / "table.csv"
    path.write_text("n,flag,word,y\n" + "".join(f"{row / 8},{row % 2},w{row % 5},{row % 7}\n" for row in range(100)))
    settings = DataSettings(source=str(path))
    infos = {info.name: info for info in infer_schema(read(path, settings), settings)}
    assert (infos["n"].distinct, infos["n"].more) == (30, True)
    assert not infos["flag"].more
    assert (infos["word"].distinct, infos["word"].more) == (5, False)
    from deepnet_tui.screens.data.column_list import _row

    assert " 30+ " in _row(infos["n"], 9).plain
    assert " 5 " in _row(infos["word"], 9).plain


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (("True", "FALSE", "", "1"), "boolean"),
        (("yes", "No", "YES", "0"), "boolean"),
        (("t", "F", "1"), "boolean"),
        (("Y", "N", "T"), "categorical"),
        (("yes", "no", "true"), "categorical"),
        (("yes", "Yes", "1"), "categorical"),
    ],
)
def test_a_truth_in_several_spellings_is_one(cells: tuple[str, ...], kind: str, table: Table) -> None:
    dataset = table(csv(60, flag=lambda row: cells[row % len(cells)], n=lambda row: row * 7 % 31 / 3, y=flip))
    (info,) = [info for info in dataset.columns if info.name == "flag"]
    assert info.kind == kind
    as_target = table(csv(60, y=lambda row: cells[row % len(cells)], n=lambda row: row * 7 % 31 / 3))
    assert set(as_target.classes) == set(cells) - {""}, "of a target each spelling is a class, with a warning"


def test_what_differs_by_rounding_only_is_constant(table: Table) -> None:
    dataset = table(
        csv(
            100,
            noise=lambda row: f"{1e9 + row * 1e-6:.6f}",
            trend=lambda row: f"{1e9 + row * 1e-2:.6f}",
            n=lambda row: row * 7 % 31 / 3,
            y=flip,
        )
    )
    found = {info.name: (info.kind, info.reason) for info in dataset.columns}
    assert found["noise"] == ("constant", "always 1e+09 but for rounding")
    assert found["trend"][0] == "numeric"


def test_infinite_cells_of_a_feature_are_missing_with_a_note(table: Table) -> None:
    cells = ("inf", "1.5", "-Infinity", "2.5", "", "3")
    dataset = table(csv(60, n=lambda row: cells[row % 6], x=lambda row: row * 7 % 31 / 3, y=flip))
    (info,) = [info for info in dataset.columns if info.name == "n"]
    assert (info.kind, info.missing) == ("numeric", 30)
    assert "'n': 20 infinite numbers count as missing." in dataset.notes
    assert np.isfinite(dataset.train.X).all()
