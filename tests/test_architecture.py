"""What may import what, and what is loaded when."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PRODUCT = ROOT / "deepnet_tui"
SOURCES = [*(ROOT / "engine").rglob("*.py"), *PRODUCT.rglob("*.py")]
SCREEN = {"textual", "textual_plotext"}
HEAVY = {"sklearn", "scipy", "pandas", "onnx", "onnxruntime", "pyarrow", "h5py", "openpyxl", "tensorboard", "mlflow"}
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
    assert not found & (HEAVY | {"numpy"})


def test_every_file_that_the_map_names_exists() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.[a-z]+)?)`", page))
    assert len(named) > 30
    missing = [path for path in sorted(named) if not any((base / path).exists() for base in (ROOT, PRODUCT))]
    assert not missing


def test_no_two_public_classes_share_a_name() -> None:
    owner: dict[str, Path] = {}
    for path in SOURCES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                assert node.name not in owner, f"{node.name}: {owner[node.name]} and {path}"
                owner[node.name] = path


def test_files_and_folders_stay_small() -> None:
    for path in SOURCES:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path
    folders = {path.parent for path in SOURCES}
    crowded = {folder.name: len(list(folder.glob("*.py"))) for folder in folders}
    assert all(count <= 13 for count in crowded.values()), crowded  # a dozen, and __init__.py


def test_every_folder_says_what_it_is_for() -> None:
    for folder in {path.parent for path in SOURCES}:
        docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
        assert docstring, folder
