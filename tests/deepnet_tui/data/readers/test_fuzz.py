"""Random bytes and random text: each gives a table or a sentence. Damaged files are in tests/fuzz."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.readers.registry import READERS
from deepnet_tui.data.schema.inference import words_of
from tests.deepnet_tui.data.readers.tables import table_of

FUZZ = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _check_table_or_error(suffix: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"fuzz{suffix}"
        path.write_bytes(content)
        try:
            table = table_of(path)
        except InputError as error:
            assert str(error).strip()  # noqa: PT017
        else:
            assert table.m > 0


@pytest.mark.parametrize("suffix", sorted(set(READERS) - {".hdf5", ".data", ".txt"}))
@FUZZ
@given(content=st.binary(max_size=300))
def test_any_bytes_are_a_table_or_an_error(suffix: str, content: bytes) -> None:
    _check_table_or_error(suffix, content)


CELLS = st.one_of(st.text(max_size=6), st.floats().map(str), st.integers().map(str), st.just(""))


@FUZZ
@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=8), st.sampled_from(",;\t|"))
@example([["0"], [""], [""]], ",")
def test_any_text_is_a_table_or_an_error(rows: list[list[str]], separator: str) -> None:
    text = "\n".join(separator.join(row) for row in rows)
    _check_table_or_error(".csv", text.encode("utf-8", "surrogatepass"))


NAMES = st.lists(st.from_regex(r"[a-z]{1,5}", fullmatch=True), min_size=2, max_size=4, unique=True)


WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs", "Cc", "Z"]), min_size=1
)


@FUZZ
@given(st.data())
def test_a_good_csv_is_read_as_the_csv_module_reads_it(data: st.DataObject) -> None:
    import csv

    names = data.draw(NAMES)
    rows = data.draw(st.lists(st.lists(WORDS, min_size=len(names), max_size=len(names)), min_size=3, max_size=10))
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([names, *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text(text.getvalue(), encoding="utf-8", newline="")
        table = table_of(path, separator=",", encoding="utf-8", missing="NA,None,null,NULL")
    assert list(table.columns) == names
    for place, name in enumerate(names):
        if getattr(table.columns[name].dtype, "kind", "O") == "O":
            words = words_of(table.columns[name])
            from deepnet_tui.data.values.words import MISSING, to_word

            wanted = [to_word(row[place]) for row in rows]
            found = [words.words[code] for code in words.codes]
            assert found == ["" if word in MISSING else word for word in wanted]
