"""`train --export`: what is refused before training, and that nothing is lost when a file can't be written."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.export import FORMATS
from deepnet_tui.runs.store import Store
from tests.deepnet_tui.cli.runner import Runner


def test_export_can_be_asked_for_again_and_again(run: Runner, tmp_path: Path) -> None:
    finished = run(
        "train", "moons", "--iterations", "20", "--json", "--export", "m.npz", "--export", "m.safetensors"
    ).events[-1]
    assert finished["exports"] == ["m.npz", "m.safetensors"]
    assert (tmp_path / "m.npz").exists()
    assert (tmp_path / "m.safetensors").exists()


def test_an_export_that_can_not_be_is_refused_before_training(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "there.npz").write_text("mine")
    assert "already" in run.refused("train", "moons", "--export", "there.npz")
    assert "folder" in run.refused("train", "moons", "--export", tmp_path / "missing" / "m.npz")
    assert ".npz" in run.refused("train", "moons", "--export", "m.docx")
    (tmp_path / "folder.npz").mkdir()
    assert "folder" in run.refused("train", "moons", "--export", "folder.npz")
    assert Store().list() == []
    assert (tmp_path / "there.npz").read_text() == "mine"
    assert run("train", "moons", "--iterations", "5", "--quiet", "--overwrite", "--export", "there.npz").code == 0


def test_an_export_never_replaces_what_is_read(run: Runner, tmp_path: Path) -> None:
    text = "a,b,y\n" + "".join(f"{n},{n * n % 7},{n % 2}\n" for n in range(60))
    (tmp_path / "data.csv").write_text(text)
    (tmp_path / "test.csv").write_text(text)
    arguments = ["train", "data.csv", "--target", "y", "--test", "test.csv", "--iterations", "5", "--overwrite"]
    for name in ("data.csv", "test.csv"):
        assert "files that are read" in run.refused(*arguments, "--export", name)
    assert run(*arguments, "--quiet").code == 0
    assert "files that are read" in run.refused("export", "last", "data.csv", "--overwrite")
    assert (tmp_path / "data.csv").read_text() == (tmp_path / "test.csv").read_text() == text


def test_exports_need_names_of_their_own(run: Runner, tmp_path: Path) -> None:
    assert run.refused("train", "moons", "--export", "") == "--export needs the name of a file"
    assert "needs the name of a file" in run.refused("export", "last", "")
    assert "twice" in run.refused("train", "moons", "--export", "m.npz", "--export", tmp_path / "m.npz")
    assert "(--overwrite)" not in run.refused("train", "moons", "--export", "/dev/null")
    assert Store().list() == []


def test_an_export_that_fails_after_training_loses_nothing(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deepnet_tui.export.check_path", lambda *_: None)
    (tmp_path / "m.npz").mkdir()
    ended = run("train", "moons", "--iterations", "5", "--quiet", "--export", "m.npz")
    assert ended.code == 2
    assert "nothing is lost: deepnet-tui export " in ended.err
    assert run("export", "last", "other.npz").code == 0


@pytest.mark.parametrize("name", ["m.h", "m.py"])
def test_a_network_too_large_for_a_format_is_refused_first(run: Runner, name: str) -> None:
    asked = ("train", "moons", "--hidden", "1000,3000", "--iterations", "1", "--export", name)
    assert "hold at most" in run.refused(*asked)
    assert Store().list() == []


def test_a_missing_package_is_noticed_before_training(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert "pip install" in run.refused("train", "moons", "--export", "a.npz", "--export", "a.onnx")
    assert Store().list() == []


@pytest.mark.parametrize("wrong", [InputError("the disk is full"), RuntimeError("the disk is full")])
def test_a_failed_export_spares_the_others_and_the_results(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: Exception
) -> None:
    def fail(_model: object, _path: Path) -> None:
        raise wrong

    monkeypatch.setitem(FORMATS, ".safetensors", dataclasses.replace(FORMATS[".safetensors"], save=fail))
    asked = [word for suffix in ("npz", "safetensors", "json") for word in ("--export", f"a.{suffix}")]
    ended = run("train", "moons", "--iterations", "5", "--json", *asked)
    finished = ended.events[-1]
    assert (ended.code, finished["event"]) == (2, "finished")
    assert finished["exports"] == ["a.npz", "a.json"]
    assert "the disk is full" in finished["failed_exports"]["a.safetensors"]
    assert "the disk is full" in ended.err
    assert (tmp_path / "a.json").exists()
    assert not (tmp_path / "a.safetensors").exists()
