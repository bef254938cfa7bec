"""What a Python file says of the table that it is given."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.preparation.entries import Categorical, Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.export import FORMATS, check_path, export
from tests.deepnet_tui.export.files.refusal import MODEL, refused
from tests.deepnet_tui.export.models import make


def standalone(tmp_path: Path, text: str | None) -> tuple[int, str, str]:
    path = tmp_path / "model.py"
    if not path.exists():
        FORMATS[".py"].save(make(preparation=SMALL, rows=({"a": 1.0, "b": "x", "c": "true"},)), path)
    rows = tmp_path / "rows.csv"
    rows.unlink(missing_ok=True)
    if text is not None:
        rows.write_text(text)
    command = [sys.executable, "-I", str(path), str(rows)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout, ran.stderr


SMALL = Preparation((Numeric("a"), Categorical("b", ("x", "y")), Numeric("c", kind="boolean")))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,x\n", "column 'c'"),
        ("a,b,c\n1,x,true\nword,x,true\n", "column 'a', row 2: 'word' is not a finite number"),
        ("a,b,c\n1,x,maybe\n", "column 'c', row 1: 'maybe' is not false or true"),
        ("a,b,c\n1,x,true,4\n", "row 1: 4 values where the header has 3 names"),
        ("a,b,c\n1,x,true\n1,x\n", "row 2: 2 values where the header has 3 names"),
        (None, "can't be read: no such file"),
    ],
)
def test_the_python_file_says_what_is_wrong_in_one_sentence(tmp_path: Path, text: str | None, says: str) -> None:
    code, out, err = standalone(tmp_path, text)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "encoding", "options"),
    [
        ("a;b;c\n1,5;\xe9t\xe9;true\n;x;\n", "cp1252", ()),
        ("a\tb\tc\n1.5\t\xe9t\xe9\ttrue\n\tx\t\n", "utf-16", ()),
        ("extra,b,a,c\r\n,\xe9t\xe9, 1.5 ,true\r\n\r\n,x,,\r\n", "utf-8-sig", ()),
        ("a:b:c\n1,5:\xe9t\xe9:true\n:x:\n", "cp437", ("--separator", ":", "--encoding", "cp437", "--decimal", ",")),
    ],
)
def test_the_python_file_reads_what_the_app_reads(
    tmp_path: Path, text: str, encoding: str, options: tuple[str, ...]
) -> None:
    preparation = Preparation((Numeric("a"), Categorical("b", ("x", "\xe9t\xe9")), Numeric("c", kind="boolean")))
    rows: tuple[dict[str, Any], ...] = (
        {"a": 1.5, "b": "\xe9t\xe9", "c": "true"},
        {"a": None, "b": "x", "c": None},
    )
    model = make(preparation=preparation, rows=rows)
    FORMATS[".py"].save(model, tmp_path / "model.py")
    ast.parse((tmp_path / "model.py").read_text(), feature_version=(3, 9))
    (tmp_path / "rows.csv").write_bytes(text.encode(encoding))
    command = [sys.executable, "-I", str(tmp_path / "model.py"), str(tmp_path / "rows.csv"), *options]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    found = [[float(cell) for cell in line.split(",")[1:]] for line in ran.stdout.splitlines()[1:]]
    expected = model.predict(list(rows)).probabilities
    assert expected is not None
    assert np.abs(np.array(found) - expected).max() < 1e-15


def test_the_python_file_counts_what_it_did_not_know(tmp_path: Path) -> None:
    code, out, err = standalone(tmp_path, "a,b,c\n,new,true\n1,,\n2,newer,false\n")
    assert (code, len(out.splitlines())) == (0, 4)
    assert err.splitlines() == [
        "column 'a': missing values filled in: 1",
        "column 'b': unknown words: 2, the first is 'new'",
        "column 'b': missing values, none in training: 1",
        "column 'c': missing values filled in: 1",
    ]


def test_a_python_file_does_not_stand_in_the_way_of_a_module(tmp_path: Path) -> None:
    for name in ("json.py", "numpy.py", "types.py"):
        assert "choose another name" in refused(tmp_path / name)
        with pytest.raises(InputError, match="choose another name"):
            check_path(tmp_path / name)
    export(MODEL, tmp_path / "class.py")
    export(MODEL, tmp_path / "json.pt.py")
