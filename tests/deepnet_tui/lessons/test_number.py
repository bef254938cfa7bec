"""A step that asks for a number, or waits for an accuracy."""

from __future__ import annotations

from pathlib import Path

import pytest

from deepnet_tui.app import DeepnetApp
from deepnet_tui.common.errors import InputError
from deepnet_tui.lessons.lesson import Lesson, NumberQuestion
from deepnet_tui.lessons.loader import read
from deepnet_tui.widgets.panes.lesson.number_field import NumberField, number_in
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import screen_text, state, until
from tests.deepnet_tui.lessons.test_room import shown
from tests.deepnet_tui.lessons.test_walk import opened


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("0.25", 0.25), ("0,25", 0.25), ("1/4", 0.25), ("25%", 0.25), ("2.5e-1", 0.25), ("-3", -3)),
        *((" 1,000 ", 1000), ("160,000", 160_000), ("1,234.5", 1234.5)),
        *(("", None), ("-", None), ("1/0", None), ("1/2/3", None)),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, number: float | None) -> None:
    assert number_in(text) == (None if number is None else pytest.approx(number))


def test_a_number_is_right_within_its_tolerance() -> None:
    exact, near = NumberQuestion(answer=16), NumberQuestion(answer=0.3, tolerance=0.01)
    assert exact.takes(16.0)
    assert not exact.takes(16.001)
    assert near.takes(0.29)
    assert near.takes(0.31)
    assert not near.takes(0.3101)


LESSON = {
    "title": "a",
    "experiment": {"data": {"source": "moons"}, "training": {"iterations": 100}},
    "step": [
        {"text": "How many?", "number": {"answer": 0.5, "tolerance": 0.01, "wrong": "Halve it.", "right": "So it is."}},
        {"text": "Train.", "press": "{train}", "until": {"accuracy_above": 0.9, "validation_accuracy_above": 0.8}},
    ],
}


async def test_a_wrong_number_gets_a_hint_and_other_keys_work_meanwhile() -> None:
    app = DeepnetApp(lesson=Lesson.model_validate(LESSON))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await until(pilot, lambda: isinstance(app.focused, NumberField), "the field")
        await pilot.press("s")
        await until(pilot, lambda: app.workbench.iteration == 1, "one iteration: s is no number")
        assert screen.query_one(NumberField).value == ""
        for place, (text, said) in enumerate(
            [("2", "Too large. Halve it."), ("-", "That is no number"), ("0", "small")]
        ):
            await pilot.press(*("minus" if letter == "-" else letter for letter in text), "enter")
            await until(pilot, lambda said=said: said in screen_text(app), f"the hint {place}")  # type: ignore[misc]
            await pilot.press("backspace")
        assert "n twice skips it" not in screen_text(app)
        await pilot.press("9", "enter")
        await until(pilot, lambda: "n twice skips it" in screen_text(app), "the way out")
        await pilot.press("backspace", "1", "slash", "2", "enter")
        await until(pilot, lambda: screen.progress.done, "the right number")
        assert "✓ 0.5" in screen_text(app)
        assert "So it is." in screen_text(app)
        await pilot.press("n")
        await until(pilot, lambda: screen.progress.number == 1)
        await until(pilot, lambda: "an accuracy above 0.9 and a validation accuracy" in shown(app))
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        await until(pilot, lambda: screen.progress.done, "the accuracy")
        assert (screen.facts().accuracy or 0) > 0.9


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ('number = { answer = "a" }', "number, answer must be a"),
        ("number = { answer = 1, tolerance = -1 }", "number, tolerance must be"),
        ("number = { answer = 1, answers = 2 }", "number, answers: there is no such field"),
        ('number = { answer = 1 }\nquestion = { choices = ["a", "b"], answer = 1 }', "one question only"),
        ("vary = { seed = [1] }", "vary: side by side are two or three networks"),
        ("vary = { seeds = [1, 2] }", "vary: there is no setting"),
        ("until = { accuracy_above = 1.0 }", "must be below 1"),
        ("until = { compared = 10001 }\nexperiment = { training = { iterations = 10 } }", "10,001 is never reached"),
        (
            'until = { accuracy_above = 0.5 }\nexperiment = { data = { source = "diabetes" } }',
            "the data have no classes",
        ),
        ('until = { compared = 1 }\nhide = ["side_by_side"]', "side_by_side are hidden"),
    ],
)
def test_what_can_not_be_is_refused_in_a_sentence(step: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'title = "a"\n[[step]]\ntext = "Look."\n{step}\n', encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read(path)
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"{path}: step 1")
