"""Where an export may go, what is said, and that nothing is lost when it fails."""

from __future__ import annotations

import ast
import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui import export as package
from deepnet_tui.common.errors import InputError
from deepnet_tui.data.preparation.entries import Categorical, Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.export import FORMATS, Format, check_path, export, load
from engine.storage.atomic import write_atomically
from tests.deepnet_tui.export.models import PREPARATION, ROWS, make

MODEL = make()
DAY_FIRST = {"since": Numeric("since", kind="date", fill=17000.5, mean=17010.25, scale=230.0, order="dmy")}


def refused(path: str | Path, overwrite: bool = False, format: str | None = None) -> str:  # noqa: A002
    with pytest.raises(InputError) as caught:
        export(MODEL, path, overwrite, format)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert "Errno" not in sentence
    return sentence


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


def test_odd_paths(tmp_path: Path) -> None:
    assert "too long" in refused(tmp_path / ("x" * 300 + ".npz"))
    assert "not a valid path" in refused(f"{tmp_path}/a\0b.npz")
    (tmp_path / "loop.npz").symlink_to("loop.npz")
    refused(tmp_path / "loop.npz", overwrite=True)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "full"),
        (errno.EACCES, "permission"),
        (errno.EROFS, "read-only"),
        (errno.EDQUOT, "quota"),
        (errno.EIO, "disk reports an error"),
    ],
)
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_system_that_refuses_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, number: int, words: str
) -> None:
    target = tmp_path / f"model{suffix.rstrip('/')}"
    entry = FORMATS[suffix]

    def save(model: object, path: Path) -> None:
        raise OSError(number, os.strerror(number), str(path))

    failing = Format(entry.name, suffix, entry.title, entry.complete, save, entry.verify, entry.load, entry.folder)
    monkeypatch.setitem(FORMATS, suffix, failing)
    assert words in refused(target)
    assert list(tmp_path.iterdir()) == []


SCARCE = """
import resource, signal, sys
from pathlib import Path
from deepnet_tui.common.errors import InputError
from deepnet_tui.export import FORMATS, export
from tests.deepnet_tui.export.models import PREPARATION, ROWS, make
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
model = make()
folder = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
for suffix in FORMATS:
    try:
        export(model, folder / f"model{suffix.rstrip('/')}")
    except InputError as error:
        assert "too large for this file system" in str(error), error
    else:
        raise SystemExit(f"{suffix} says that it was written")
assert not list(folder.iterdir()), list(folder.iterdir())
"""


