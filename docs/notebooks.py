"""Runs the cells of the notebooks and keeps their text: `python docs/notebooks.py` writes it into them.

Jupyter is not needed: a cell is code, and what its last line is worth is shown.
"""

from __future__ import annotations

import ast
import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "notebooks"


def run(path: Path) -> dict[str, Any]:
    """The notebook with the outputs of its cells, run one after the other. What a cell raises is raised."""
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(cells, start=1):
        printed, worth = run_cell("".join(cell["source"]), names, f"{path.name}, cell {number}")
        stream = [{"output_type": "stream", "name": "stdout", "text": lines(printed)}] if printed else []
        data = {"text/plain": lines(repr(worth))}
        shown = {"output_type": "execute_result", "execution_count": number, "metadata": {}, "data": data}
        cell["execution_count"], cell["outputs"] = number, stream + ([shown] if worth is not None else [])
    return notebook


def run_cell(source: str, names: dict[str, Any], where: str) -> tuple[str, Any]:
    """What a cell prints, and what its last line is worth if that is an expression."""
    tree = ast.parse(source, where)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(tree, where, "exec"), names)  # noqa: S102 - our own notebook
        worth = eval(compile(ast.Expression(last.value), where, "eval"), names) if last else None  # noqa: S307
    return printed.getvalue(), worth


def lines(text: str) -> list[str]:
    """The text as notebooks keep it."""
    return text.splitlines(keepends=True)


def main() -> None:
    """Run them all and write what they give."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        path.write_text(json.dumps(run(path), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"ran {path}")


if __name__ == "__main__":
    main()
