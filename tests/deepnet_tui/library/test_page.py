"""The examples of docs/library.md run as they stand, in a fresh process that never loads Textual."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "library.md"
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


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    home = {**os.environ, "DEEPNET_TUI_HOME": str(folder / "home")}
    return subprocess.run([sys.executable, "-c", code], cwd=folder, env=home, capture_output=True, text=True)


def test_the_examples_run_and_the_import_is_light(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 6
    code = f"BLOCKS = {blocks!r}\nNOT_FOR_THE_IMPORT = {NOT_FOR_THE_IMPORT!r}\n{SCRIPT}"
    ended = run(code, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.endswith("all ran\n")
    assert "data: there is no column 'chrun'; did you mean 'churn'?" in ended.stdout
    assert {path.name for path in tmp_path.glob("*.*")} == {"churn.npz", "classifier.json"}
    assert not list((tmp_path / "home").rglob("run.json"))
