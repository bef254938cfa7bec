"""On small screens and on a projector nothing of a lesson is lost: what has no room is scrolled, and that is said."""

from __future__ import annotations

from functools import partial

import pytest
from textual.pilot import Pilot

from deepnet_tui.app import DeepnetApp
from deepnet_tui.lessons.lesson import Lesson
from deepnet_tui.lessons.library import LESSONS, find
from deepnet_tui.lessons.progress import LessonProgress
from deepnet_tui.screens.lesson.learn import LearnScreen
from deepnet_tui.widgets.panes.lesson.answers import Answers
from deepnet_tui.widgets.panes.lesson.number_field import NumberField
from deepnet_tui.widgets.panes.lesson.pane import LessonPane
from tests.deepnet_tui.app.conftest import screen_text, until
from tests.deepnet_tui.lessons.test_walk import after, opened, put

SMALL = [(60, 20, True), (40, 12, False)]
LONG = " ".join(f"word{number}" for number in range(100))


async def on(pilot: Pilot[None], screen: LearnScreen) -> None:
    """To the next step, whatever this one waits for."""
    number = screen.progress.number
    await pilot.press(*["n"] * (1 if screen.progress.done else 2))
    await until(pilot, partial(after, screen, number), f"the end of step {number + 1}")
    await pilot.pause()


def shown(app: DeepnetApp) -> str:
    """What can be read, without the frames."""
    return " ".join(screen_text(app).replace("│", " ").split())


async def reads(pilot: Pilot[None], app: DeepnetApp, *wanted: str) -> None:
    """Wait until all of it can be read."""
    await until(pilot, lambda: all(part in shown(app) for part in wanted), f"{wanted} on the screen")


def asking(*choices: str, text: str = "Which?") -> Lesson:
    """A lesson of one question; the last choice is right."""
    question = {"choices": list(choices), "answer": len(choices), "right": "So it is."}
    return Lesson.model_validate({"title": "a", "step": [{"text": text, "question": question}, {"text": "Over."}]})


@pytest.mark.parametrize(("width", "height", "present"), SMALL)
async def test_every_answer_of_a_question_is_visible(width: int, height: int, present: bool) -> None:
    """The questions are put on the screen of one lesson."""
    app = DeepnetApp(lesson=find("zeros"), present=present)
    async with app.run_test(size=(width, height)) as pilot:
        screen = await opened(pilot)
        for name in LESSONS:
            lesson = find(name)
            screen.progress = LessonProgress(lesson)
            for place, step in enumerate(lesson.step):
                if step.asked is None:
                    continue
                await put(pilot, screen, place)
                if step.number is not None:
                    await reads(pilot, app, "Type the number, then Enter.")
                    assert screen.query_one(NumberField).region.overlaps(screen.query_one(LessonPane).region)
                for number in range(len(step.question.choices) if step.question else 0):
                    assert step.question is not None
                    await reads(pilot, app, f"▸ {step.question.choices[number]}", "↑ ↓ choose, Enter answers.")
                    await pilot.press("down")
                assert height < 20 or not screen.query_one(LessonPane).cut, "as the manual says"


@pytest.mark.parametrize(("width", "height", "present"), SMALL)
async def test_the_keys_to_press_stay_while_the_text_scrolls(width: int, height: int, present: bool) -> None:
    step = {"text": LONG, "press": "space", "until": {"iteration": 5}}
    app = DeepnetApp(lesson=Lesson.model_validate({"title": "a", "step": [step, {"text": "Over."}]}), present=present)
    async with app.run_test(size=(width, height)) as pilot:
        screen = await opened(pilot)
        seen = set(shown(app).split())
        await reads(pilot, app, "more: J ↓ 1 of 2")
        assert screen.query_one("#workspace").size.height >= 4
        for _ in range(20):
            await pilot.press("J")
            await reads(pilot, app, "Press space. Waiting for iteration 5.")
            seen |= set(shown(app).split())
        assert set(LONG.split()) <= seen
        await reads(pilot, app, "more: K ↑ 1 of 2")
        await pilot.press(*"K" * 20)
        await reads(pilot, app, "more: J ↓ 1 of 2")
        await on(pilot, screen)
        await until(pilot, lambda: "more:" not in shown(app))


async def test_a_text_that_fits_has_no_scroll_mark() -> None:
    app = DeepnetApp(lesson=find("stuck"), present=True)
    async with app.run_test(size=(60, 20)) as pilot:
        screen = await opened(pilot)
        assert not screen.query_one(LessonPane).cut
        await until(pilot, lambda: "more:" not in shown(app))


async def test_a_long_answer_is_wrapped_not_truncated() -> None:
    answer = "this answer is as long as an answer of a lesson may be, with its last word"
    app = DeepnetApp(lesson=asking("short", answer))
    async with app.run_test(size=(50, 20)) as pilot:
        await opened(pilot)
        await pilot.press("down")
        await reads(pilot, app, f"▸ {answer}")


async def test_the_check_is_visible_beside_the_question() -> None:
    app = DeepnetApp(lesson=find("bug"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        while not screen.progress.last:
            if screen.step.question:
                await reads(pilot, app, "z shows the whole table")
                await pilot.press("z")
                await until(pilot, lambda: "db3 " in screen_text(app))
                await pilot.press("z")
                await until(pilot, lambda: screen.query_one(Answers).is_on_screen)
                assert screen.query_one(Answers).has_focus
                assert "dW3 " in screen_text(app)
            else:
                await pilot.press("c")
                await until(pilot, lambda: screen.progress.done)
            await on(pilot, screen)


async def test_an_answered_question_keeps_answers_and_comment() -> None:
    app = DeepnetApp(lesson=asking("this", "that"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: screen.progress.done)
        await reads(pilot, app, "✓ that So it is. n goes on.")
        await pilot.press("n")
        await until(pilot, lambda: screen.progress.number == 1)
        await until(pilot, lambda: "✓ that" not in shown(app))
        await pilot.press("N")
        await until(pilot, lambda: screen.progress.number == 0)
        await reads(pilot, app, "Which? this ✓ that So it is. n goes on.")


async def test_back_is_offered_after_the_first_step() -> None:
    app = DeepnetApp(lesson=asking("this", "that"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await until(pilot, lambda: "N back" not in shown(app))
        await on(pilot, screen)
        await reads(pilot, app, "N back")


async def test_the_chosen_answer_stays_visible() -> None:
    app = DeepnetApp(lesson=find("zeros"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        for _ in range(4):
            await on(pilot, screen)
        await pilot.press("down", "down")
        await pilot.resize_terminal(80, 10)
        await until(pilot, lambda: screen.query_one(LessonPane).cut)
        await reads(pilot, app, "▸ The first unit learns")
        await pilot.press("enter")
        await reads(pilot, app, "Think of their gradients")
        await reads(pilot, app, "▸ The first unit learns")
