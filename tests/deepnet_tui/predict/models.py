"""A model of two columns, and how the tests predict a table with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from deepnet_tui.cli import main
from deepnet_tui.data.preparation.entries import Categorical, Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.export import export
from deepnet_tui.model import Model
from deepnet_tui.predict.file import predict_file
from deepnet_tui.predict.summary import PredictionSummary
from tests.deepnet_tui.export.models import make

PREPARATION = Preparation((Numeric("a", fill=2.0, mean=1.0, scale=3.0), Categorical("b", ("", "x", "y"))))


ROWS: tuple[dict[str, Any], ...] = ({"a": 1.5, "b": "x"}, {"a": None, "b": "never"}, {"a": -3.0, "b": None})


TABLE = "extra,b,a\n9,x,1.5\n9,never,\n9,,-3\n"


def model_for(task: str = "multiclass") -> Model:
    return make(task, preparation=PREPARATION, rows=ROWS)


def run(
    tmp_path: Path, text: str, task: str = "multiclass", suffix: str = ".npz", **options: Any
) -> tuple[str, PredictionSummary]:
    model = tmp_path / f"model{suffix}"
    if not model.exists():
        export(model_for(task), model)
    (tmp_path / "rows.csv").write_text(text, encoding=options.pop("encoding", "utf-8"))
    output = tmp_path / options.pop("output", "out.csv")
    summary = predict_file(model, tmp_path / "rows.csv", output, overwrite=True, tell=lambda _line: None, **options)
    return output.read_text(encoding="utf-8"), summary


def run_cli(tmp_path: Path, data: str, *options: str, reading: dict[str, str] | None = None) -> int:
    model = tmp_path / "model.npz"
    if not model.exists():
        export(replace(model_for(), reading=reading or {}), model)
    if not (tmp_path / data).exists():
        (tmp_path / data).write_text(TABLE)
    return main(["predict", str(model), str(tmp_path / data), *options])
