"""Paths are completed while they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepnet_tui.data.path_completion import common_completion, matching_paths, size_text


def test_paths_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for name in ("data/train_a.csv", "data/train_b.parquet", "data/.hidden.csv", "data/notes.pdf"):
        (tmp_path / name).write_bytes(b"x" * 1500)
    assert [one.text for one in matching_paths("d")] == ["data/"]
    assert [one.name for one in matching_paths("data/")] == ["train_a.csv", "train_b.parquet"]
    assert [one.name for one in matching_paths("data/.")] == [".hidden.csv"]
    assert common_completion("data/t", matching_paths("data/t")) == "data/train_"
    assert common_completion("data/x", matching_paths("data/x")) == "data/x"
    assert matching_paths("nowhere/") == ()
    assert matching_paths("\0") == ()
    assert size_text(1500) == "1.5 kB"
