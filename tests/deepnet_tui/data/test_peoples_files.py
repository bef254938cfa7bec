"""Files as people have them: read as they are meant, with a note, and the same at `predict` and in the Python file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deepnet_tui.data.columns import ColumnInfo
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.export import export
from tests.deepnet_tui.data.peoples_files import FILES, ROWS, model_of, predictions


def columns(dataset: Dataset) -> dict[str, ColumnInfo]:
    return {info.name: info for info in dataset.columns}


@pytest.mark.parametrize("name", FILES)
def test_a_file_as_people_have_it_is_read_everywhere_alike(name: str, tmp_path: Path) -> None:
    text, target, note = FILES[name]
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = predictions(tmp_path / name, target, tmp_path)
    assert not note or any(note in said for said in found.dataset.notes), found.dataset.notes
    assert found.dataset.train.m == ROWS
    np.testing.assert_allclose(found.predicted, found.trained, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.python, found.trained, rtol=1e-9, atol=1e-12)
    assert not any("unknown" in sentence for sentence in found.notes)


def test_utf_16_without_a_mark_is_read(tmp_path: Path) -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        path = tmp_path / f"{encoding}.txt"
        text = "size\tcolour\ty\n" + "".join(
            f"{row % 9}\t{('grün', 'blau')[row % 2]}\t{row % 2}\n" for row in range(ROWS)
        )
        path.write_bytes(text.encode(encoding))
        found = predictions(path, "y", tmp_path)
        assert f"it was read as {encoding.upper()}" in found.dataset.notes[0]
        np.testing.assert_allclose(found.predicted, found.trained)
        np.testing.assert_allclose(found.python, found.trained)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("euro.csv", {"Datum": "date", "Temperatur": "numeric", "Betrag": "numeric"}),
        ("money.csv", {"price": "numeric", "growth": "numeric", "fee": "numeric"}),
        ("accounts.csv", {"balance": "numeric"}),
        ("truth.csv", {"flag": "boolean"}),
        ("tilde.txt", {"Time[h]": "numeric", "U[V]": "numeric"}),
        ("twice.csv", {"A": "numeric", "A.2": "numeric", "A.1": "numeric", "A.3": "numeric"}),
        ("namibia.csv", {"country": "categorical"}),
    ],
)
def test_the_kinds_of_their_columns(name: str, expected: dict[str, str], tmp_path: Path) -> None:
    text, target, _ = FILES[name]
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = predictions(tmp_path / name, target, tmp_path).dataset
    assert {name: columns(found)[name].kind for name in expected} == expected


def test_what_the_cells_of_a_case_are_worth(tmp_path: Path) -> None:
    def values(name: str, column: str) -> list[float]:
        text, target, _ = FILES[name]
        (tmp_path / name).write_text(text, encoding="utf-8")
        return list(np.asarray(predictions(tmp_path / name, target, tmp_path).dataset.table[column], dtype=float)[:4])

    assert values("euro.csv", "Betrag") == [1_240_000.0, 1_240_001.0, 1_240_002.0, 1_240_003.0]
    assert values("money.csv", "growth") == [0.0, 0.5, 1.0, 1.5]
    assert values("money.csv", "price")[:2] == [1000.0, 1094.0]
    assert values("accounts.csv", "balance")[:2] == [0.0, -1094.0]


def test_none_and_low_are_two_classes(tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text(FILES["none.csv"][0])
    assert predictions(tmp_path / "none.csv", "risk", tmp_path).dataset.classes == ("Low", "None")


def test_a_new_file_is_read_as_it_is_written_itself(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text(FILES["preamble.csv"][0])
    lines = FILES["preamble.csv"][0].splitlines()[3:]
    (tmp_path / "new.csv").write_text("sep=;\n" + "\n".join(lines) + "\n")
    given: tuple[dict[str, Any], ...] = ({}, {"skip": 3, "separator": ";"})
    for settings in given:
        found = predictions(tmp_path / "old.csv", "y", tmp_path, tmp_path / "new.csv", **settings)
        order = found.dataset.train.rows
        np.testing.assert_allclose(found.predicted[order], found.trained)
        np.testing.assert_allclose(found.python[order], found.trained)


def test_what_is_said_to_be_missing_holds_for_new_files(tmp_path: Path) -> None:
    lines = [
        f"{row * 31 % 17 if row % 5 else -99},{('NA', 'ZA', 'none', 'null')[row % 4]},{row % 2}" for row in range(60)
    ]
    (tmp_path / "a.csv").write_text("n,c,y\n" + "\n".join(lines) + "\n")
    found = predictions(tmp_path / "a.csv", "y", tmp_path, missing="-99,none,NA")
    infos = columns(found.dataset)
    assert (infos["n"].missing, infos["c"].missing) == (12, 30)
    assert found.dataset.reading["missing"] == "-99,none,NA"
    assert "12 missing values of 'n' were filled in" in found.notes
    np.testing.assert_allclose(found.predicted, found.trained)
    np.testing.assert_allclose(found.python, found.trained)


@pytest.mark.parametrize("suffix", [".h", ".onnx", ".json"])
def test_names_that_occur_twice_are_told_apart_in_exports(suffix: str, tmp_path: Path) -> None:
    if suffix == ".onnx":
        pytest.importorskip("onnxruntime")
    path = tmp_path / "twice.csv"
    path.write_text(FILES["twice.csv"][0])
    model = model_of(load(DataSettings(source=str(path), target="y")))
    export(model, tmp_path / f"model{suffix}")  # raises if the file says something else than the model
    assert model.preparation.columns == ("A", "A.2", "A.1", "A.3")
    content = (tmp_path / f"model{suffix}").read_bytes()
    assert all(name.encode() in content for name in model.preparation.columns)


def test_a_sheet_without_the_title_of_the_training_file_is_predicted(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": np.arange(60) * 7 % 31, "y": np.arange(60) % 2})
    with pd.ExcelWriter(tmp_path / "old.xlsx") as writer:
        frame.to_excel(writer, index=False, startrow=2)
        writer.sheets["Sheet1"]["A1"] = "A title"
        writer.sheets["Sheet1"]["B1"] = 2024
    frame.to_excel(tmp_path / "new.xlsx", index=False)
    found = predictions(tmp_path / "old.xlsx", "y", tmp_path, tmp_path / "new.xlsx", python=False, skip=2)
    np.testing.assert_allclose(found.predicted[found.dataset.train.rows], found.trained)


@pytest.mark.parametrize("preparation", ["plain", "rich"])
@pytest.mark.parametrize("suffix", [".h", ".onnx"])
def test_a_country_called_na_is_exported(suffix: str, preparation: str, tmp_path: Path) -> None:
    if suffix == ".onnx":
        pytest.importorskip("onnxruntime")
    path = tmp_path / "namibia.csv"
    path.write_text(FILES["namibia.csv"][0])
    settings = DataSettings.model_validate({"source": str(path), "target": "risk", "preparation": preparation})
    export(model_of(load(settings)), tmp_path / f"model{suffix}")  # raises if the file says something else
