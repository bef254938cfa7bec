"""Predictions for files: any order of columns, any size, and plain sentences for what can't be used."""

from __future__ import annotations

import json
import os
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from deepnet_tui import predict as module
from deepnet_tui.cli import main
from deepnet_tui.common.errors import InputError
from deepnet_tui.data.preparation.encoding import Block, Categorical, Numeric, Preparation
from deepnet_tui.export import FORMATS, export, load
from deepnet_tui.model import Model
from deepnet_tui.predict import Summary, predict_file
from tests.deepnet_tui.export.models import make

PREPARATION = Preparation((Numeric("a", fill=2.0, mean=1.0, scale=3.0), Categorical("b", ("", "x", "y"))))
ROWS: tuple[dict[str, Any], ...] = ({"a": 1.5, "b": "x"}, {"a": None, "b": "never"}, {"a": -3.0, "b": None})
TABLE = "extra,b,a\n9,x,1.5\n9,never,\n9,,-3\n"


def model_for(task: str = "multiclass") -> Model:
    return make(task, preparation=PREPARATION, rows=ROWS)


def run(
    tmp_path: Path, text: str, task: str = "multiclass", suffix: str = ".npz", **options: Any
) -> tuple[str, Summary]:
    model = tmp_path / f"model{suffix}"
    if not model.exists():
        export(model_for(task), model)
    (tmp_path / "rows.csv").write_text(text, encoding=options.pop("encoding", "utf-8"))
    output = tmp_path / options.pop("output", "out.csv")
    summary = predict_file(model, tmp_path / "rows.csv", output, overwrite=True, tell=lambda _line: None, **options)
    return output.read_text(encoding="utf-8"), summary


@pytest.mark.parametrize("suffix", [suffix for suffix, entry in FORMATS.items() if entry.load])
def test_columns_in_any_order_from_every_complete_format(tmp_path: Path, suffix: str) -> None:
    if suffix == ".onnx":
        pytest.importorskip("onnx")
    out, summary = run(tmp_path, TABLE, suffix=suffix)
    expected = model_for().predict(list(ROWS))
    lines = [line.split(",") for line in out.splitlines()]
    assert lines[0] == ["label", "probability cat", "probability dog", "probability emu"]
    assert [line[0] for line in lines[1:]] == list(expected.labels)  # type: ignore[arg-type]
    found = np.array([[float(x) for x in line[1:]] for line in lines[1:]])
    assert np.array_equal(found, expected.probabilities)  # type: ignore[arg-type]
    assert (summary.rows, dict(summary.unknown), dict(summary.filled)) == (3, {"b": 1}, {"a": 1})
    assert summary.sentences == [
        "3 rows predicted",
        "1 missing value of 'a' was filled in",
        "1 word of 'b' is unknown to the model: 'never'",
    ]


def test_a_missing_value_is_not_an_unknown_word(tmp_path: Path) -> None:
    preparation = Preparation((Numeric("a"), Categorical("b", ("x", "y"))))
    export(make("binary", preparation=preparation, rows=({"a": 1.0, "b": "x"},)), tmp_path / "model.npz")
    _, summary = run(tmp_path, "a,b\n1,x\n,\n,NA\n3,new\n4,newer\n")
    assert summary.sentences == [
        "5 rows predicted",
        "2 missing values of 'a' were filled in",
        "2 missing values of 'b', which had none in training",
        "2 words of 'b' are unknown to the model: first 'new'",
    ]
    _, summary = run(tmp_path, "a,b\n1,\n")
    assert summary.sentences == ["1 row predicted", "1 missing value of 'b', which had none in training"]


def test_the_output_is_never_a_device_a_pipe_or_what_a_link_hides(tmp_path: Path) -> None:
    model, data = tmp_path / "model.npz", tmp_path / "rows.csv"
    export(model_for(), model)
    data.write_text(TABLE)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "to_pipe").symlink_to(pipe)
    (tmp_path / "to_device").symlink_to(os.devnull)
    (tmp_path / "to_data").symlink_to(data)
    for output, says in (
        ("pipe", "is not an ordinary file"),
        ("to_pipe", "is not an ordinary file"),
        ("to_device", "is not an ordinary file"),
        ("to_data", "files that are read"),
    ):
        for overwrite in (False, True):
            with pytest.raises(InputError, match=says):
                predict_file(model, data, tmp_path / output, overwrite=overwrite)
    assert pipe.is_fifo()
    assert data.read_text() == TABLE
    (tmp_path / "answers").write_text("old")
    (tmp_path / "link").symlink_to("answers")
    predict_file(model, data, tmp_path / "link", overwrite=True, tell=lambda _line: None)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "answers").read_text().startswith("label,")


