"""The exported C program, compiled without a warning, against `predict` on the same table."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepnet_tui.data.preparation.entries import Categorical, Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.targets.scale import TargetScale
from deepnet_tui.export import export
from deepnet_tui.model import Model
from deepnet_tui.predict.file import predict_file
from engine.spec import LayerSpec, NetworkSpec

from .models import make

GCC = shutil.which("gcc")
pytestmark = pytest.mark.skipif(GCC is None, reason="there is no gcc")
STRICT = ["-O2", "-Wall", "-Wextra", "-Werror"]
COLUMNS = ("int", "distance, km", 'say "no"', "Größe\tм", "since", "paid")
PREPARATION = Preparation(
    (
        Numeric(COLUMNS[0], fill=1.5, mean=2.0, scale=3.0, clip=2.0, edges=(0.0, 1.0, 4.0), missing=True),
        Categorical(COLUMNS[1], ("a", "b, c", "7", ""), other=True, rare=("ж",), statistics=((1.0,),) * 5),
        Numeric(COLUMNS[2], fill=-1.0, mean=0.5, scale=0.25),
        Categorical(COLUMNS[3], ('"q"', "x\ty", "НЕТ")),
        Numeric(COLUMNS[4], kind="date", mean=17000.0, scale=100.0, fill=17000.0, order="dmy", periods=(1.0, 7.0)),
        Numeric(COLUMNS[5], kind="boolean", words=("нет", "да"), fill=0.0),
    )
)
ROWS = [
    [" 3 ", "a", "1e-3", '"q"', "2016-07-29", "да"],
    ["", "b, c", "NaN", "x\ty", "29.7.2016 13:45:10.25", "YES"],
    ["-inf", "7.0", "+.5", "НЕТ", "2016-07-29T06:00:00+02:00", "0"],
    ["1E2", "NA", "-7", "unknown\r\nword", "", ""],
    ["0", "ж", "12345.678", "", "01/02/2020", "нет"],
]


def model_of(task: str, reading: dict[str, str] | None = None, ensemble: int = 1) -> Model:
    outputs = 3 if task == "multiclass" else 1
    layers = (LayerSpec(5, "gelu"), LayerSpec(4, "tanh"))
    network = NetworkSpec(len(PREPARATION.inputs), layers, outputs, task, "he", ensemble=ensemble)
    random = np.random.default_rng(0)
    parameters = {name: random.standard_normal(shape) for name, shape in network.shapes.items()}
    classes = {"binary": ('"so", he said', "да"), "multiclass": ("a", "b", "ж")}.get(task, ())
    scaling = TargetScale(1.0, 0.5, log=True, shift=2.0, low=-1.0) if task == "regression" else TargetScale()
    return Model(network, parameters, classes=classes, preparation=PREPARATION, scaling=scaling, reading=reading or {})


def program(model: Model, folder: Path) -> Path:
    """The compiled program."""
    export(model, folder / "model.c")
    goal = folder / "predict"
    built = subprocess.run([str(GCC), *STRICT, str(folder / "model.c"), "-o", str(goal), "-lm"], capture_output=True)
    assert built.returncode == 0, built.stderr.decode()
    return goal


def table(separator: str = ",", end: str = "\n", turn: int = 0) -> str:
    """The rows with their columns in another order, and one more."""
    order = [*range(turn, len(COLUMNS)), *range(turn)]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end)
    writer.writerow(["more", *(COLUMNS[place] for place in order)])
    for row in ROWS:
        writer.writerow(["x", *(row[place] for place in order)])
    return text.getvalue()


def same(program: Path, model: Model, text: str, folder: Path) -> None:
    """The program and `predict` must answer alike."""
    export(model, folder / "model.json", overwrite=True)
    (folder / "rows.csv").write_text(text, encoding="utf-8", newline="")
    out = folder / "out.csv"
    predict_file(folder / "model.json", folder / "rows.csv", out, overwrite=True, tell=lambda _said: None)
    wanted = list(csv.reader(out.open(encoding="utf-8", newline="")))
    ran = subprocess.run([str(program)], input=text.encode(), capture_output=True)
    assert ran.returncode == 0, ran.stderr.decode()
    found = list(csv.reader(io.StringIO(ran.stdout.decode("utf-8"), newline="")))
    assert found[0] == wanted[0]
    assert len(found) == len(wanted)
    for ours, theirs in zip(found[1:], wanted[1:], strict=True):
        words = 1 if model.classes else 0
        assert ours[:words] == theirs[:words]
        np.testing.assert_allclose([*map(float, ours[words:])], [*map(float, theirs[words:])], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("task", "ensemble"), [("binary", 1), ("multiclass", 2), ("regression", 1)])
def test_the_program_predicts_as_we_do(task: str, ensemble: int, tmp_path: Path) -> None:
    model = model_of(task, ensemble=ensemble)
    compiled = program(model, tmp_path)
    for text in (table(), table(";", "\r\n", 2), "\ufeff\n" + table("\t", "\n", 4).rstrip("\n"), table(end="\n\n")):
        same(compiled, model, text, tmp_path)


def test_what_the_program_can_not_use_is_said_in_one_line(tmp_path: Path) -> None:
    compiled = program(model_of("binary", {"missing": "-99,none"}), tmp_path)

    def said(text: str) -> str:
        ran = subprocess.run([str(compiled)], input=text.encode(), capture_output=True)
        assert ran.returncode == 2, ran.stdout
        assert ran.stderr.count(b"\n") == 1
        return ran.stderr.decode().strip()

    good = table()
    assert said("") == "the table is empty"
    assert said("a,b\n1,2\n") == "column 'int' is not in the table, and the model needs it"
    assert said(good.replace(" 3 ", "three")) == "row 1: column 'int' holds 'three' which is not a plain number"
    assert said(good.replace(" 3 ", "0x10")) == "row 1: column 'int' holds '0x10' which is not a plain number"
    assert said(good.replace(" 3 ", "1e200")) == "row 1: column 'int' holds '1e200' which is not a number up to 1e+100"
    assert said(good.replace(" 3 ", "3,4")) == "row 1: it has not as many cells as the header"
    assert (
        said(good.replace("2016-07-29,", "2016-02-30,"))
        == "row 1: column 'since' holds '2016-02-30' which is not a date"
    )
    assert said(good.replace("2016-07-29,", "99-12-31,")).endswith("'since' holds '99-12-31' which is not a date")
    assert "holds 'th?ee' which is" in said(good.replace(" 3 ", '"th\nee"'))
    assert "neither of the two words" in said(good.replace(",YES", ",maybe"))
    assert said(good + 'x,1,"a') == "row 5: a quote is never closed"
    assert said(good + "x\0") == "row 5: there is a NUL byte in the table"
    for noise in (b"\xff\xfe\0", b'"' * 5001, b"," * 100_000, b"\r" * 50):
        ran = subprocess.run([str(compiled)], input=noise, capture_output=True)
        assert ran.returncode == 2


def test_pictures_are_read_from_a_column_for_each_pixel(tmp_path: Path) -> None:
    model = make("multiclass")
    compiled = program(model, tmp_path)
    names = [
        name
        for entry in model.preparation.entries
        for name in (entry.inputs if entry.kind == "block" else (entry.name,))
    ]
    text = ",".join(names) + "\n22,male,false,ja,B,2016-07-29" + ",0.5,1,-2,0,3.25,1\n"
    same(compiled, model, text, tmp_path)


def test_a_decimal_comma_is_that_of_the_training_data(tmp_path: Path) -> None:
    entries = (Numeric("a", mean=1.0, scale=2.0), Numeric("b"))
    network = NetworkSpec(2, (), 1, "regression", "he")
    parameters = {name: np.full(shape, 0.75) for name, shape in network.shapes.items()}
    model = Model(network, parameters, preparation=Preparation(entries), reading={"decimal": ","})
    model = model.with_test_vectors(np.array([[0.5, 1.25], [2.0, -3.5]]))
    compiled = program(replace(model, name="comma"), tmp_path)
    same(compiled, model, "a;b\n1,5;2,25\n-0,5;3\n", tmp_path)
