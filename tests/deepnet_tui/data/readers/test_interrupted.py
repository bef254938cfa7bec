"""Ctrl-C while a table is read is no fault of the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepnet_tui.data.readers import text_pieces
from deepnet_tui.data.readers.registry import read
from deepnet_tui.data.settings import DataSettings


def test_ctrl_c_while_a_table_is_read_stays_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 200_000)

    def interrupted(self: object, size: int) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(text_pieces._CheckedText, "_read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read(path, DataSettings(source=str(path)))
