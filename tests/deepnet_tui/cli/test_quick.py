"""Command lines that are read without typer give what typer gives; what is wrong or unusual is left to it."""

from __future__ import annotations

from typing import Any

import pytest
import typer

from deepnet_tui.cli.parameters.for_typer import for_typer
from deepnet_tui.cli.parameters.quick import read_quickly
from deepnet_tui.cli.registry import COMMANDS, function_of

TRAIN = [
    "moons",
    "small.csv --target churn --iterations 300",
    "a.csv --target a --target b --hidden 16,8 --learning-rate 0.01 --l2=0.5 --batch-size full -q",
    "a.csv --target=x=y --json --overwrite --export a.npz --export b.onnx --best --threshold f1",
    "--iterations 10 moons --seed 3",
    "a.csv --noise 0.1 --points 50 --skip 2 --separator ; --decimal , --patience 5 --label-smoothing 0.1",
    "a.csv --learning-rate 1e-3 --validation -0.5 --folds 5 --group g --log-to tensorboard:logs",
    "a.csv --engine numpy --dtype float32 --internal 0.1 --ensemble 4 --report-every 10 --input-scale-rate 12",
]
PREDICT = ["model.npz rows.csv", "model.npz rows.csv --output a.csv --threshold 0.3 --json --overwrite --columns a,b"]
LEFT = [
    "",
    "moons extra",
    "--help",
    "moons -h",
    "moons --iterations",
    "moons --iterations ten",
    "moons --iterations 1_000",
    "moons --iterations 1 --iterations 2",
    "moons --nonsense",
    "moons --iter 5",
    "moons --json=yes",
    "moons -q1",
    "moons --target --json",
    "moons --learning-rate nan",
    "moons --patience none",
    "moons -- --json",
]


def by_typer(command: Any, words: list[str]) -> dict[str, Any]:
    """What typer calls the command with."""
    found: dict[str, Any] = {}

    def instead(**values: Any) -> None:
        found.update(values)

    instead.__signature__ = for_typer(command).__signature__  # type: ignore[attr-defined]
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(instead)
    app(words, standalone_mode=False)
    return found


@pytest.mark.parametrize(
    ("name", "line"), [*(("train", line) for line in TRAIN), *(("predict", line) for line in PREDICT)]
)
def test_a_line_means_what_typer_makes_of_it(name: str, line: str) -> None:
    command, words = function_of(COMMANDS[name]), line.split()
    quick = read_quickly(command, words)
    assert quick is not None
    full = by_typer(command, words)
    assert quick == full
    assert {name: type(value) for name, value in quick.items()} == {name: type(value) for name, value in full.items()}


@pytest.mark.parametrize("line", LEFT)
def test_what_is_wrong_or_unusual_is_left_to_typer(line: str) -> None:
    assert read_quickly(function_of(COMMANDS["train"]), line.split()) is None
