"""Many rows at once are the same text as row by row, whether pyarrow is there or not."""

from __future__ import annotations

import io
import sys

import numpy as np
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepnet_tui.common.formats.csv_text import CsvWriter
from deepnet_tui.predict.csv_lines import CsvLines

LABELS = ["yes", "no", "", "a,b", 'say "x"', "=1+1", "-3", " blank ", "two\nlines", "Ünï", "'"]
numbers = st.floats(allow_nan=True, allow_infinity=True) | st.floats(0.0, 1.0) | st.floats(0.0, 1.0, width=32)
numbers |= st.sampled_from([0.0, -0.0, 1.0, 1e-4, 9.999e-5, 1e9, 999999999.5, 1e15, 1e16, 1e22, 5e-324, 123456.0])


def row_by_row(labels: list[str] | None, values: np.ndarray, safe: bool) -> str:
    text = io.StringIO()
    writer = CsvWriter(text, safe=safe)
    for place, row in enumerate(values.tolist()):
        writer.row([*([] if labels is None else [labels[place]]), *map(repr, row)])
    return text.getvalue()


@settings(max_examples=30, deadline=None)
@given(
    rows=st.lists(st.tuples(st.sampled_from(LABELS), numbers, numbers), max_size=12),
    safe=st.booleans(),
    labelled=st.booleans(),
)
def test_it_is_the_same_text(rows: list[tuple[str, float, float]], safe: bool, labelled: bool) -> None:
    values = np.array([row[1:] for row in rows], np.float64).reshape(len(rows), 2)
    labels = [row[0] for row in rows] if labelled else None
    array = None if labels is None else np.array(labels, dtype=object)
    expected = row_by_row(labels, values, safe)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pyarrow", pyarrow)
        assert CsvLines(safe=safe).text(array, values) == expected
        patch.delitem(sys.modules, "pyarrow")
        assert CsvLines(safe=safe).text(array, values) == expected


def test_many_probabilities_have_the_same_digits() -> None:
    drawn = np.random.default_rng(3)
    values = np.concatenate([drawn.random(20_000), drawn.normal(size=10_000) * 10.0 ** drawn.integers(-9, 12, 10_000)])
    assert CsvLines(safe=False).text(None, values[:, np.newaxis]) == "".join(f"{v!r}\n" for v in values.tolist())
