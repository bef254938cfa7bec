"""With --safe-csv no cell of a CSV file is a formula to a spreadsheet, and everything else is as it was."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.common.formats.csv_text import FORMULA_SIGNS, CsvWriter
from tests.deepnet_tui.cli.runner import Runner

CLASSES = ("=1+1", "@SUM(A1)")
FORMULA = "=cmd|' /C calc'!A0"


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(st.lists(st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.floats(), st.integers()), min_size=1))
def test_a_safe_cell_is_no_formula_and_says_the_same(row: list[str | float]) -> None:
    safe, plain = io.StringIO(newline=""), io.StringIO(newline="")
    CsvWriter(safe, safe=True).row(row)
    CsvWriter(plain).row(row)
    for given_, found, written in zip(row, cells(safe.getvalue())[0], cells(plain.getvalue())[0], strict=True):
        assert written == str(given_)
        if isinstance(given_, str) and found[:1] == "'" != given_[:1]:
            assert found == f"'{given_}"
        else:
            assert found == written
            assert not isinstance(given_, str) or found[:1] not in FORMULA_SIGNS or float(found) is not None


@pytest.mark.parametrize("number", ["-1.5", "+3", "-1e-05", "-12"])
def test_negative_numbers_stay_numbers(number: str) -> None:
    file = io.StringIO()
    CsvWriter(file, safe=True).rows([[number, float(number)], ["-a", "- 1-2"]])
    assert cells(file.getvalue()) == [[number, str(float(number))], ["'-a", "'- 1-2"]]


def test_every_command_that_writes_csv_has_it(run: Runner, tmp_path: Path) -> None:
    lines = ["x,goal", *(f"{row % 7},{CLASSES[row % 7 > 3]}" for row in range(30))]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    train = ("train", "t.csv", "--target", "goal", "--iterations", "5", "--quiet")
    assert run(*train, "--export", "m.npz").code == 0
    safe = {f"'{name}" for name in CLASSES}
    for words, wanted in (((), set(CLASSES)), (("--safe-csv",), safe)):
        assert run("predict", "m.npz", "t.csv", *words, "--output", "p.csv", "--overwrite").code == 0
        assert {row[0] for row in cells((tmp_path / "p.csv").read_text())[1:]} <= wanted
        folds = (*train, "--folds", "2", "--predictions", "f.csv", "--overwrite")
        assert run(*folds, *words).code == 0
        assert {row[2] for row in cells((tmp_path / "f.csv").read_text())[1:]} == wanted
    assert "give that, too" in run.refused(*train, "--safe-csv")
    run("runs", "name", "last", FORMULA)
    header, row = cells(run("runs", "export", "--safe-csv").out)
    assert row[header.index("name")] == f"'{FORMULA}"
    assert row[header.index("started")][:2] == "20"
    assert FORMULA in cells(run("runs", "export").out)[1]
