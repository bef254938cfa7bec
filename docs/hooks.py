"""What MkDocs is told beside mkdocs.yml: pages that lie outside of docs/, code from its file, notebooks as pages.

The pages of docs/ are written to be read as files, too, so this keeps what works there and adds to it:

- `CONTRIBUTING.md` and the like become pages, and links to them, relative as everywhere, lead there;
- the path of a file of ours in backquotes leads to a page with its code;
- `<!-- code: engine/reference.py adam momentum -->` becomes the source of these functions, folded;
- a notebook of docs/notebooks becomes a page.
"""

from __future__ import annotations

import ast
import json
import posixpath
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
OUTSIDE = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "README.md": "index.md",
    "LICENSE": "source/LICENSE.md",
    **{
        f"benchmarks/results/{page.name}": f"results/{page.name}" for page in (ROOT / "benchmarks/results").glob("*.md")
    },
}
ELSEWHERE = re.compile(r"<(?:script|img|iframe|link(?! rel=\"?canonical))\b[^>]*(?:src|href)=\"?(?:https?:)?//[^>]*>")
SOURCES = ("engine/", "deepnet_tui/", "benchmarks/", "tests/", "docs/examples/", ".ci/")
LINK = re.compile(r"(!?\[[^\]]*\]\()([^)#\s]+)([^)]*\))")
SPAN = re.compile(r"(?<![`\[])`([\w.-]+(?:/[\w.-]+)+)`(?!`)")
CODE = re.compile(r"^<!-- code: (\S+) ([\w ]+?) -->$", re.MULTILINE)
FENCE = re.compile(r"^(```.*?^```$|    .*?$)", re.DOTALL | re.MULTILINE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made."""
    for path, page in OUTSIDE.items():
        if page.startswith("source/"):
            files.append(File.generated(config, page, content=listing(path)))
        elif page != "index.md":
            files.append(File.generated(config, page, content=(ROOT / path).read_text(encoding="utf-8")))
    for picture in sorted((ROOT / "benchmarks/results").glob("*.svg")):
        files.append(File.generated(config, f"results/{picture.name}", content=picture.read_bytes()))
    for notebook in sorted((ROOT / "docs/notebooks").glob("*.ipynb")):
        files.append(File.generated(config, f"notebooks/{notebook.stem}.md", content=notebook_page(notebook)))
    for path in sorted(set(mentioned(files))):
        files.append(File.generated(config, code_page(path), content=listing(path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Rewrite what leads out of docs/, and bring in the code."""
    uri = page.file.src_uri
    if uri.startswith("source/"):
        return markdown
    origin = next((path for path, other in OUTSIDE.items() if other == uri and uri != "index.md"), f"docs/{uri}")
    folder, here = posixpath.dirname(origin), posixpath.dirname(uri)

    def led(link: re.Match[str]) -> str:
        before, target, after = link.groups()
        if ":" in target or target.startswith("<"):
            return link[0]
        there = posixpath.normpath(posixpath.join(folder, target))
        if there in OUTSIDE:
            there = OUTSIDE[there]
        elif there.startswith("docs/"):
            there = there.removeprefix("docs/")
        elif there.startswith("benchmarks/results/"):
            there = there.removeprefix("benchmarks/")
        elif is_source(there):
            there = code_page(there)
        else:
            return link[0]
        return before + posixpath.relpath(there, here or ".") + after

    def listed(span: re.Match[str]) -> str:
        path = resolved(span[1])
        if path is None:
            return span[0]
        return f"[{span[0]}]({posixpath.relpath(code_page(path), here or '.')})"

    return CODE.sub(shown, outside_of_code(markdown, lambda text: SPAN.sub(listed, LINK.sub(led, text))))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Raises PluginError for a page that loads something from another host."""
    if found := ELSEWHERE.search(output):
        raise PluginError(f"{page.file.src_uri} asks another host: {found[0]}")
    return output


def outside_of_code(markdown: str, change: Any) -> str:
    """The text with everything changed but blocks of code."""
    parts, at = [], 0
    for block in FENCE.finditer(markdown):
        parts += [change(markdown[at : block.start()]), block[0]]
        at = block.end()
    return "".join([*parts, change(markdown[at:])])


def mentioned(files: Files) -> Iterator[str]:
    """The files of ours that pages name in backquotes or link to."""
    for file in files.documentation_pages():
        text = file.content_string
        for span in SPAN.finditer(text):
            if (path := resolved(span[1])) is not None:
                yield path
        for link in LINK.finditer(text):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(f"docs/{file.src_uri}"), link[2]))
            if is_source(path) and not path.startswith("docs/"):
                yield path


@cache
def resolved(span: str) -> str | None:
    """The file that is meant: some pages leave out the name of the package."""
    for path in (span, f"deepnet_tui/{span}"):
        if is_source(path):
            return path
    return None


def is_source(path: str) -> bool:
    """Whether this is a file of ours with text, outside of the pages."""
    return path.startswith(SOURCES) and not path.endswith((".md", ".svg", ".json")) and (ROOT / path).is_file()


def code_page(path: str) -> str:
    """Where a file's code is shown; MkDocs leaves out names that begin with a dot."""
    return f"source/{path.removeprefix('.')}.md"


def listing(path: str) -> str:
    """A page with a file's text."""
    text = (ROOT / path).read_text(encoding="utf-8").rstrip("\n")
    language = {".py": "python", ".toml": "toml", ".js": "javascript"}.get(Path(path).suffix, "text")
    return f'---\nsearch:\n  exclude: true\n---\n\n# {path}\n\n````{language} linenums="1"\n{text}\n````\n'


def shown(marker: re.Match[str]) -> str:
    """The source of the functions that a marker names."""
    path, names = marker[1], marker[2].split()
    source = "\n\n\n".join(function(path, name) for name in names)
    inside = "\n".join(f"    {line}".rstrip() for line in f"```python\n{source}\n```".splitlines())
    return f'??? example "{", ".join(names)} in {path}"\n\n{inside}\n'


@cache
def function(path: str, name: str) -> str:
    """The source of one function, class or value of a file. Raises KeyError if there is none of this name."""
    text = (ROOT / path).read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        names = {getattr(node, "name", ""), *(getattr(target, "id", "") for target in targets)}
        if name in names:
            return ast.get_source_segment(text, node) or ""
    raise KeyError(f"{path} has no {name}")


def notebook_page(path: Path) -> str:
    """A notebook's cells and the outputs that are kept in it."""
    parts = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        for output in cell["outputs"]:
            text = "".join(output.get("text", output.get("data", {}).get("text/plain", "")))
            parts.append(f"```text\n{text.rstrip()}\n```")
    parts.insert(1, f"This page is the notebook [{path.name}]({path.name}); the tests run its cells.")
    return "\n\n".join(parts) + "\n"
