"""What is looked at byte by byte in a large text, and columns that are joined piece by piece."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepnet_tui.data.readers import text_pieces
from deepnet_tui.data.readers.registry import read
from deepnet_tui.data.readers.text_pieces import _perhaps_zeros_and_blanks
from deepnet_tui.data.settings import DataSettings


@settings(max_examples=150, deadline=None)
@given(
    text=st.text(st.sampled_from('0015,;| \t\r\n"x.-é٣§'), max_size=14),
    mark=st.sampled_from([",", ";", "|", "\t", "§"]),
)
def test_no_zero_and_no_blank_line_is_overlooked(text: str, mark: str) -> None:
    text = "\n" + text
    zeros, blanks = _perhaps_zeros_and_blanks(text, mark)
    cell = rf"0\d+(?=\s*(?:$|[\r\n{re.escape(mark)}]))"
    if re.search(rf'(?:{re.escape(mark)} *|\n *|\r *){cell}|"0\d+"', text):
        assert zeros
    if re.search(r"\n[ \t]*\r?\n[^\r\n]|\r[ \t]*\r[^\r\n]", text):
        assert blanks


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        (["1", "2", "3", "4", "5"], np.int64),
        (["1", "2", "3", "4", "0.5"], np.float64),
        (["0.5", "2", "3", "", "5"], np.float64),
    ],
)
def test_pieces_of_a_column_are_one_array(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: list[str], dtype: type
) -> None:
    path = tmp_path / "numbers.csv"
    lines = [f"{cell},{place}.5,{'ab'[place % 2]}" for place, cell in enumerate(cells)]
    path.write_text("\n".join(["x,z,word", *lines]) + "\n")
    monkeypatch.setattr("deepnet_tui.data.readers.text.read_small", lambda *_: None)
    whole = read(path, DataSettings(source=str(path)))
    monkeypatch.setattr(text_pieces, "ROWS", 2)
    pieces = read(path, DataSettings(source=str(path)))
    for name in ("x", "z", "word"):
        assert whole.columns[name].dtype == pieces.columns[name].dtype
        assert str(whole.columns[name].tolist()) == str(pieces.columns[name].tolist())
    assert pieces.columns["z"].tolist() == [place + 0.5 for place in range(len(cells))]
    assert pieces.columns["x"].dtype == dtype
