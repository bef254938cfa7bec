"""Nothing is lost when an export fails, and a wrong file is noticed."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.export import FORMATS, Format, export, load
from tests.deepnet_tui.export.files.refusal import MODEL, refused
from tests.deepnet_tui.export.models import make


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
    root = Path(__file__).parents[4]
    ran = subprocess.run(
        [sys.executable, "-c", SCARCE, str(tmp_path)], cwd=root, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


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