def test_every_format_notices_a_full_file_system(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    ran = subprocess.run(
        [sys.executable, "-c", SCARCE, str(tmp_path)], cwd=root, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "permission" in refused(tmp_path / "model.npz")


def test_a_copy_that_differs_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make(seed=1)
    entry = FORMATS[".npz"]
    monkeypatch.setitem(
        FORMATS,
        ".npz",
        Format("npz", ".npz", "", True, lambda _model, path: entry.save(other, path), entry.verify, entry.load),
    )
    target = tmp_path / "model.npz"
    target.write_bytes(b"older")
    assert "not kept" in refused(target, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["model.npz"]
    assert target.read_bytes() == b"older"


@pytest.mark.parametrize("suffix", [".py", ".h", ".onnx"])
def test_a_wrong_number_is_noticed_by_running_the_file(tmp_path: Path, suffix: str) -> None:
    entry, other = FORMATS[suffix], make(seed=1)
    path = tmp_path / f"model{suffix}"
    assert MODEL.test_vectors is not None
    wrong = make(seed=0)
    object.__setattr__(wrong, "test_vectors", other.test_vectors)
    entry.save(wrong, path)
    if suffix == ".h" and not shutil.which("gcc"):
        pytest.skip("gcc is not installed")
    with pytest.raises(InputError, match="not kept"):
        entry.verify(wrong if suffix != ".onnx" else other, path)


def test_what_can_not_be_verified_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    receipt = export(MODEL, tmp_path / "model.h")
    assert not receipt.verified
    assert "not verified: there is no C compiler" in receipt.sentence
    assert receipt.size == receipt.path.stat().st_size


def test_onnx_without_its_package_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert "pip install" in refused(tmp_path / "model.onnx")
    (tmp_path / "model.onnx").write_bytes(b"x")
    with pytest.raises(InputError, match="pip install"):
        load(tmp_path / "model.onnx")


def test_an_onnxruntime_that_can_not_be_imported_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnx")
    (tmp_path / "onnxruntime.py").write_text("raise ImportError('numpy.core.multiarray failed to import')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
    receipt = export(MODEL, tmp_path / "model.onnx")
    assert not receipt.verified
    assert receipt.path.exists()
    assert "not verified: onnxruntime is installed but can't be imported (numpy.core" in receipt.sentence


def test_a_package_that_only_this_process_finds_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torch.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    if subprocess.run([sys.executable, "-I", "-c", "import torch"], check=False, capture_output=True).returncode == 0:
        pytest.skip("PyTorch is installed")
    receipt = export(MODEL, tmp_path / "model.pt.py")
    assert receipt.path.exists()
    assert "not verified: a new Python process can't import PyTorch (ModuleNotFoundError" in receipt.sentence


def test_a_python_file_does_not_stand_in_the_way_of_a_module(tmp_path: Path) -> None:
    for name in ("json.py", "numpy.py", "types.py"):
        assert "choose another name" in refused(tmp_path / name)
        with pytest.raises(InputError, match="choose another name"):
            check_path(tmp_path / name)
    export(MODEL, tmp_path / "class.py")
    export(MODEL, tmp_path / "json.pt.py")


def test_the_csv_table_has_every_digit(tmp_path: Path) -> None:
    import pandas as pd

    export(MODEL, tmp_path / "model.csv")
    table = pd.read_csv(tmp_path / "model.csv")
    assert list(table.columns) == ["parameter", "row", "column", "value"]
    for name, value in MODEL.parameters.items():
        part = table[table["parameter"] == name]
        assert np.abs(part["value"].to_numpy().reshape(value.shape) - value).max() < 1e-15
        text = (tmp_path / "model.csv").read_text()
        assert f"{name},0,0,{float(value[0, 0])!r}\n" in text


def test_the_csv_folder_is_replaced_only_if_it_is_ours(tmp_path: Path) -> None:
    target = tmp_path / "model"
    export(MODEL, target)
    assert np.array_equal(np.loadtxt(target / "W1.csv", delimiter=",", ndmin=2), MODEL.parameters["W1"])
    assert "is there already" in refused(target)
    export(make(hidden=()), target, overwrite=True)
    assert sorted(path.name for path in target.iterdir()) == ["W1.csv", "b1.csv"]
    (target / "thesis.txt").write_text("x")
    for overwrite in (False, True):
        assert "'thesis.txt', which is no part of an export; choose another" in refused(target, overwrite=overwrite)
        with pytest.raises(InputError, match="no part of an export"):
            check_path(target, overwrite)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_arrays_that_do_not_lie_in_order_arrive_as_they_are(tmp_path: Path) -> None:
    turned = make()
    object.__setattr__(turned, "parameters", {n: np.asfortranarray(v)[:, :] for n, v in turned.parameters.items()})
    for suffix in (".npz", ".safetensors", ".json"):
        again = load(export(turned, tmp_path / f"model{suffix}").path)
        assert all(np.array_equal(again.parameters[name], value) for name, value in turned.parameters.items())


def test_a_verdict_without_vectors(tmp_path: Path) -> None:
    bare = make()
    object.__setattr__(bare, "test_vectors", None)
    for suffix, entry in FORMATS.items():
        receipt = export(bare, tmp_path / f"model{suffix.rstrip('/')}")
        assert receipt.verified == (suffix in (".npz", ".safetensors", ".json", ".csv", "/"))
        if entry.load:
            assert load(receipt.path).test_vectors is None
