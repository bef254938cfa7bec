"""`--engine`: how iterations are computed, which is no part of the experiment or the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.compiled.native import compiler
from tests.deepnet_tui.cli.runner import Runner


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Runner(tmp_path / "home", capsys)


def test_compiled_and_numpy_give_the_same_and_the_model_does_not_tell(run: Runner, tmp_path: Path) -> None:
    pytest.importorskip("numba")
    costs = {}
    for engine in ("numpy", "compiled"):
        ended = run("train", "moons", "--iterations", "300", "--engine", engine, "--json", "--export", f"{engine}.json")
        assert ended.code == 0
        costs[engine] = [event["cost"] for event in ended.events if event["event"] == "progress"]
        assert len(costs[engine]) > 2
    assert costs["compiled"] == pytest.approx(costs["numpy"], rel=1e-12)
    assert "compiled" not in (tmp_path / "compiled.json").read_text()
    stored = (tmp_path / "home" / "runs").rglob("experiment.toml")
    assert not any("engine" in path.read_text() for path in stored)


def test_folds_take_it_too(run: Runner) -> None:
    pytest.importorskip("numba")
    ended = run("train", "moons", "--iterations", "20", "--folds", "2", "--engine", "compiled", "--quiet")
    assert ended.code == 0


def test_train_says_how_it_was_computed_and_why(run: Runner) -> None:
    ended = run("train", "moons", "--iterations", "10", "--engine", "numpy")
    assert "computed by NumPy calls: as it was asked for\n" in ended.out


def test_an_unknown_engine_and_a_missing_one_are_refused(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = run("train", "moons", "--engine", "turbo")
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "auto, numpy" in ended.err
    monkeypatch.setattr(compiler, "installed", lambda: False)
    ended = run("train", "moons", "--engine", "compiled")
    assert (ended.code, ended.err) == (
        2,
        "deepnet-tui: --engine: compiled needs numba: pip install 'deepnet-tui[fast]'\n",
    )


def test_a_resumed_run_says_if_its_path_is_gone(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    assert run("train", "moons", "--iterations", "100", "--engine", "compiled", "--quiet").code == 0
    with monkeypatch.context() as patch:
        patch.setattr(compiler, "installed", lambda: False)
        ended = run("resume", "last", "--iterations", "150", "--engine", "auto", "--quiet")
    said = "note: the run was trained in a compiled loop and goes on in NumPy calls: numba is not installed\n"
    assert (ended.code, ended.err) == (0, said)
