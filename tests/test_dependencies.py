"""What deepnet-tui depends on: bounds that are tested, licences that are known and permissive."""

from __future__ import annotations

import re
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = {"import-linter", "mypy", "pandas-stubs", "ruff"}  # that look at the code and run none of it


def licences() -> Any:
    spec = spec_from_file_location("licences", ROOT / "docs" / "licences.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_licence_is_known_and_permissive() -> None:
    page, wrong = licences().page()
    assert wrong == []
    assert "| numpy | " in page


@pytest.mark.parametrize(
    ("licence", "fine"),
    [
        ("MIT", True),
        ("Apache-2.0 WITH LLVM-exception AND MIT", True),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("GPL-2.0", False),
        ("", False),
    ],
)
def test_copyleft_and_unknown_licences_are_refused(licence: str, fine: bool) -> None:
    assert licences().is_permissive(licence) == fine


def test_the_lowest_versions_that_are_tested_are_those_that_are_promised() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    extras = re.findall(r"[\w]+", re.search(r"\[(.*)\]", optional["test"][0])[1])  # type: ignore[index]
    lines = [*project["dependencies"], *optional["test"][1:], *(line for extra in extras for line in optional[extra])]
    promised = dict(re.match(r"([\w-]+)[^>]*>=([\d.]+)", line).groups() for line in lines)  # type: ignore[union-attr, misc]
    pinned = dict(
        line.split("==") for line in (ROOT / ".ci" / "lowest.txt").read_text().splitlines() if not line.startswith("#")
    )
    assert promised.keys() - TOOLS == pinned.keys()
    for name, version in pinned.items():
        assert re.match(re.escape(promised[name]) + r"(\.|$)", version), name
