"""Rich preparations that do not hold together end in one sentence, in bounded memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.export import export, load
from tests.deepnet_tui.export.models import make
from tests.deepnet_tui.export.rich_models import RICH, RICH_ROWS
from tests.deepnet_tui.export.test_hostile import refused

AGE, CITY, SINCE, PLAIN = 0, 1, 5, 6


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("whole") / "model.json"
    export(make(preparation=RICH, rows=RICH_ROWS), path)
    return path.read_text()


CHANGES: list[tuple[str, int, dict[str, Any]]] = [
    ("number", AGE, {"clip": "3"}),
    ("finite", AGE, {"clip": 1e999}),
    ("below zero", AGE, {"clip": -3.0}),
    ("increase", AGE, {"edges": [1.0, 20.0, 20.0, 80.0]}),
    ("increase", AGE, {"edges": [80.0, 28.5, 20.0, 1.0]}),
    ("finite", AGE, {"edges": [1.0, 2.0, 3.0, 1e999]}),
    ("number", AGE, {"edges": [1.0, 2.0, "3", 4.0]}),
    ("number", AGE, {"edges": [1.0, 2.0, True, 4.0]}),
    ("number", AGE, {"edges": "1234"}),
    ("", AGE, {"edges": 5}),
    ("", AGE, {"edges": [[1.0], [2.0], [3.0], [4.0]]}),
    ("inputs", AGE, {"edges": list(map(float, range(5000)))}),
    ("increase", PLAIN, {"edges": [1.0]}),
    ("neither true nor false", AGE, {"missing": 10**12}),
    ("neither true nor false", AGE, {"missing": None}),
    ("above zero", SINCE, {"periods": [7.0, 0.0, 1.0]}),
    ("currency", AGE, {"unit": "dollars"}),
    ("currency", AGE, {"unit": ["$"]}),
    ("currency", AGE, {"unit": 5}),
    ("above zero", SINCE, {"periods": [7.0, 1e-300, 1.0]}),
    ("larger than", AGE, {"edges": [-1e308, 0.0, 1.0, 1e308]}),
    ("above zero", SINCE, {"periods": [7.0, -365.0, 1.0]}),
    ("finite", SINCE, {"periods": [7.0, 1e999, 1.0]}),
    ("neither true nor false", CITY, {"other": 1}),
    ("text", CITY, {"rare": ["Asti", 5]}),
    ("word twice", CITY, {"rare": ["Asti", "Rome"]}),
    ("word twice", CITY, {"rare": ["Asti", "Asti"]}),
    ("statistics for each", CITY, {"rare": ["Asti"]}),
    ("statistics for each", CITY, {"statistics": [[0.0, 1.0]]}),
    ("same length", CITY, {"statistics": [[0.0, 1.0]] * 4 + [[0.0]]}),
    ("inputs", CITY, {"statistics": [[]] * 5}),
    ("finite", CITY, {"statistics": [[0.0, 1.0]] * 4 + [[0.0, 1e999]]}),
    ("number", CITY, {"statistics": [[0.0, 1.0]] * 4 + [["0", 1.0]]}),
    ("number", CITY, {"statistics": ["ab"] * 5}),
    ("", CITY, {"statistics": 7}),
    ("", CITY, {"statistics": [1, 2, 3, 4, 5]}),
    ("edges", CITY, {"edges": [1.0, 2.0]}),
]


@pytest.mark.parametrize(("says", "place", "change"), CHANGES)
def test_entries_that_do_not_hold_together(
    tmp_path: Path, whole: str, says: str, place: int, change: dict[str, Any]
) -> None:
    document = json.loads(whole)
    document["preparation"]["entries"][place].update(change)
    path = tmp_path / "model.json"
    path.write_text(json.dumps(document).replace("Infinity", "1e999"))
    assert says in refused(path)


def test_statistics_without_numbers(tmp_path: Path, whole: str) -> None:
    document = json.loads(whole)
    entry = document["preparation"]["entries"][CITY]
    entry["rare"] += ["Elba", "Nola"]
    entry["categories"] += ["Pisa", "Pola"]
    entry["statistics"] = [[]] * 9
    (tmp_path / "model.json").write_text(json.dumps(document))
    assert "statistics for each" in refused(tmp_path / "model.json")


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.integers(0, len(RICH.entries) - 1),
    field=st.sampled_from(["clip", "edges", "periods", "missing", "other", "rare", "statistics", "categories", "kind"]),
    value=VALUES,
)
def test_any_value_is_refused_in_one_sentence(tmp_path: Path, whole: str, place: int, field: str, value: Any) -> None:
    document = json.loads(whole)
    document["preparation"]["entries"][place][field] = value
    path = tmp_path / "model.json"
    path.write_text(json.dumps(document))
    try:
        load(path)
    except InputError as error:
        assert str(path) in str(error)  # noqa: PT017


def test_a_newer_format_is_named(tmp_path: Path, whole: str) -> None:
    (tmp_path / "model.json").write_text(whole.replace('"format": 2', '"format": 3'))
    assert "format version 3, this library reads 1 to 2; update" in refused(tmp_path / "model.json")
