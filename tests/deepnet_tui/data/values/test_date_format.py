"""Dates in the ways people write them, and the order that a column's own cells tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.preparation.entries import Numeric
from deepnet_tui.data.values.date_format import DAY_FIRST, MONTH_FIRST, YEAR_FIRST, days, orders
from deepnet_tui.export import export, load
from deepnet_tui.model import Model
from deepnet_tui.predict.file import predict_file
from tests.deepnet_tui.export.models import make

MOMENTS = {
    "2024-12-31": "2024-12-31",
    "2024/12/31": "2024-12-31",
    "2024.1.5": "2024-01-05",
    "2024-12-31 18:30": "2024-12-31T18:30",
    "2024-12-31T18:30:05.25": "2024-12-31T18:30:05.25",
    "2024-12-31T18:30Z": "2024-12-31T18:30",
    "2024-12-31T00:30+02:00": "2024-12-30T22:30",
    "2024/12/31 0:30 +0200": "2024-12-30T22:30",
    "2024/12/31 5:30 PM": "2024-12-31T17:30",
    "2024/12/31 12:05 am": "2024-12-31T00:05",
    "1899-12-30": "1899-12-30",
}


@pytest.mark.parametrize("word", MOMENTS)
def test_a_moment_is_read_as_numpy_reads_it(word: str) -> None:
    expected = np.datetime64(MOMENTS[word], "us").astype(np.int64) / 86_400e6
    assert days(word) == pytest.approx(expected, abs=1e-9)


def test_the_order_decides_where_the_year_comes_last() -> None:
    assert days("31.12.2024", DAY_FIRST) == days("12/31/2024", MONTH_FIRST) == days("2024-12-31")
    assert days("3/4/2024", DAY_FIRST) == days("2024-04-03")
    assert days("2024-04-03", DAY_FIRST) == days("2024-04-03")
    assert days("3/4/2024", YEAR_FIRST) is None


@pytest.mark.parametrize(
    "word",
    ["", "2024", "2024-13-01", "2023-02-29", "1.5", "12-31", "2024-12/31", "2024-01-01 25:00", "2024/1/1 13:00 pm"],
)
def test_what_is_not_a_date(word: str) -> None:
    assert days(word, DAY_FIRST) is None


@pytest.mark.parametrize("word", ["0001-01-01T00:00+05:00", "9999-12-31 23:59:59-05:00"])
def test_the_ends_of_the_calendar(word: str) -> None:
    assert days(word) is not None


def test_all_cells_together_tell_the_order() -> None:
    assert orders(["1/2/2024", "31/1/2024"]) == (DAY_FIRST,)
    assert orders(["1/2/2024", "1/31/2024"]) == (MONTH_FIRST,)
    assert orders(["1/2/2024", "3/4/2024"]) == (DAY_FIRST, MONTH_FIRST)
    assert orders(["1/31/2024", "31/1/2024"]) == ()
    assert orders(["2024-01-31", "2024/01/31"]) == (YEAR_FIRST,)
    assert orders([]) == ()


def _table(cells: list[str]) -> str:
    return "when,y\n" + "".join(f"{cell},{number % 7}.5\n" for number, cell in enumerate(cells))


@pytest.mark.parametrize(
    ("form", "order"), [("%d/%m/%Y", DAY_FIRST), ("%d.%m.%Y", DAY_FIRST), ("%m/%d/%Y", MONTH_FIRST)]
)
def test_a_column_keeps_its_order_for_new_rows(
    form: str, order: str, table: Callable[..., Dataset], tmp_path: Path
) -> None:
    moments = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]").tolist()
    dataset = table(_table([state.strftime(form) for state in moments]), validation=0.0)
    (entry,) = dataset.preparation.entries
    assert isinstance(entry, Numeric)
    assert (entry.kind, entry.order) == ("date", order)
    assert not dataset.notes
    rows = dataset.train.X[0] * entry.scale + entry.mean
    np.testing.assert_allclose(rows, [state.toordinal() - 719_163 for state in moments])
    prepared = dataset.preparation.apply({"when": [moments[33].strftime(form)]}).X
    assert prepared[0, 0] == dataset.train.X[0, 33]
    model: Model = make("regression", preparation=dataset.preparation, rows=({"when": moments[33].strftime(form)},))
    export(model, tmp_path / "model.npz")
    assert load(tmp_path / "model.npz").preparation == dataset.preparation
    (tmp_path / "new.csv").write_text("when\n" + moments[33].strftime(form) + "\n" + "2024-02-03\n")
    predict_file(tmp_path / "model.npz", tmp_path / "new.csv", tmp_path / "out.csv", tell=lambda _line: None)
    first, second = (tmp_path / "out.csv").read_text().splitlines()[1:]
    assert first == second


def test_an_open_order_is_noted(table: Callable[..., Dataset]) -> None:
    dataset = table(_table([f"{1 + n % 12}/{1 + n % 11}/2024" for n in range(40)]))
    assert dataset.notes == ("'when': dates such as 03/04/2024 are read with the day first; no cell shows the order.",)


@pytest.mark.filterwarnings("error")
def test_dates_with_a_zone_give_no_warning(table: Callable[..., Dataset]) -> None:
    dataset = table(_table([f"2024-01-{1 + n % 28:02}T10:00:00Z" for n in range(40)]))
    assert dataset.columns[0].kind == "date"


def test_a_wrong_date_is_named_with_an_example(table: Callable[..., Dataset]) -> None:
    cells = [f"{1 + n % 28}/3/2024" for n in range(40)]
    dataset = table(_table(cells))
    with pytest.raises(InputError, match=r"row 1: '3/28/2024' is not a date such as 31/12/2024"):
        dataset.preparation.apply({"when": ["3/28/2024"]})
