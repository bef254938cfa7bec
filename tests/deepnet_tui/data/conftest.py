"""Where the tests find the larger real files, which are not part of the project."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.data.settings import DataSettings


@pytest.fixture
def shared() -> Callable[[str], Path]:
    """The path of a real file; skips the test where it is not there."""

    def find(name: str) -> Path:
        beside = Path(__file__).parents[4] / "shared" / "data"
        path = Path(os.environ.get("DEEPNET_SHARED_DATA", beside)) / name
        if not path.is_file():
            pytest.skip(f"{name} is not there; DEEPNET_SHARED_DATA names the folder that holds it")
        return path

    return find


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Dataset]:
    """Write a CSV file and load it."""

    def make(text: str, target: str | None = "y", name: str = "table.csv", **settings: object) -> Dataset:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return load(DataSettings.model_validate({"source": str(path), "target": target, **settings}))

    return make
