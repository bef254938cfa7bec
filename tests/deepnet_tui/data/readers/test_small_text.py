"""Small tables are read without pandas, and give what they give with it, to the last bit."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.readers import text
from deepnet_tui.data.readers.registry import read
from deepnet_tui.data.readers.small_text import read_small
from deepnet_tui.data.readers.table import Table
from deepnet_tui.data.readers.text_dialect import find_dialect
from deepnet_tui.data.schema.inference import words_of
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.data.values.word_column import WordColumn

WORDS = ["red", "Blue", "a b", "x", "Ünï", "NA", "None", "null", "nan", "NaN", "N/A", "?", "", "true", "False", "yes"]
WORDS += ["2024-01-31", "31.12.2024", "$5", "€1,5", "50%", "(3)", "1e", "--5", "+", "-", ".", "e5", "0x10", "1_000"]
WORDS += [
    "inf",
    "-Infinity",
    "01",
    "007",
    "0",
    "-0",
    "+5",
    " 7",
    "8 ",
    '"q"',
    '"a,b"',
    '"a;b"',
    '"01"',
    '""',
    'a"b',
    "'",
]
WORDS += ["9007199254740993", "123456789012345678", "12345678901234567890", "1e400", "1e-400", "#1", "%", "\t", "1,5"]
numerals = st.one_of(
    st.integers(-(10**6), 10**6).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(-1e6, 1e6).map(lambda x: f"{x:.3f}"),
    st.floats(-1e6, 1e6).map(lambda x: f"{x:.20f}"),
    st.sampled_from(["1.", ".5", "1E5", "1e+05", "-0.0", "0.10", "12", ""]),
)
cells = st.sampled_from(WORDS) | numerals
columns = st.one_of(
    st.lists(numerals, min_size=12, max_size=12),
    st.lists(st.sampled_from(WORDS), min_size=12, max_size=12),
    st.tuples(st.lists(numerals, min_size=12, max_size=12), cells, st.integers(0, 11)).map(
        lambda drawn: [*drawn[0][: drawn[2]], drawn[1], *drawn[0][drawn[2] + 1 :]]
    ),
)


def outcome(path: Path, **given_: Any) -> tuple[Table | None, str]:
    """The table, or what is said about the file instead."""
    try:
        return read(path, DataSettings(source=str(path), **given_)), ""
    except InputError as error:
        return None, str(error)


def assert_same(ours: Any, theirs: Any) -> None:
    assert len(ours) == len(theirs)
    if hasattr(theirs, "cat"):
        assert [*map(str, ours.cat.categories)] == [*map(str, theirs.cat.categories)]
        assert ours.cat.codes.tolist() == theirs.cat.codes.tolist()
    else:
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(np.asarray(ours).view(np.int64), np.asarray(theirs).view(np.int64))
    a, b = words_of(ours), words_of(theirs)
    assert a.words == b.words
    assert a.codes.tolist() == b.codes.tolist()


def compare(path: Path, monkeypatch: pytest.MonkeyPatch, **given_: Any) -> bool:
    """Read the file both ways, and give whether it was read without pandas."""
    table, said = outcome(path, **given_)
    with monkeypatch.context() as changed:
        changed.setattr(text, "read_small", lambda *_: None)
        expected, also_said = outcome(path, **given_)
    assert said == also_said
    if table is None or expected is None:
        return False
    assert [*table.columns] == [*expected.columns]
    for name, values in table.columns.items():
        assert_same(values, expected.columns[name])
    assert (table.notes, table.units, table.decimal) == (expected.notes, expected.units, expected.decimal)
    return not any(hasattr(values, "iloc") for values in table.columns.values())


@settings(deadline=None, max_examples=60)
@given(
    st.lists(columns, min_size=1, max_size=4),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", " "]),
    st.booleans(),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    st.none() | st.sampled_from(["", "red,NA", "7"]),
)
def test_it_gives_what_pandas_gives(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: list[list[str]],
    mark: str,
    end: str,
    space: str,
    last_end: bool,
    encoding: str,
    missing: str | None,
) -> None:
    path = tmp_path_factory.getbasetemp() / "small.csv"
    lines = [f"{mark}{space}".join(row) for row in zip(*drawn, strict=True)]
    names = mark.join(f"c{number}" for number in range(len(drawn)))
    path.write_bytes((end.join([names, *lines]) + end * last_end).encode(encoding, "replace"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        compare(path, monkeypatch, missing=missing)


def test_ordinary_tables_are_read_without_pandas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = random.Random(1)  # noqa: S311  no secret
    path = tmp_path / "t.csv"
    head = 'age,income,"town, or none",member,code,share'
    towns = ("Oslo", '"Bern, West"', "Graz", "", "NA", '"Oslo"')
    lines = [
        f"{drawn.randint(18, 80)},{drawn.gauss(3e3, 8e2)!r},{drawn.choice(towns)},{drawn.choice(('yes', 'no'))},"
        f"{drawn.randint(0, 99):03},{drawn.choice(('0.5', '', '1', 'nan'))}"
        for _ in range(400)
    ]
    path.write_text("\n".join([head, *lines]) + "\n")
    assert compare(path, monkeypatch)
    table, _ = outcome(path)
    assert table is not None
    assert [np.asarray(values).dtype.kind for values in table.columns.values()] == [*"ifOOOf"]


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,2\n\n3,4\n",
        "# remark\na,b\n1,2\n",
        "a,b\n1,2,\n3,4,\n",
        "a,b\n1\n2,3\n",
        'a,b\n"1\n2",3\n',
        'a,b\n"say ""so""",3\n',
        "a;b\n1,5;2\n3,5;4\n",
        "a b\n1 2\n3 4\n",
        "a,b\n1 ,2\n",
        "a,b\n inf,2\ninf,3\n",
        "a,b\n",
        "1,2\n3,4\n",
    ],
)
def test_whatever_is_not_simple_is_read_as_before(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(content)
    compare(path, monkeypatch)


def test_large_tables_are_left_to_pandas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepnet_tui.data.readers.small_text.LARGEST", 20)
    for rows, small in ((2, True), (5, False)):
        path = tmp_path / "t.csv"
        path.write_text("a,b\n" + "1,2\n" * rows)
        found = read_small(path, find_dialect(path, DataSettings(source=str(path))), ())
        assert (found is not None) == small


def test_rows_of_a_column_of_words() -> None:
    column = WordColumn.of(["b", "a", "", "b"], frozenset([""]))
    assert column[0] == "b"
    assert np.isnan(column[2])
    assert [*map(str, np.asarray(column[1:]))] == ["a", "nan", "b"]
    assert column.set_categories(["b"]).codes.tolist() == [0, -1, -1, 0]


def test_a_strange_quote_after_many_blanks_takes_no_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ",".join(f"c{number}" for number in range(60))
    path = tmp_path / "t.csv"
    path.write_text(f"{names}\n" + ", ".join(["a"] * 59) + ', "b"c\n' + ", ".join(["d"] * 60) + "\n")
    compare(path, monkeypatch)
