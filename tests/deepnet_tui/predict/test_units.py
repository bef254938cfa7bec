"""New numbers with another currency or percent sign than in training are taken as they are, and a note says so."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from deepnet_tui.data.load import load as load_data
from deepnet_tui.data.preparation.checks import check_entry
from deepnet_tui.data.preparation.entries import Numeric, entry_from_dict, entry_to_dict
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.export import export, load
from deepnet_tui.predict import pieces
from deepnet_tui.predict.file import predict_file
from tests.deepnet_tui.export.models import make

ROWS = ({"price": 5.0}, {"price": 7.0})


@pytest.fixture(params=["$", "%"])
def model(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    preparation = Preparation((Numeric("price", mean=6.0, unit=request.param),))
    export(make("binary", preparation=preparation, rows=ROWS), tmp_path / f"{request.param}.npz")
    return tmp_path / f"{request.param}.npz"


def notes(model: Path, cells: list[str], name: str = "rows.csv") -> list[str]:
    """What is said of the signs of these cells, which give the same predictions with any sign."""
    found = []
    for signed, path in ((True, model.with_name(name)), (False, model.with_name("plain.csv"))):
        words = cells if signed else [cell.strip("$€ %") for cell in cells]
        path.write_text("price\n" + "\n".join(words) + "\n")
        said: list[str] = []
        predict_file(model, path, path.with_suffix(".out"), overwrite=True, tell=said.append)
        found.append((path.with_suffix(".out").read_text(), [line for line in said if "had" in line]))
    assert found[0][0] == found[1][0]
    return found[0][1]


def test_another_sign_is_noted_once_a_column(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "ROWS", 2)
    trained = model.stem
    (note,) = notes(model, ["€5", "€7", "€8", "€9", "€10"])
    assert note == f"'price' had '{trained}' in training, here '€': its numbers are taken as they are"
    assert notes(model, [f"5{trained}", f"7{trained}", "", "NA"]) == []


def test_plain_numbers_are_noted_only_where_there_were_percents(model: Path) -> None:
    found = notes(model, ["5", "7.5"])
    if model.stem == "%":
        assert found == ["'price' had '%' in training, here there is none: its numbers are taken as they are"]
    else:
        assert found == []


def test_a_sheet_is_looked_at_too(model: Path) -> None:
    pytest.importorskip("openpyxl")
    path = model.with_name("rows.xlsx")
    pd.DataFrame({"price": ["€5", "€7"]}).to_excel(path, index=False)
    said: list[str] = []
    predict_file(model, path, model.with_name("sheet.csv"), tell=said.append)
    assert any(f"'price' had '{model.stem}' in training, here '€'" in line for line in said)


def test_the_sign_of_training_is_kept_with_the_model(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text("price,share,plain,y\n" + "".join(f"{n}.50 €,{n % 7} %,{n % 5},{'ab'[n % 2]}\n" for n in range(60)))
    entries = load_data(DataSettings(source=str(path), target="y")).preparation.entries
    assert {entry.name: getattr(entry, "unit", "") for entry in entries} == {"price": "€", "share": "%", "plain": ""}
    for entry in entries:
        assert entry_from_dict(entry_to_dict(entry)) == entry
        assert ("unit" in entry_to_dict(entry)) is (entry.name != "plain")
    saved = make("binary", preparation=Preparation(entries), rows=({"price": 1.0, "share": 2.0, "plain": 3.0},))
    export(saved, tmp_path / "model.json")
    assert load(tmp_path / "model.json").preparation.entries == entries
    assert '"format": 2' in (tmp_path / "model.json").read_text(), "version 0.2 does not know it"


def test_a_sign_that_is_none_is_refused() -> None:
    for unit in ("dollars", "1", " ", "\x1b"):
        with pytest.raises(ValueError, match="'price' is none of a currency"):
            check_entry(Numeric("price", unit=unit))
