"""TOML in README and manual is read by what reads it in the program; pages and pictures are all in the manual."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from deepnet_tui.config import Config
from deepnet_tui.config import read as read_config
from deepnet_tui.experiment import Experiment
from deepnet_tui.lessons.loader import read as read_lesson
from tests.manual.pages import DOCS, NAMES, PAGES, ROOT, blocks, text_of

FOUND = [(name, block) for name, page in zip(NAMES, PAGES, strict=True) for block in blocks(page, "toml")]
LARGEST = 150_000  # bytes of a picture


@pytest.mark.parametrize(("name", "block"), FOUND, ids=[name for name, _ in FOUND])
def test_the_toml_of_a_page_is_read(name: str, block: str, tmp_path: Path) -> None:
    path = tmp_path / "file.toml"
    path.write_text(block, encoding="utf-8")
    given = tomllib.loads(block)
    if set(given) <= set(Config.__dataclass_fields__):
        read_config(path)
    elif "step" in given:
        assert read_lesson(path).step
    else:
        if "data" not in given:  # a section to be added to an experiment
            path.write_text(f'[data]\nsource = "moons"\n\n{block}', encoding="utf-8")
        assert Experiment.read(path).data.source


def test_every_page_is_in_the_manual() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = set(re.findall(r": ([\w/.-]+\.md)$", text, flags=re.MULTILINE))
    for page in DOCS.rglob("*.md"):
        assert page.relative_to(DOCS).as_posix() in listed, f"{page.name} is not in the nav of mkdocs.yml"


def test_every_picture_is_shown_and_small() -> None:
    shown = " ".join(map(text_of, PAGES))
    for picture in (DOCS / "pictures").glob("*.svg"):
        assert f"pictures/{picture.name})" in shown, picture.name
        text = picture.read_text(encoding="utf-8")
        assert len(text.encode()) <= LARGEST, picture.name
        assert not re.search(r"(?:href|src|url)\W{0,2}http", text), picture.name


def test_every_extra_is_listed_and_no_other() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    rows = text_of(DOCS / "install.md").split("## Extras")[1].split("\n## ")[0]
    first = re.findall(r"^\| (`.*?) \|", rows, flags=re.MULTILINE)
    assert set(re.findall("`([^`]+)`", " ".join(first))) == set(extras) - {"dev"}
