"""What may import what, and what is loaded when."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCREEN = {"textual", "textual_plotext"}
HEAVY = {"sklearn", "scipy", "pandas", "onnx", "onnxruntime", "pyarrow", "h5py", "openpyxl"}
NUMPY_BRINGS = {"numpy", "mkl", "threadpoolctl"}


def loaded(code: str, tmp_path: Path, expected: int = 0) -> set[str]:
    """The packages that a fresh process has loaded after `code`."""
    ending = "import json; open(sys.argv[1], 'w').write(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    result = tmp_path / "modules.json"
    ended = subprocess.run(
        [sys.executable, "-c", f"import sys\ntry:\n    {code}\nfinally:\n    {ending}", str(result)],
        env={**os.environ, "DEEPNET_TUI_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert ended.returncode == expected, ended.stderr
    return set(json.loads(result.read_text()))


def test_the_import_contracts_are_kept() -> None:
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_engine_loads_no_more_than_numpy(tmp_path: Path) -> None:
    before = loaded("import numpy, numpy.random", tmp_path)
    more = loaded("import engine", tmp_path) - before - set(sys.stdlib_module_names)
    assert {name for name in more if not name.startswith("_")} <= {"engine"} | NUMPY_BRINGS


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--help"], SCREEN | HEAVY | {"numpy", "pydantic", "plotext"}),
        (["train", "--help"], SCREEN | HEAVY | {"numpy"}),
        (["datasets"], SCREEN | HEAVY),
        (["runs"], SCREEN | HEAVY),
        (["train", "moons", "--iterations", "3"], SCREEN | {"onnx", "onnxruntime"}),
        (["check", "moons"], SCREEN | HEAVY),
    ],
)
def test_a_command_loads_no_more_than_it_needs(arguments: list[str], unwanted: set[str], tmp_path: Path) -> None:
    found = loaded(f"from deepnet_tui.cli import main; assert main({arguments!r}) == 0", tmp_path)
    assert not found & unwanted


def test_predicting_never_loads_the_screen(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("x1,x2\n0.5,0.25\n-1,0.5\n")
    train = "main(['train', 'moons', '--iterations', '3', '--quiet', '--export', 'm.npz']) == 0"
    predict = "main(['predict', 'm.npz', 'rows.csv']) == 0"
    found = loaded(f"from deepnet_tui.cli import main; assert {train}; assert {predict}", tmp_path)
    assert not found & SCREEN


def test_the_app_starts_without_what_only_data_need(tmp_path: Path) -> None:
    found = loaded("import deepnet_tui.app", tmp_path)
    assert "textual" in found
    assert not found & HEAVY
