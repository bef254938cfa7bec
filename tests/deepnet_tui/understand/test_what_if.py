"""A row with changed values: what moves, what comes back, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.understand.what_if import WhatIf
from tests.deepnet_tui.understand.models import make, rows_of

AGE, JOB, MEMBER, SEEN, INCOME = range(5)


def case(task: str = "binary", ensemble: int = 1) -> WhatIf:
    model, rows = make(task, ("tanh", "relu"), ensemble, seed=1), rows_of(40, 6)
    X = model.preparation.apply(model.as_columns(rows)).X
    return WhatIf(model, X, np.arange(40) + 100, place=2)


def test_a_changed_value_is_as_if_it_stood_in_the_data() -> None:
    shown, rows = case(), rows_of(40, 6)
    assert shown.row == 103
    shown.set(INCOME, "4.5")
    shown.set(JOB, "pilot")
    shown.set(SEEN, "2017-05-05")
    changed = {**rows[2], "income": 4.5, "job": "pilot", "seen": "2017-05-05"}
    expected = shown.model.predict([changed]).probabilities
    assert expected is not None
    assert [after for _, _, after in shown.answers()] == pytest.approx(expected[0].tolist(), abs=1e-15)
    before, after = shown.units()[0]
    assert len(before) == len(after) == shown.model.network.hidden[0].units
    assert (before != after).any()
    for column in (INCOME, JOB, SEEN):
        shown.put_back(column)
    np.testing.assert_array_equal(shown.before, shown.after)
    assert not shown.changed


def test_steps_go_through_words_quantiles_and_dates() -> None:
    shown = case("multiclass", ensemble=2)
    words = {shown.value(JOB)}
    for _ in range(4):
        shown.step(JOB, 1)
        words.add(shown.value(JOB))
    assert words >= {"cook", "clerk", "pilot", "diver"}
    start = shown.value(INCOME)
    shown.step(INCOME, 1)
    assert shown.value(INCOME) > start
    for _ in range(50):
        shown.step(INCOME, -1)
    assert shown.value(INCOME) == min(row["income"] for row in rows_of(40, 6))
    shown.step(SEEN, 1)
    assert len(shown.value(SEEN)) == len("2017-01-01")
    shown.next_answer()
    assert shown.answer.name in ("a", "b", "c")
    shown.go_to(1000)
    assert shown.row == 140


def test_what_cannot_be_read_is_refused_in_one_sentence() -> None:
    shown = case("several")
    for column, text, said in (
        (AGE, "old", "'age' must be a number, not 'old'"),
        (AGE, "1e300", "'age' must be a number of ordinary size"),
        (MEMBER, "perhaps", "'member' is 'no' or 'yes'"),
        (SEEN, "soon", "'seen'"),
    ):
        with pytest.raises(InputError, match=said):
            shown.set(column, text)
    assert not shown.changed
    shown.set(AGE, "")
    assert shown.value(AGE) is None
    assert [name for name, _, _ in shown.answers()] == ["weight", "height"]
