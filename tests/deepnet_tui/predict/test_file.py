"""From a model and a table to a file of predictions."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.preparation.entries import Block, Categorical, Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.export import FORMATS, export
from deepnet_tui.model import Model
from deepnet_tui.predict import pieces
from deepnet_tui.predict.file import predict_file
from tests.deepnet_tui.export.models import make
from tests.deepnet_tui.predict.models import ROWS, TABLE, model_for, run, run_cli


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


def test_devices_pipes_and_linked_inputs_are_no_outputs(tmp_path: Path) -> None:
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


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "ROWS", 1_000)
    export(model_for(), tmp_path / "model.npz")
    peaks = []
    for rows in (5_999, 6_000, 20_000):
        (tmp_path / "rows.csv").write_text("b,a,long\n" + f"x,1.5,{'-' * 100}\n" * rows)
        tracemalloc.start()
        predict_file(tmp_path / "model.npz", tmp_path / "rows.csv", tmp_path / f"{rows}")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.3 * peaks[1]  # the first has loaded what reading needs


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("b,c\nx,1\n", "has no column 'a'"),
        ("", "is empty"),
        ("a,b\n1,x\nword,y\n", "row 2: 'word'"),
        ("a,b\n1,x,3\n", "values"),
        ("a,b\n1,\0\n", "NUL"),
        ("a,b\n1,x\n2\n", "row 2: 1 value where the header has 2 names"),
        ("c,a,b\n" + "3,1,x\n" * 25_000 + "3,1\n", "row 25,001: 2 values"),
        ("c,a,b\n" + "3,1,x\n" * 25_000 + "3,1,x,4\n", "row 25,001: 4 values"),
        ("a,b\n" + "1,x\n" * 90_000 + "1,\0\n", "row 90,001: a NUL byte"),
        ('a,b\n1,x\n2,"y\n3,x\n', "a quote that opens in row 2 is never closed"),
    ],
    ids=lambda text: text[:20],
)
def test_tables_that_can_not_be_predicted(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        run(tmp_path, text)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out.csv").exists()


def test_a_late_bad_row_is_named_and_leaves_no_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "ROWS", 10)
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


def test_only_a_path_is_called_an_invalid_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Preparation((Numeric("x"),))
    export(make("binary", preparation=one, rows=({"x": 1.0},), classes=("no", "half")), tmp_path / "model.json")
    (tmp_path / "rows.csv").write_text("x\n1\n")
    words = (tmp_path / "model.json", tmp_path / "rows.csv")
    whole = words[0].read_text()
    words[0].write_text(whole.replace('"half"', '"half \\ud83d\\ude00"'))
    predict_file(*words, tmp_path / "whole.csv")
    words[0].write_text(whole.replace('"half"', '"half \\ud800"'))
    with pytest.raises(InputError, match="its JSON holds half a character"):
        predict_file(*words, tmp_path / "half.csv")
    words[0].write_text(whole)
    with pytest.raises(InputError, match="not a valid path"):
        predict_file(*words, f"{tmp_path}/a\0b.csv")
    monkeypatch.setattr(Model, "predict", lambda *_, **__: "\ud800".encode())
    with pytest.raises(InputError, match="a name or a word holds half a character"):
        predict_file(*words, tmp_path / "half.csv")
    monkeypatch.setattr(Model, "predict", lambda *_, **__: int("a fault of ours"))
    with pytest.raises(ValueError, match="a fault of ours"):
        predict_file(*words, tmp_path / "fault.csv")


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


def test_a_long_word_is_cut_in_a_message(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        run(tmp_path, "a,b\n" + "9" * 5000 + "x,x\n")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("name", ["out.jsonl", "out.JSONL", "out.ndjson"])
def test_the_suffix_of_the_output_names_its_format(name: str, tmp_path: Path) -> None:
    assert run_cli(tmp_path, "rows.csv", "--output", str(tmp_path / name)) == 0
    assert json.loads((tmp_path / name).read_text().splitlines()[0])["label"]
