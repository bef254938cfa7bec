"""Names can't break out of the files that the program writes: each is read by the real reader of its format, and says
the same names."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deepnet_tui.common.formats.markdown_text import plain
from deepnet_tui.common.text import printable
from deepnet_tui.data.preparation.entries import Categorical, Entry, Numeric
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.experiment import Experiment
from deepnet_tui.export import load
from deepnet_tui.export.registry import FORMATS
from deepnet_tui.library.notebook import heading, lines
from deepnet_tui.model import Model
from deepnet_tui.report.document import Paragraph, Remarks, Report, Section, TableBlock
from deepnet_tui.report.html import html
from deepnet_tui.report.markdown import markdown
from deepnet_tui.report.svg.picture import Picture, words
from deepnet_tui.trackers.tensorboard_log import _table
from tests.deepnet_tui.export.models import make

PIECES = (
    '"', "'", '"""', "'''", "\\", "\\\\", "*/", "/*", "//", "//\\", "??/", "??'", "??=", "\\u000a", "\\x22", "\\N{LF}",
    "\n", "\r", "\r\n", "\t", "\x0b", "\x0c", "\x00", "\x1b[31m", "\u2028", "\x85", "\u202e", "#", "#define x", "%s%n",
    "{0}", "{name}", "$(x)", "`", "```", "|", "\\|", "](x)", "![x](http://y)", "<!--", "-->", "--", "]]>", "<![CDATA[",
    "</script>", "<script>", "</title>", "&amp;", "&", "<", ">", ".TH", ".\n.SH x", "=1+1", "[bold]", "é", "字", "a",
    '");system("x', "*/ int x; /*", "'''+exit()+'''", "'];", "0",
)  # fmt: skip
NAME = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join)
NAMES = st.lists(NAME.filter(lambda name: name == name.strip() and name), min_size=8, max_size=8, unique=True)
EVERY = [piece for piece in PIECES if piece == piece.strip() and piece]
FEW = settings(max_examples=6)


@cache
def numbered(count: int) -> Model:
    """A model with so many plain columns, whose names are exchanged."""
    names = [f"n{place}" for place in range(count - 5)]
    entries: tuple[Entry, ...] = (*(Numeric(name) for name in names), Categorical("c", ("p", "q")))
    return make(preparation=Preparation(entries), rows=({**dict.fromkeys(names, 1.0), "c": "p"},))


def model(names: list[str]) -> Model:
    """A model whose columns, words, classes and target have these names."""
    *columns, category, word, other, no, target = names
    both = tuple(sorted((word, other)))
    entries: tuple[Entry, ...] = (*(Numeric(name) for name in columns), Categorical(category, both))
    made = numbered(len(names))
    changed = {"preparation": Preparation(entries), "classes": (no, no + "!"), "target": target, "test_vectors": None}
    return Model(**{**vars(made), **changed})


def written(names: list[str], suffix: str) -> bytes:
    """The file of the format, which is not checked while it is written."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"m{suffix}"
        FORMATS[suffix].save(model(names), path)
        return path.read_bytes()


@FEW
@given(NAMES)
@example(EVERY)
def test_python_files(names: list[str]) -> None:
    for suffix in (".py", ".pt.py"):
        tree = ast.parse(written(names, suffix).decode("utf-8"))
        (text,) = [
            node.value.args[0].value  # type: ignore[attr-defined]
            for node in tree.body
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "MODEL"
        ]
        document = json.loads(text)
        assert [entry["name"] for entry in document["preparation"]["entries"]] == names[:-4]
        assert document["classes"] == [names[-2], names[-2] + "!"]
        assert document["target"] == names[-1]


SHOW = """
#include <stdio.h>
#include "m.h"
int main(void) {
    fwrite(deepnet_target, 1, strlen(deepnet_target) + 1, stdout);
    for (int k = 0; k < DEEPNET_COLUMNS; k++) fwrite(deepnet_columns[k], 1, strlen(deepnet_columns[k]) + 1, stdout);
    for (int k = 0; k < DEEPNET_CLASSES; k++) fwrite(deepnet_labels[k], 1, strlen(deepnet_labels[k]) + 1, stdout);
    return 0;
}
"""
STRICT = ("gcc", "-std=c99", "-Wall", "-Wextra", "-Wtrigraphs", "-Wcomment", "-Werror", "-Wno-unused-function")


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")
@settings(max_examples=2)
@given(NAMES.filter(lambda names: "\x00" not in "".join(names)))
@example([piece for piece in EVERY if "\x00" not in piece])
def test_c_headers(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "m.h").write_bytes(written(names, ".h"))
        (folder / "m.c").write_text("#include <string.h>" + SHOW)
        unused = "-Wno-unused-variable"
        subprocess.run([*STRICT, unused, "-o", "m", "m.c", "-lm"], cwd=folder, check=True, capture_output=True)
        said = subprocess.run(["./m"], cwd=folder, check=True, capture_output=True).stdout
    found = said.decode("utf-8").split("\0")[:-1]
    assert found == [names[-1], *names[:-4], names[-2], names[-2] + "!"]


@FEW
@given(NAMES)
@example(EVERY)
def test_whole_models(names: list[str]) -> None:
    pytest.importorskip("onnx")
    made = model(names)
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".json", ".npz", ".safetensors", ".onnx"):
            path = Path(folder) / f"m{suffix}"
            FORMATS[suffix].save(made, path)
            copy = load(path)
            assert copy.preparation == made.preparation
            assert (copy.classes, copy.target) == (made.classes, made.target)


@FEW
@given(NAMES)
@example(EVERY)
def test_experiments(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "e.toml"
        source = str(Path(folder) / "data.csv")
        Path(source).touch()
        columns = {name: {"role": "ignored"} for name in names[1:]}
        made = Experiment.default("moons").replace("data", source=source, target=names[0], columns=columns)
        made.write(path)
        copy = Experiment.read(path)
    assert copy.data.target == names[0]
    assert list(copy.data.columns) == names[1:]


class Reader(HTMLParser):
    """What is in a page: tags, attributes, and the words of table cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.comments: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def report(names: list[str]) -> Report:
    picture = Picture(100, 100, names[0], words(0, 0, names[1]))
    from deepnet_tui.report.document import Figure

    blocks = (
        Paragraph(names[2]),
        Remarks((names[3],), "warning"),
        TableBlock((names[4], "b"), ((names[5], names[6]),)),
        Figure(picture, names[7]),
    )
    return Report(names[0], names[1], ((names[2], names[3]),), (Section(names[4], blocks),))


@FEW
@given(NAMES)
@example(EVERY)
def test_pages_and_pictures(names: list[str]) -> None:
    plainest = Reader(html(report(["a"] * 8)))
    for text, innocent in (
        (html(report(names)), plainest),
        ("".join([heading(names[0], names[1]), lines(names)]), Reader(heading("a", "b") + lines(["a"]))),
    ):
        found = Reader(text)
        assert found.tags <= innocent.tags
        assert found.attributes <= innocent.attributes
        assert found.comments == innocent.comments
    said = Reader(html(report(names))).words
    assert all(printable(name) in said for name in names[:8])
    for name in names:
        tree = ET.fromstring(Picture(100, 100, name, words(0, 0, name)).standalone())  # noqa: S314  our own text
        texts = [node.text for node in tree.iter() if node.tag.endswith(("}text", "}title"))]
        assert texts == [printable(name)] * 2


@FEW
@given(NAMES)
@example(EVERY)
def test_markdown(names: list[str]) -> None:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    for text in (_table({name: name for name in names}), markdown(report(names))):
        tokens = reader.parse(text)
        rows = [token for token in tokens if token.type == "tr_open"]
        cells = [place for place, token in enumerate(tokens) if token.type in ("td_open", "th_open")]
        assert len(cells) == 2 * len(rows)
        inner = [child.type for token in tokens for child in token.children or ()]
        assert set(inner) <= {"text", "strong_open", "strong_close", "softbreak", "image"}
        assert inner.count("image") == ("![" in text and text.startswith("# "))
        assert not {"html_block", "fence", "code_block"} & {token.type for token in tokens}
    for name in names:
        (_, inline, _) = reader.parse(f"x {plain(name)}")
        assert "".join(child.content for child in inline.children or ()) == f"x {printable(name)}"
