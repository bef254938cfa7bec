"""The edges of commands get one sentence: empty tables, closed pipes, addresses, nothing to write."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deepnet_tui.cli import main
from deepnet_tui.cli.entry import prepare_process
from deepnet_tui.experiment import Experiment
from deepnet_tui.export import export
from deepnet_tui.model import Model
from deepnet_tui.runs.store import Store


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from deepnet_tui.data.load import load

    experiment = Experiment.default("moons").replace("training", iterations=5)
    dataset = load(experiment.data)
    trainer = experiment.trainer(dataset)
    trainer.advance(5)
    path = tmp_path_factory.mktemp("exported") / "model.py"
    export(Model.of(dataset, trainer), path)
    return path


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff\n"])
def test_an_exported_script_says_that_a_table_is_empty(script: Path, tmp_path: Path, text: str) -> None:
    table = tmp_path / "table.csv"
    table.write_text(text, encoding="utf-8")
    ran = subprocess.run([sys.executable, "-I", str(script), str(table)], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (2, f"{table}, which is empty\n")


def test_an_exported_script_is_quiet_when_nobody_reads_on(script: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("x1,x2\n" + "0.1,0.2\n" * 20_000)
    command = [sys.executable, "-I", str(script), str(table)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (141, b"")


@pytest.mark.parametrize("address", ["foo", "tcp://", "tcp://host", "host:8786", "tcp://a b:1"])
def test_an_address_of_no_scheduler_is_refused_at_once(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path))
    assert main(["search", "moons", "--scheduler", address, "--trials", "2", "--iterations", "5"]) == 2
    assert f"must be such as tcp://HOST:8786, not '{address}'" in capsys.readouterr().err


def test_choices_to_search_are_shown_by_those_of_the_setting(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("optuna")
    assert main(["search", "moons", "--vary", "activation=relu"]) == 2
    assert "such as activation=relu,leaky_relu, not 'relu'" in capsys.readouterr().err


def test_no_run_that_fits_writes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path))
    run = Store().begin(Experiment.default("moons"))
    run.finish("completed", "completed", iteration=0)
    assert main(["runs", "export", "nosuchword", "--output", str(tmp_path / "none.csv")]) == 0
    assert "none of 1 run fits" in capsys.readouterr().err
    assert not (tmp_path / "none.csv").exists()


def test_what_is_in_the_environment_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = gc.get_threshold()
    monkeypatch.setenv("OPENBLAS_THREAD_TIMEOUT", "12")
    monkeypatch.setattr(os, "environ", {name: value for name, value in os.environ.items() if name != "TEXTUAL_FPS"})
    try:
        prepare_process()
        assert os.environ["OPENBLAS_THREAD_TIMEOUT"] == "12"
        assert int(os.environ["TEXTUAL_FPS"]) > 60
    finally:
        gc.set_threshold(*before)
