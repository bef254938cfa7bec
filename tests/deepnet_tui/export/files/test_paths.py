"""Where an export may go, and what is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deepnet_tui import export as package
from deepnet_tui.common.errors import InputError
from deepnet_tui.data.preparation.entries import Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.export import FORMATS, export, load
from engine.storage.atomic import write_atomically
from tests.deepnet_tui.export.files.refusal import MODEL, refused
from tests.deepnet_tui.export.models import PREPARATION, ROWS, make

DAY_FIRST = {"since": Numeric("since", kind="date", fill=17000.5, mean=17010.25, scale=230.0, order="dmy")}


def test_an_unknown_ending_lists_the_known_ones(tmp_path: Path) -> None:
    sentence = refused(tmp_path / "model.pkl")
    assert all(suffix in sentence for suffix in FORMATS if suffix != "/")
    assert ".npz" in refused(tmp_path / "model.npz", format="pickle")


def test_the_longest_ending_counts(tmp_path: Path) -> None:
    assert package.format_of("model.pt.py").name == "pytorch"
    assert package.format_of("model.PY").name == "python"
    assert package.format_of("v1.2/model").name == "csv folder"
    assert package.format_of("folder.csv/").name == "csv folder"
    assert package.format_of("anything.dat", "npz").suffix == ".npz"


def test_an_older_file_stays_unless_it_may_be_replaced(tmp_path: Path) -> None:
    target = tmp_path / "model.json"
    target.write_text("mine")
    assert "is there already" in refused(target)
    assert target.read_text() == "mine"
    export(MODEL, target, overwrite=True)
    assert load(target).network == MODEL.network


def test_a_folder_a_missing_folder_and_a_device(tmp_path: Path) -> None:
    (tmp_path / "model.npz").mkdir()
    assert "is a folder" in refused(tmp_path / "model.npz")
    assert "is a folder" in refused(tmp_path / "model.npz", overwrite=True)
    assert "make it first" in refused(tmp_path / "not" / "there.npz")
    (tmp_path / "file").write_text("")
    assert "can't write" in refused(tmp_path / "file" / "model.npz")
    os.mkfifo(tmp_path / "pipe.npz")
    assert "not an ordinary file" in refused(tmp_path / "pipe.npz", overwrite=True)


def test_an_obstacle_is_named_before_replacing_is_offered(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npz")
    (tmp_path / "link.npz").symlink_to("pipe.npz")
    (tmp_path / "model").write_text("mine")
    for name, says in (("pipe.npz", "ordinary"), ("link.npz", "ordinary"), ("model", "makes a folder")):
        assert says in refused(tmp_path / name)
        assert says in refused(tmp_path / name, overwrite=True)
    (tmp_path / "there.npz").write_text("mine")
    assert "(--overwrite)" in refused(tmp_path / "there.npz")


def test_there_is_no_export_to_the_standard_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert refused("-") == "an export can't go to the standard output; give the path of a file"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "said"), [("m.py", "year first"), ("m.h", "days since"), ("m.json", "")])
def test_the_receipt_says_how_a_file_takes_dates(tmp_path: Path, name: str, said: str) -> None:
    written = Preparation(tuple(DAY_FIRST.get(entry.name, entry) for entry in PREPARATION.entries))
    rows = tuple({**row, "since": None} for row in ROWS)
    receipt = export(make(preparation=written, rows=rows), tmp_path / name)
    note = receipt.sentence.rpartition("; ")[2] if "; " in receipt.sentence else ""
    assert said in note
    assert note.endswith(": since") if said else not note
    plain = export(MODEL, tmp_path / f"plain_{name}").sentence
    assert ("since" in plain.rpartition("; ")[2]) == (name == "m.h")


def test_a_name_is_needed(tmp_path: Path) -> None:
    assert "a name is needed before .npz" in refused(tmp_path / ".npz")
    assert "a name is needed before .pt.py" in refused(tmp_path / ".pt.py")
    assert "name of a file" in refused("")
    assert list(tmp_path.iterdir()) == []


def test_what_is_read_is_never_replaced(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("a,b\n")
    (tmp_path / "other.csv").hardlink_to(data)
    (tmp_path / "link.csv").symlink_to("data.csv")
    for name in ("data.csv", "other.csv", "link.csv"):
        with pytest.raises(InputError, match="files that are read"):
            export(MODEL, tmp_path / name, overwrite=True, sources=(data,))
        with pytest.raises(InputError, match="files that are read"):
            package.check_path(tmp_path / name, True, ("moons", data))
    assert data.read_text() == "a,b\n"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no /proc")
def test_a_folder_that_takes_no_file_is_found_before_training() -> None:
    for place in ("/proc/model.npz", "/proc/self/model.npz"):
        with pytest.raises(InputError, match="can't write") as caught:
            package.check_path(place)
        assert "not there" not in str(caught.value)


def test_a_check_leaves_nothing(tmp_path: Path) -> None:
    assert package.check_path(tmp_path / "model.npz") == tmp_path.resolve() / "model.npz"
    assert list(tmp_path.iterdir()) == []


def test_the_writer_itself_refuses_what_is_not_an_ordinary_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for path in (tmp_path / "pipe", tmp_path / "link", tmp_path):
        with pytest.raises(OSError, match=r"ordinary file|directory"):
            write_atomically(path, Path.touch)
    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "link").is_symlink()


def test_odd_paths(tmp_path: Path) -> None:
    assert "too long" in refused(tmp_path / ("x" * 300 + ".npz"))
    assert "not a valid path" in refused(f"{tmp_path}/a\0b.npz")
    (tmp_path / "loop.npz").symlink_to("loop.npz")
    refused(tmp_path / "loop.npz", overwrite=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "permission" in refused(tmp_path / "model.npz")