def test_numbers_and_json_lines(tmp_path: Path) -> None:
    out, _ = run(tmp_path, TABLE, "regression", output="out.jsonl")
    expected = model_for("regression").predict(list(ROWS)).values
    assert [json.loads(line)["prediction"] for line in out.splitlines()] == list(expected)  # type: ignore[arg-type]
    (tmp_path / "model.npz").unlink()
    out, _ = run(tmp_path, TABLE, "binary", format="jsonl")
    first = json.loads(out.splitlines()[0])
    assert list(first["probabilities"]) == ["no", "yes"]
    assert first["probabilities"][first["label"]] == max(first["probabilities"].values())


def test_stdout_and_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export(model_for(), tmp_path / "model.npz")
    (tmp_path / "rows.csv").write_text(TABLE)
    predict_file(tmp_path / "model.npz", tmp_path / "rows.csv")
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 4
    assert "1 word of 'b' is unknown" in captured.err


def test_pieces_give_what_the_whole_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.RandomState(1)
    words = random.choice(["x", "y", "new", ""], 100)
    frame = pd.DataFrame({"b": words, "a": np.where(random.rand(100) < 0.2, np.nan, random.randn(100))})
    text = frame.to_csv(index=False)
    whole, _ = run(tmp_path, text)
    monkeypatch.setattr(module, "ROWS", 7)
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


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    export(model_for(), tmp_path / "model.npz")
    peaks = []
    for rows in (60_000, 150_000):
        (tmp_path / "rows.csv").write_text("b,a\n" + "x,1.5\n" * rows)
        tracemalloc.start()
        predict_file(tmp_path / "model.npz", tmp_path / "rows.csv", tmp_path / f"{rows}")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("b,c\nx,1\n", "has no column 'a'"),
        ("", "is empty"),
        ("a,b\n1,x\nword,y\n", "row 2: 'word'"),
        ("a,b\n1,x\n1e999,y\n", "row 2"),
        ("a,b\n1,x,3\n", "values"),
        ("a,a,b\n1,2,x\n", "two columns"),
        ("a,b\n1,\0\n", "NUL"),
        ("a,b\n1,x\n2\n", "row 2: 1 value where the header has 2 names"),
        ("c,a,b\n" + "3,1,x\n" * 25_000 + "3,1\n", "row 25,001: 2 values"),
        ("c,a,b\n" + "3,1,x\n" * 25_000 + "3,1,x,4\n", "row 25,001: 4 values"),
        ("a,b\n" + "1,x\n" * 90_000 + "1,\0\n", "row 90,001: a NUL byte"),
        ('a,b\n1,x\n2,"y\n3,x\n', "a quote that opens in row 2 is never closed"),
    ],
)
def test_tables_that_can_not_be_used(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        run(tmp_path, text)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out.csv").exists()


def test_a_late_bad_row_is_named_and_leaves_no_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS", 10)
    with pytest.raises(InputError, match="row 34: 'oops'"):
        run(tmp_path, "a,b\n" + "1,x\n" * 33 + "oops,x\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.npz", "rows.csv"]


def test_paths_that_can_not_be_used(tmp_path: Path) -> None:
    export(model_for(), tmp_path / "model.npz")
    data = tmp_path / "rows.csv"
    data.write_text(TABLE)
    for model, rows, output, says in (
        ("gone.npz", "rows.csv", "o.csv", "not there"),
        ("model.npz", "gone.csv", "o.csv", "no file"),
        ("model.npz", "rows.csv", "rows.csv", "files that are read"),
        ("model.npz", "rows.csv", "model.npz", "files that are read"),
        ("model.npz", "rows.csv", "no/o.csv", "make it first"),
        ("model.npz", "rows.csv", ".", "is a folder"),
        ("rows.csv", "rows.csv", "o.csv", "whole model"),
        ("model.npz", "model.npz", "o.csv", "column"),
    ):
        with pytest.raises(InputError, match=says):
            predict_file(tmp_path / model, tmp_path / rows, tmp_path / output)
    (tmp_path / "o.csv").write_text("mine")
    with pytest.raises(InputError, match="there already"):
        predict_file(tmp_path / "model.npz", data, tmp_path / "o.csv")
    with pytest.raises(InputError, match="xml"):
        predict_file(tmp_path / "model.npz", data, None, "xml")
    assert data.read_text() == TABLE


def test_a_row_is_predicted_alike_whatever_stands_beside_it(tmp_path: Path) -> None:
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
    assert (summary.unknown["dep"], summary.first["dep"]) == (2, "03")


@pytest.mark.parametrize("text", ["image[0],image[1]\n1,2\n3,\n", "image[0],image[1]\n1,2\n3,word\n"])
def test_a_picture_with_a_gap_or_a_word_is_refused(text: str, tmp_path: Path) -> None:
    model = make("binary", preparation=Preparation((Block("image", (1, 2)),)), rows=({"image": [0.0, 1.0]},))
    export(model, tmp_path / "model.npz")
    with pytest.raises(InputError, match=r"rows\.csv, column 'image.*', row 2: "):
        run(tmp_path, text)
    np.savez(tmp_path / "words.npz", image=np.array([["a", "b"]]))
    np.savez(tmp_path / "gap.npz", image=np.array([[[1.0, 2.0]], [[1.0, np.nan]]]))
    for name in ("words.npz", "gap.npz"):
        with pytest.raises(InputError, match=f"{name}.*'image"):
            predict_file(tmp_path / "model.npz", tmp_path / name, tmp_path / "out.csv")


def test_a_late_byte_that_is_not_utf8_is_read_as_training_reads_it(tmp_path: Path) -> None:
    rows = "1,x\n" * 90_000
    export(model_for(), tmp_path / "model.npz")
    (tmp_path / "rows.csv").write_bytes(f"a,b\n{rows}2,".encode() + b"caf\xe9\n")
    summary = predict_file(tmp_path / "model.npz", tmp_path / "rows.csv", tmp_path / "out.csv", tell=lambda _line: None)
    assert summary.first["b"] == "café"
    assert "Windows-1252" in summary.sentences[-1]


def test_blank_lines_are_counted(tmp_path: Path) -> None:
    _, summary = run(tmp_path, "a,b\n1,x\n\n2,y\n\r\n  \n3,x\n\n")
    assert summary.rows == 3
    assert summary.sentences[-1] == "3 blank lines were skipped."
    _, summary = run(tmp_path, 'a,b\n1,"x\n\nx"\n2,y\n\n')
    assert len(summary.sentences) == 2


def test_a_long_word_is_cut_where_it_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        run(tmp_path, "a,b\n" + "9" * 5000 + "x,x\n")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("name", ["out.jsonl", "out.JSONL", "out.ndjson"])
def test_the_ending_of_the_output_names_its_form(name: str, tmp_path: Path) -> None:
    assert run_cli(tmp_path, "rows.csv", "--output", str(tmp_path / name)) == 0
    assert json.loads((tmp_path / name).read_text().splitlines()[0])["label"]


def run_cli(tmp_path: Path, data: str, *options: str, reading: dict[str, str] | None = None) -> int:
    model = tmp_path / "model.npz"
    if not model.exists():
        export(replace(model_for(), reading=reading or {}), model)
    if not (tmp_path / data).exists():
        (tmp_path / data).write_text(TABLE)
    return main(["predict", str(model), str(tmp_path / data), *options])


def test_how_a_table_is_written_can_be_said_and_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
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


def test_a_sheet_can_be_said_and_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
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


def test_rows_that_are_skipped_are_told_for_every_kind_of_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
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


def test_a_column_that_is_missed_may_be_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "rows.npz", a=np.arange(6.0), b=np.array(["x", "y"]))
    assert run_cli(tmp_path, "rows.npz") == 2
    assert "it has a; 'b' was left out: it has 2 rows where the longest has 6 rows" in capsys.readouterr().err


def test_what_was_said_when_training_holds_when_predicting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, model = tmp_path / "hats.csv", tmp_path / "model.npz"
    data.write_text(
        "n^word^y\n" + "".join(f"{row % 9},5^caf\xe9{row % 2}^{row % 7},5\n" for row in range(60)), "cp1252"
    )
    options = ["--separator", "^", "--decimal", ",", "--encoding", "cp1252", "--iterations", "5", "--quiet"]
    assert main(["train", str(data), "--target", "y", "--export", str(model), *options]) == 0
    assert load(model).preparation.inputs == ("n", "word=caf\xe90", "word=caf\xe91")
    capsys.readouterr()
    assert main(["predict", str(model), str(data)]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 61
    assert "unknown" not in captured.err
    assert main(["train", str(data), "--decimal", ";", "--target", "y"]) == 2
    assert main(["train", str(data), "--separator", "ab", "--target", "y"]) == 2
    assert "--separator: the separator must be one character" in capsys.readouterr().err
