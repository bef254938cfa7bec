"""The examples of docs/library.md and of the README run as they stand, in a fresh process that never loads Textual."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE, README = ROOT / "docs" / "library.md", ROOT / "README.md"
NOT_FOR_THE_IMPORT = {"numpy", "pandas", "sklearn", "scipy", "pydantic", "textual", "rich", "typer", "engine"}

SCRIPT = """
import sys
import deepnet_tui
loaded = {name.partition('.')[0] for name in sys.modules}
assert not loaded & NOT_FOR_THE_IMPORT, loaded & NOT_FOR_THE_IMPORT
import deepnet_tui.experiment.table_defaults as defaults
defaults.FEWEST = defaults.EPOCHS = 40  # the defaults of a table would take their time
for block in BLOCKS:
    exec(compile(block, 'library.md', 'exec'), globals())
assert 'textual' not in sys.modules
print('all ran')
"""


def blocks_of(page: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    home = {**os.environ, "DEEPNET_TUI_HOME": str(folder / "home")}
    return subprocess.run([sys.executable, "-c", code], cwd=folder, env=home, capture_output=True, text=True)


def test_the_examples_run_and_the_import_is_light(tmp_path: Path) -> None:
    blocks = blocks_of(PAGE)
    assert len(blocks) == 6
    blocks += [block for block in blocks_of(README) if "import deepnet_tui" in block]
    code = f"BLOCKS = {blocks!r}\nNOT_FOR_THE_IMPORT = {NOT_FOR_THE_IMPORT!r}\n{SCRIPT}"
    ended = run(code, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.endswith("all ran\n")
    assert "data: there is no column 'chrun'; did you mean 'churn'?" in ended.stdout
    assert {"churn.npz", "classifier.json"} <= {path.name for path in tmp_path.glob("*.*")}
    assert not list((tmp_path / "home").rglob("run.json"))
