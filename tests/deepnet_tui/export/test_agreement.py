"""An exported Python file reads a table as `predict` does: the same answers, the same notes, the same refusals."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deepnet_tui.cli import main
from deepnet_tui.data.preparation.entries import Categorical, Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.export import FORMATS
from tests.deepnet_tui.export.models import make

COMMA, POINT = {"decimal": ","}, {"decimal": "."}
ONE = Preparation((Numeric("x"),))
TWO = Preparation((Numeric("x", mean=3.0, scale=2.0), Categorical("word", ("1.5", "a", "b", "3"))))
RICH = Preparation(
    (
        Numeric("x", fill=2.0, mean=3.0, scale=2.0, clip=3.0, edges=(0.0, 2.0, 5.0), missing=True),
        Categorical("word", ("a",), other=True, rare=("1.5", "3"), statistics=((0.5,), (0.25,), (-0.125,))),
    )
)
FLAG = Preparation((Numeric("x"), Numeric("flag", kind="boolean")))
NOTES = ("skipped", "decimal comma", "Windows-1252", "first row holds")


def both(
    folder: Path,
    preparation: Preparation,
    reading: dict[str, str],
    data: bytes,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...] = (),
) -> list[tuple[int, str, str]]:
    """Exit code, standard output and standard error of `predict` and of the exported file."""
    row = {"x": 1.0, "word": "a", "flag": "true"}
    model = replace(make(preparation=preparation, rows=(row,)), reading=reading)
    FORMATS[".npz"].save(model, folder / "model.npz")
    FORMATS[".py"].save(model, folder / "model.py")
    (folder / "rows.csv").write_bytes(data)
    code = main(["predict", str(folder / "model.npz"), str(folder / "rows.csv"), *options])
    said = capsys.readouterr()
    command = [sys.executable, "-I", str(folder / "model.py"), str(folder / "rows.csv"), *options]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return [(code, said.out, said.err), (ran.returncode, ran.stdout, ran.stderr)]


FAR = "x;word\n" + "5.000;a\n" * 40_000 + "0,5;a\n"  # what shows the mark stands behind the beginning


@pytest.mark.parametrize(
    ("preparation", "reading", "text", "rows"),
    [
        (ONE, {}, 'x\n1\n""\n2\nNA\n3\n', 5),
        (TWO, {}, "x,word\n?,?\n1, ? \n", 2),
        (ONE, {}, "x\n1\n\n2\n  \n3\n\n", 3),
        (TWO, {}, "\n\nx,word\n1,a\n\n2,b\n", 2),
        (TWO, {}, "x;word\n0,5;a\n5.000;b\n5000;a\n", 3),
        (TWO, COMMA, "x;word\n0,5;a\n1,5;1,5\n", 2),
        (TWO, COMMA, "x;word\n5.000;a\n", 1),
        (TWO, POINT, "x;word\n5.000;a\n", 1),
        (TWO, {}, "x;word\n5.000;a\n", 1),
        (TWO, {}, "x;word\n5,000;a\n", 1),
        (TWO, POINT, "x;word\n5,000;a\n", 1),
        (TWO, COMMA, 'x,word\n"0,5",a\n', 1),
        (TWO, COMMA, 'x,word\n0.5,a\n"5,000",3.0\n', 2),
        (TWO, COMMA, "x;word\n1.5;a\n2,5;b\n", 0),
        (TWO, {}, "x;word\n0,5;a\n2.5;b\n", 0),
        (TWO, {}, 'x,word\n"1,5",a\n', 0),
        pytest.param(TWO, COMMA, FAR, 40_001, id="far comma"),
        pytest.param(TWO, POINT, FAR, 0, id="far point"),
        (TWO, {"separator": "^", "decimal": ","}, "x^word\n0,5^a\n", 1),
        (TWO, {"separator": "^"}, "x,word\n0.5,a\n", 1),
        (TWO, {}, "x  word\n0.5  a\n 1.5\ta \n", 2),
        (TWO, {}, "x word\n0.5 a\n", 1),
        (RICH, {}, "x,word\n0.5,a\n,1.5\n1e99,3.0\n?,never\n", 4),
        (RICH, COMMA, "x;word\n0,5;1,5\n1,5;3,0\n", 2),
        (FLAG, {}, "x;flag\n0,5;1,0\n1,5;0,0\n", 2),
        (FLAG, {}, "x;flag\n0,5;2,0\n", 0),
        (TWO, {}, "x;word\n1;caf\xe9\n", 1),
    ],
)
def test_the_two_programs_agree(
    preparation: Preparation,
    reading: dict[str, str],
    text: str,
    rows: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (code, out, said), (its_code, its_out, it_said) = both(
        tmp_path, preparation, reading, text.encode("cp1252"), capsys
    )
    assert (code, its_code) == (0 if rows else 2,) * 2
    if not rows:
        assert "column 'x', row" in said or "column 'flag', row" in said
        assert said.split("rows.csv, ")[1] == it_said.split("rows.csv, ")[1]
        return
    answers, its_answers = out.splitlines(), its_out.splitlines()
    assert len(answers) == len(its_answers) == rows + 1
    for line, its_line in zip(answers[1:], its_answers[1:], strict=True):
        assert line.split(",")[0] == its_line.split(",")[0]
        assert float(line.split(",")[1]) == pytest.approx(float(its_line.split(",")[1]), abs=1e-12)
    told, it_told = ([x for x in s.splitlines() if any(n in x for n in NOTES)] for s in (said, it_said))
    assert told == it_told


def test_a_given_mark_holds_in_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for mark, code in ((",", 0), (".", 2)):
        found = both(tmp_path, TWO, {}, b"x;word\n5.000;a\n0,5;a\n", capsys, ("--decimal", mark))
        assert [each[0] for each in found] == [code, code]
