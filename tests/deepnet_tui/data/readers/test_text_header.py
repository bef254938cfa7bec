"""Where a text table begins: what stands above it, comment lines, names that occur twice, cells too many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.readers import text_pieces
from deepnet_tui.data.readers.text_header import distinct_names, table_lines, wide_encoding
from tests.deepnet_tui.data.readers.tables import table_of

BODY = "a,b,y\n1,2.5,p\n3,4.5,q\n5,,p\n"


def read(folder: Path, text: str, **settings: object) -> dict[str, list[object]]:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return {name: list(values) for name, values in table_of(path, **settings).columns.items()}


def same_as_body(folder: Path, text: str, **settings: object) -> None:
    found, wanted = read(folder, text, **settings), read(folder, BODY)
    assert {name: list(map(str, values)) for name, values in found.items()} == {
        name: list(map(str, values)) for name, values in wanted.items()
    }


@pytest.mark.parametrize(
    "above",
    [
        "sep=,\n",
        '"sep=,"\r\n',
        "# made by\n",
        "# made by\n#\n\n# 2024\n",
        "% one\n",
        "// one, two\n// three, four\n",
        "Station 7\n",
        "Station 7\n\nfrom, to\n\n",
        "sep=,\nStation 7\n",
        "# made by\nStation 7\nroom\n",
    ],
)
def test_what_stands_above_the_header_is_skipped(above: str, tmp_path: Path) -> None:
    same_as_body(tmp_path, above + BODY)
    same_as_body(tmp_path, (above + BODY).replace("\r\n", "\n").replace("\n", "\r\n"))
    same_as_body(tmp_path, "\ufeff" + above + BODY)


@pytest.mark.parametrize("rows", [1, 2, 20_000])
def test_comments_between_the_rows_are_skipped_in_every_piece(
    rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_pieces, "ROWS", rows)
    lines = BODY.splitlines(keepends=True)
    same_as_body(tmp_path, "# top\n" + "# again, with, more\n".join(lines) + "# end")
    same_as_body(tmp_path, "// again\n".join(lines), comment="//")


def test_a_comment_mark_between_quotes_or_within_a_line_is_text(tmp_path: Path) -> None:
    text = '# top\na,b\n1,"x\n# no comment\ny"\n2,#5\n'
    found = read(tmp_path, text)
    assert found == {"a": [1, 2], "b": ["x\n# no comment\ny", "#5"]}


def test_the_last_comment_line_may_hold_the_names(tmp_path: Path) -> None:
    assert read(tmp_path, "# probe 7\n# x y\n1 2\n3 4\n") == {"x": [1, 3], "y": [2, 4]}
    assert read(tmp_path, "# x,y\n1,2\n3,4\n") == {"x": [1, 3], "y": [2, 4]}
    assert list(read(tmp_path, "#x,y\n1,2\n3,4\n")) == ["#x", "y"], "a single name may begin so"
    assert list(read(tmp_path, "# note\n1,2\n3,4\n")) == ["column1", "column2"]
    assert list(read(tmp_path, "#id,name\nx1,bob\nx2,al\n")) == ["#id", "name"]
    assert list(read(tmp_path, "#made,by\nx,y\n1,2\n")) == ["x", "y"]
    assert list(read(tmp_path, "#made,by\nx,y\n1,2\n", comment="")) == ["#made", "by"]
    assert read(tmp_path, "# note\nword\na\nb\n") == {"word": ["a", "b"]}


def test_lines_that_no_rule_finds_are_skipped_by_number(tmp_path: Path) -> None:
    above = "one, two, three\nfour, five, six\n"
    same_as_body(tmp_path, above + BODY, skip=2)
    same_as_body(tmp_path, "sep=;\n" + BODY, skip=1)
    assert list(read(tmp_path, BODY, skip=0)) == ["a", "b", "y"]
    assert list(read(tmp_path, BODY, skip=1)) == ["1", "2.5", "p"]


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("Report\nx,y\n1,2\n# later\n3,4\n", {"skip": 1}, r"row 2: 1 value .* if it is a comment: --comment '#'"),
        ("Report\np,q\nr,s\n", {}, "row 1: 2 values where the header has 1 name; .*--skip"),
        (BODY, {"skip": 9}, "without 9 lines there is no header"),
        ("#a\n#b\n", {"comment": "#"}, "without lines that begin with '#' there is no header"),
        (BODY, {"comment": "# "}, "a comment mark has no quotes, line ends or blanks"),
        ("a,b\n1,2,\n3,4,5\n", {}, "row 2: 3 values where the header has 2 names"),
        ("a,b\n" + "1,2,\n" * 90_000 + "3,4,5\n", {}, "row 90,001: 3 values where the header has 2 names"),
        ("a,b\n" + "1,2,\n" * 90_000 + "3\n", {}, "row 90,001: 1 value where the header has 2 names"),
    ],
)
def test_what_can_not_be_read_says_which_option_helps(
    text: str, settings: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, text, **settings)


def test_empty_cells_too_many_are_no_cells(tmp_path: Path) -> None:
    lines = BODY.splitlines()
    for ends in ([",", ",", ","], ["", ",", ",,"], [",,,", "", ""], [", ", ",", ""]):
        rows = [line + end for line, end in zip(lines[1:], ends, strict=True)]
        same_as_body(tmp_path, "\n".join([lines[0], *rows]) + "\n")


def test_names_that_occur_twice_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("A,A,A.1,A,\n1,2,3,4,5\n6,7,8,9,10\n")
    table = table_of(path)
    assert list(table.columns) == ["A", "A.2", "A.1", "A.3", "column5"]
    assert [list(values) for values in table.columns.values()] == [[1, 6], [2, 7], [3, 8], [4, 9], [5, 10]]
    assert "2 columns with a name that occurs before are called 'A.2', 'A.3'." in table.notes


@given(st.lists(st.sampled_from(["a", "b", "a.1", "a.2", "a.1.1"]), max_size=12))
def test_distinct_names_are_distinct_and_the_first_of_each_stays(names: list[str]) -> None:
    found = distinct_names(names)
    assert len(set(found)) == len(names) == len(found)
    for name in set(names):
        assert found[names.index(name)] == name
    assert distinct_names(found) == found


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=40))
def test_utf_16_is_told_from_other_encodings(words: str) -> None:
    text = f"name,value\n{words},1\n" * 3 + "end,2\n" * 20
    for encoding in ("utf-16-le", "utf-16-be"):
        if not any(0 in (ord(char) & 255, ord(char) >> 8) and ord(char) > 255 for char in text) and text.isascii():
            assert wide_encoding(text.encode(encoding)) == encoding
    assert wide_encoding(text.encode("utf-8")) == ""
    assert wide_encoding(bytes(range(256)) * 4) == ""
    assert wide_encoding(np.arange(200).tobytes()) == ""


@given(st.lists(st.sampled_from(["#x\n", "a\n", '"\n', "\n", 'b"#\n']), max_size=12), st.integers(0, 4))
def test_lines_are_only_left_out(lines: list[str], skip: int) -> None:
    kept = list(table_lines(lines, skip, "#"))
    left = iter(lines[skip:])
    assert all(line in left for line in kept), "in order"
    assert list(table_lines(lines, skip, "")) == lines[skip:]
