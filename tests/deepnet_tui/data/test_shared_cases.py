"""A folder of small files that go wrong elsewhere: each does what is right, where the folder is on this machine.

The folder `cases` lies beside the one that DEEPNET_SHARED_DATA names.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.columns import ColumnInfo
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.data.readers.registry import read
from deepnet_tui.data.schema.inference import cell_text
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.export import export
from tests.deepnet_tui.data.peoples_files import model_of, predictions

BESIDE = Path(__file__).parents[4] / "shared" / "data"
CASES = Path(os.environ.get("DEEPNET_SHARED_DATA", BESIDE)).parent / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the folder of cases is not on this machine")

TARGETS = {
    "b01_namibia.csv": "risk",
    "b07_euro.csv": "Betrag",
    "b09_preamble.txt": "State",
    "b14_inf.csv": "Label",
    "b20_rare.csv": "y_label",
    "b23_labels_train.csv": "label",
    "b23_labels_test.csv": "label",
    "b26_house.csv": "price",
}
REFUSED = {
    "b22_oneclass.csv": "only one value",
    "b22_consttarget.csv": "only one value",
    "b25_inftarget.csv": r"column 'y', row 8: .* infinite",
}
WIDE = "b16_wide.csv"
WIDE_PREDICTED = 500  # columns of it that are written, read again and predicted
READ: dict[str, tuple[dict[str, str], dict[str, int], str]] = {
    "b01_namibia.csv": ({"country": "categorical"}, {"country": 0}, "NA is a word in 'country' (50 cells)"),
    "b02_ids.csv": ({"gscholar": "identifier"}, {"gscholar": 7}, ""),
    "b03_trailing_all.csv": ({"A": "numeric", "B": "numeric"}, {"A": 0, "B": 0}, "1 separator more"),
    "b03_trailing_first.csv": ({"A": "numeric", "B": "numeric"}, {"A": 0, "B": 0}, "1 separator more"),
    "b04_unnamed.csv": ({"column1": "identifier", "AAA": "numeric"}, {}, "after its place"),
    "b05_zip.csv": ({"zip": "categorical"}, {}, ""),
    "b06_money.csv": (
        {"price": "numeric", "growth": "numeric", "fee": "numeric"},
        {},
        "'fee': read as numbers without",
    ),
    "b07_euro.csv": ({"Datum": "date", "Temperatur (Celsius)": "numeric", "Betrag": "numeric"}, {}, "1.240.000,00"),
    "b08_latin1.csv": ({"Temp (°C)": "numeric", "Ort": "categorical"}, {}, "Windows-1252"),
    "b08_utf16.txt": ({"Größe": "numeric", "farbe": "categorical"}, {}, "decimal comma"),
    "b08_utf16le_nobom.txt": ({"size": "numeric", "colour": "categorical"}, {}, "UTF-16-LE"),
    "b09_hash.csv": ({"x": "numeric"}, {}, "'#' are comments"),
    "b09_preamble.txt": (
        {"Time[h]": "numeric", "U[V]": "numeric", "I[A]": "numeric"},
        {},
        "names are those of the line",
    ),
    "b10_dup.csv": ({"A": "numeric", "A.2": "numeric", "A.1": "numeric", "A.3": "numeric"}, {}, "'A.2', 'A.3'"),
    "b11_bool.csv": ({"flag": "boolean"}, {"flag": 50}, ""),
    "b12_dates_a.csv": ({"EuroDate": "date"}, {}, ""),
    "b12_dates_b.csv": ({"timestamp": "date"}, {}, "read with the day first"),
    "b14_inf.csv": ({"Flow Bytes/s": "numeric"}, {"Flow Bytes/s": 14}, "14 infinite numbers count as missing"),
    "b15_const.csv": ({"c": "constant"}, {}, ""),
    "b15_nearconst.csv": ({"t": "constant"}, {}, ""),
    "b17_pandas_index.parquet": ({"c": "categorical"}, {"y": 50}, ""),
    "b17_types.parquet": ({"dec": "numeric", "when": "date", "dur": "numeric", "time": "numeric"}, {}, "lists"),
    "b18_1904.xlsx": ({"date": "date"}, {}, ""),
    "b18_formula_nocache.xlsx": ({"double": "constant"}, {"double": 100}, "formula without a stored value"),
    "b18_hidden_na.xlsx": ({"Zone": "categorical"}, {"Zone": 0}, "hidden rows were read"),
    "b18_merged.xlsx": ({"x": "numeric"}, {"site": 60}, "1 row above the header was skipped"),
    "b19_bytes.h5": ({"x1": "numeric"}, {}, ""),
    "b19_like_pandas.h5": ({"A": "numeric", "B": "numeric"}, {}, ""),
    "b23_labels_train.csv": ({"x": "numeric"}, {}, ""),
    "b26_house.csv": ({"area": "numeric"}, {}, ""),
    "b27_perfect.csv": ({"x": "numeric"}, {}, ""),
    "b28_contrary.csv": ({"x": "numeric"}, {}, ""),
    "b28_sine.csv": ({"x": "numeric"}, {}, ""),
}
"""By file the kinds of some columns, how many of their cells are missing, and what a note says."""

UNREAD_BY_PYTHON = {"b12_dates_a.csv", "b12_dates_b.csv"}  # dates with the day first, as the export says


def loaded(name: str, **settings: object) -> Dataset:
    target = TARGETS.get(name, "y")
    return load(DataSettings.model_validate({"source": str(CASES / name), "target": target, **settings}))


def columns(dataset: Dataset) -> dict[str, ColumnInfo]:
    return {info.name: info for info in dataset.columns}


@pytest.mark.parametrize("name", READ)
def test_a_case_is_read_as_is_right(name: str) -> None:
    dataset = loaded(name)
    kinds, missing, note = READ[name]
    infos = columns(dataset)
    assert {column: infos[column].kind for column in kinds} == kinds
    assert {column: infos[column].missing for column in missing} == missing
    assert not note or any(note in said for said in dataset.notes), dataset.notes


@pytest.mark.parametrize("name", REFUSED)
def test_a_case_that_can_not_be_learned_says_why(name: str) -> None:
    with pytest.raises(InputError, match=REFUSED[name]):
        loaded(name)


@pytest.mark.parametrize("name", [path.name for path in sorted(CASES.glob("b*")) if path.name not in REFUSED])
def test_every_case_trains_and_is_predicted_as_it_was_trained(name: str, tmp_path: Path) -> None:
    path = CASES / name
    if name == WIDE:
        path = tmp_path / name
        rows = [line.split(",") for line in (CASES / name).read_text().splitlines()]
        path.write_text("".join(",".join(row[-WIDE_PREDICTED:]) + "\n" for row in rows))
    python = path.suffix in (".csv", ".txt") and name not in UNREAD_BY_PYTHON
    found = predictions(path, TARGETS.get(name, "y"), tmp_path, python=python)
    assert found.dataset.train.m > 0
    assert np.isfinite(found.trained).all()
    np.testing.assert_allclose(found.predicted, found.trained, rtol=1e-9, atol=1e-12)
    if python:
        np.testing.assert_allclose(found.python, found.trained, rtol=1e-9, atol=1e-12)


def test_twenty_thousand_columns_are_read() -> None:
    columns = read(CASES / WIDE, DataSettings(source=str(CASES / WIDE), target="y")).columns
    last = np.loadtxt(CASES / WIDE, delimiter=",", skiprows=1, usecols=[0, 19_999, 20_000])
    assert len(columns) == 20_001
    for name, values in zip(("gene0", "gene19999", "y"), last.T, strict=True):
        np.testing.assert_array_equal(columns[name], values)


def test_large_identifiers_keep_their_last_digit() -> None:
    values = loaded("b02_ids.csv").table["gscholar"]
    assert [cell_text(values, row) for row in range(4)] == [
        "1582218195625938945",
        "1582218195625938946",
        "1582218195625938947",
        "",
    ]


def test_a_postcode_that_lost_its_zeros_is_unknown(tmp_path: Path) -> None:
    text = (CASES / "b05_zip.csv").read_text()
    (tmp_path / "lost.csv").write_text(text.replace("\n0", "\n"))
    found = predictions(CASES / "b05_zip.csv", "y", tmp_path, tmp_path / "lost.csv")
    assert any("words of 'zip' are unknown to the model: first '2116'" in sentence for sentence in found.notes)


def test_a_table_without_its_unnamed_index_is_predicted(tmp_path: Path) -> None:
    lines = (CASES / "b04_unnamed.csv").read_text().splitlines()
    (tmp_path / "new.csv").write_text("\n".join(line.partition(",")[2] for line in lines) + "\n")
    found = predictions(CASES / "b04_unnamed.csv", "y", tmp_path, tmp_path / "new.csv")
    np.testing.assert_allclose(found.predicted[found.dataset.train.rows], found.trained)


@pytest.mark.parametrize("name", ["b13_newlines.csv", "b13_newlines_crlf.csv"])
def test_line_breaks_between_quotes_are_no_rows(name: str, tmp_path: Path) -> None:
    assert len(predictions(CASES / name, "y", tmp_path).predicted) == 12_000


def test_labels_are_the_same_whether_written_1_or_1_0() -> None:
    dataset = loaded("b23_labels_train.csv", test=str(CASES / "b23_labels_test.csv"))
    assert dataset.classes == ("1", "2", "3")
    assert dataset.test is not None
    assert dataset.test.m == 60


def test_classes_in_bytes_are_words() -> None:
    assert loaded("b19_bytes.h5").classes == ("cat", "non-cat")


@pytest.mark.parametrize("name", ["b20_one.csv", "b20_rare.csv"])
def test_no_class_vanishes(name: str) -> None:
    dataset = loaded(name)
    lines = (CASES / name).read_text().splitlines()[1:]
    assert set(dataset.classes) == {line.rpartition(",")[2] for line in lines}
    assert dataset.train.Y.max(axis=1).min() == 1


def test_euros_are_the_numbers_that_are_meant() -> None:
    table = loaded("b07_euro.csv").table
    temperature, amount = np.asarray(table["Temperatur (Celsius)"]), np.asarray(table["Betrag"])
    assert (temperature.min(), temperature.max(), amount[0]) == (28.0, 29.19, 1_240_000.0)
    assert columns(loaded("b07_euro.csv"))["Datum"].role == "feature"


@pytest.mark.parametrize("suffix", [".h", ".onnx"])
@pytest.mark.parametrize("name", ["b10_dup.csv", "b30_names.csv"])
def test_names_of_all_kinds_are_exported(name: str, suffix: str, tmp_path: Path) -> None:
    if suffix == ".onnx":
        pytest.importorskip("onnxruntime")
    names = loaded(name).preparation.columns
    path = tmp_path / f"model{suffix}"
    export(model_of(loaded(name)), path)  # raises if the file says something else than the model
    assert len(names) == len(set(names)) == (4 if name == "b10_dup.csv" else 10)


def test_one_order_of_dates_holds_for_later_files(tmp_path: Path) -> None:
    text = (CASES / "b12_dates_a.csv").read_text()
    (tmp_path / "later.csv").write_text(text.replace("30/9/2016", "12/9/2016"))
    found = predictions(CASES / "b12_dates_a.csv", "y", tmp_path, tmp_path / "later.csv", python=False)
    (entry,) = [entry for entry in found.dataset.preparation.entries if entry.kind == "date"]
    assert getattr(entry, "order", "") == "dmy"


def test_an_order_of_dates_that_was_open_is_kept(tmp_path: Path) -> None:
    text = (CASES / "b12_dates_b.csv").read_text()
    for name, date in (("later.csv", "25/06/2018"), ("other.csv", "06/25/2018")):
        (tmp_path / name).write_text(text.replace("\n1/06/2018", f"\n{date}", 1))
    predictions(CASES / "b12_dates_b.csv", "y", tmp_path, tmp_path / "later.csv", python=False)
    with pytest.raises(InputError, match=r"'timestamp', row 1: '06/25/2018'"):
        predictions(CASES / "b12_dates_b.csv", "y", tmp_path, tmp_path / "other.csv", python=False)


def test_true_and_1_are_the_same() -> None:
    words = [line.partition(",")[0].lower() for line in (CASES / "b11_bool.csv").read_text().splitlines()[1:]]
    dataset = loaded("b11_bool.csv", validation=0.0, preparation="plain")
    inputs = dataset.train.X[dataset.preparation.inputs.index("flag")]
    met: dict[str, set[float]] = {}
    for row, value in zip(dataset.train.rows, inputs, strict=True):
        met.setdefault(words[row], set()).add(float(value))
    assert met["true"] == met["1"]
    assert len(met["true"]) == len(met["false"]) == 1
    assert met["true"] != met["false"]
