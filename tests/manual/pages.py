"""The pages that people read, and the blocks in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *DOCS.rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
BLOCK = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, *languages: str) -> Iterator[str]:
    """The blocks of code in these languages, "" for those that name none."""
    for indent, language, code in BLOCK.findall(text_of(page)):
        if language in languages:
            yield "".join(line.removeprefix(indent) for line in code.splitlines(keepends=True))


def spans(page: Path) -> list[str]:
    """What stands in backquotes within the text."""
    return SPAN.findall(BLOCK.sub("", text_of(page)))
