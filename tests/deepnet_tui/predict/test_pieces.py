"""How the rows of a data file are read for a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from deepnet_tui.cli import main
from deepnet_tui.data.preparation.entries import Block, Categorical, Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.export import export, load
from deepnet_tui.predict import pieces
from deepnet_tui.predict.file import predict_file
from tests.deepnet_tui.export.models import make
from tests.deepnet_tui.predict.models import TABLE, model_for, run, run_cli


def test_pieces_give_the_same_as_one_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.RandomState(1)
    words = random.choice(["x", "y", "new", ""], 100)
    frame = pd.DataFrame({"b": words, "a": np.where(random.rand(100) < 0.2, np.nan, random.randn(100))})
    text = frame.to_csv(index=False)
    whole, _ = run(tmp_path, text)
    monkeypatch.setattr(pieces, "ROWS", 7)
    parts, summary = run(tmp_path, text)
    found, expected = (np.array([x.split(",")[1:] for x in t.splitlines()[1:]], float) for t in (parts, whole))
    assert np.abs(found - expected).max() < 1e-14
    assert summary.rows == 100
    assert summary.filled["a"] == int(frame["a"].isna().sum())
    assert summary.unknown["b"] == int((words == "new").sum())


def test_other_separators_decimals_and_encodings(tmp_path: Path) -> None:
    plain, _ = run(tmp_path, TABLE)
    assert run(tmp_path, "b;a\nx;1,5\nnever;\n;-3,0\n")[0] == plain
    assert run(tmp_path, TABLE, encoding="utf-16")[0] == plain


def test_other_kinds_of_tables(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    plain, _ = run(tmp_path, TABLE)
    pd.DataFrame({"b": ["x", "never", None], "a": [1.5, None, -3.0]}).to_parquet(tmp_path / "rows.parquet")
    predict_file(tmp_path / "model.npz", tmp_path / "rows.parquet", tmp_path / "p.csv", tell=lambda _line: None)
    assert (tmp_path / "p.csv").read_text() == plain


def test_a_block_from_an_archive_and_from_columns(tmp_path: Path) -> None:
    rows = ({"image": [0.0, 1.0, 2.0, 3.0]}, {"image": [4.0, 5.0, 6.0, 7.0]})
    model = make("binary", preparation=Preparation((Block("image", (2, 2), scale=2.0),)), rows=rows)
    export(model, tmp_path / "model.npz")
    np.savez(tmp_path / "rows.npz", image=np.arange(8.0).reshape(2, 2, 2))
    names = ",".join(f"image[{place}]" for place in range(4))
    (tmp_path / "rows.csv").write_text(f"{names}\n0,1,2,3\n4,5,6,7\n")
    for name in ("rows.npz", "rows.csv"):
        predict_file(tmp_path / "model.npz", tmp_path / name, tmp_path / f"{name}.out", tell=lambda _line: None)
    out = (tmp_path / "rows.npz.out").read_text()
    assert out == (tmp_path / "rows.csv.out").read_text()
    expected = model.predict(list(rows)).probabilities
    assert float(out.splitlines()[2].split(",")[2]) == expected[1, 1]  # type: ignore[index]


def test_a_prediction_does_not_depend_on_other_rows(tmp_path: Path) -> None:
    preparation = Preparation((Categorical("dep", ("01", "02", "2A", "3")), Numeric("flag", "boolean")))
    rows = ({"dep": "01", "flag": "true"}, {"dep": "2A", "flag": "false"})
    export(make("binary", preparation=preparation, rows=rows), tmp_path / "model.npz")
    head, row = "dep,flag\n", "01,1\n"
    alone, summary = run(tmp_path, head + row, task="binary")
    assert not summary.unknown
    for more in ("2A,0\n", "2A,true\n", ",\n", "nothing,\n"):
        together, _ = run(tmp_path, head + row + more, task="binary")
        first, second = (float(text.splitlines()[1].split(",")[2]) for text in (alone, together))
        assert first == pytest.approx(second, abs=1e-14)
    _, summary = run(tmp_path, head + "3.0,1\n3,0\n03,1\n1,1\n", task="binary")
    assert (summary.unknown["dep"], summary.first_unknown["dep"]) == (2, "03")


def test_a_late_byte_that_is_not_utf8_is_read_as_in_training(tmp_path: Path) -> None:
    rows = "1,x\n" * 90_000
    export(model_for(), tmp_path / "model.npz")
    (tmp_path / "rows.csv").write_bytes(f"a,b\n{rows}2,".encode() + b"caf\xe9\n")
    summary = predict_file(tmp_path / "model.npz", tmp_path / "rows.csv", tmp_path / "out.csv", tell=lambda _line: None)
    assert summary.first_unknown["b"] == "café"
    assert "Windows-1252" in summary.sentences[-1]


def test_blank_lines_are_counted(tmp_path: Path) -> None:
    _, summary = run(tmp_path, "a,b\n1,x\n\n2,y\n\r\n  \n3,x\n\n")
    assert summary.rows == 3
    assert summary.sentences[-1] == "3 blank lines were skipped."
    _, summary = run(tmp_path, 'a,b\n1,"x\n\nx"\n2,y\n\n')
    assert len(summary.sentences) == 2


def test_the_dialect_can_be_given_and_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(tmp_path, "rows.csv", reading={"separator": "^", "decimal": ","}) == 0
    plain = capsys.readouterr().out
    (tmp_path / "hats.csv").write_text("a^b\n1,5^x\n^never\n-3^\n")
    assert run_cli(tmp_path, "hats.csv") == 0
    assert capsys.readouterr().out == plain
    (tmp_path / "tabs.csv").write_text("a\tb\n1.5\tx\n\tnever\n-3\t\n", encoding="utf-16-le")
    assert run_cli(tmp_path, "tabs.csv", "--separator", "tab", "--decimal", ".", "--encoding", "utf-16-le") == 0
    assert capsys.readouterr().out == plain
    assert run_cli(tmp_path, "tabs.csv", "--decimal", "x") == 2
    assert "decimal mark must be . or ," in capsys.readouterr().err


def test_a_sheet_can_be_given_and_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("openpyxl")
    frame = pd.DataFrame({"b": ["x", "never", None], "a": [1.5, None, -3.0]})
    with pd.ExcelWriter(tmp_path / "rows.xlsx") as book:
        pd.DataFrame({"c": [1]}).to_excel(book, sheet_name="first", index=False)
        frame.to_excel(book, sheet_name="second", index=False)
    frame.to_excel(tmp_path / "other.xlsx", sheet_name="only", index=False)
    assert run_cli(tmp_path, "rows.xlsx", reading={"sheet": "second"}) == 0
    assert run_cli(tmp_path, "other.xlsx") == 0
    assert run_cli(tmp_path, "rows.xlsx", "--sheet", "second") == 0
    out = capsys.readouterr().out.splitlines()
    assert out[:4] == out[4:8] == out[8:]
    assert run_cli(tmp_path, "rows.xlsx", "--sheet", "third") == 2
    assert "has no sheet 'third'; it has first, second" in capsys.readouterr().err


def test_skipped_rows_are_noted_for_every_kind_of_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("openpyxl")
    pd.DataFrame({"b": ["x", None, "y"], "a": [1.5, None, -3.0]}).to_excel(tmp_path / "gap.xlsx", index=False)
    assert run_cli(tmp_path, "gap.xlsx") == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 3
    assert "1 blank row was skipped; rows are numbered without them." in captured.err
    (tmp_path / "gap.csv").write_text("b,a\nx,1.5\n\ny,-3\n")
    assert run_cli(tmp_path, "gap.csv") == 0
    assert "1 blank line was skipped." in capsys.readouterr().err


def test_a_setting_that_the_rows_do_not_take_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(tmp_path, "rows.csv", "--sheet", "S", reading={"sheet": "first"}) == 2
    assert "takes no sheet; only .xlsx files do" in capsys.readouterr().err
    assert run_cli(tmp_path, "rows.csv") == 0
    np.savez(tmp_path / "rows.npz", a=np.arange(2.0), b=np.array(["x", "y"]))
    assert run_cli(tmp_path, "rows.npz", "--decimal", ",") == 2
    assert "takes no decimal mark; only .csv, .tsv, .txt, .data files do" in capsys.readouterr().err
    assert run_cli(tmp_path, "rows.npz") == 0


def test_a_missing_column_that_was_left_out_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "rows.npz", a=np.arange(6.0), b=np.array(["x", "y"]))
    assert run_cli(tmp_path, "rows.npz") == 2
    assert "it has a; 'b' was left out: it has 2 rows where the longest has 6 rows" in capsys.readouterr().err


def test_the_dialect_of_training_holds_for_predictions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, model = tmp_path / "hats.csv", tmp_path / "model.npz"
    data.write_text(
        "n^word^y\n" + "".join(f"{row % 9},5^caf\xe9{row % 2}^{row % 7},5\n" for row in range(60)), "cp1252"
    )
    options = ["--separator", "^", "--decimal", ",", "--encoding", "cp1252", "--iterations", "5", "--quiet"]
    assert main(["train", str(data), "--target", "y", "--export", str(model), *options]) == 0
    inputs = load(model).preparation.inputs
    assert inputs == ("n", "n bin 1", "n bin 2", "n bin 3", "word=caf\xe90", "word=caf\xe91")
    capsys.readouterr()
    assert main(["predict", str(model), str(data)]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 61
    assert "unknown" not in captured.err
    assert main(["train", str(data), "--decimal", ";", "--target", "y"]) == 2
    assert main(["train", str(data), "--separator", "ab", "--target", "y"]) == 2
    assert "--separator: the separator must be one character" in capsys.readouterr().err
