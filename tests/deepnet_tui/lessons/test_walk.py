"""Every lesson is completed at 80x24, with the keyboard alone."""

from __future__ import annotations

import re
from functools import partial

import pytest
from textual.pilot import Pilot

from deepnet_tui.app import DeepnetApp
from deepnet_tui.commands.rebinding import rebound
from deepnet_tui.commands.registry import COMMANDS
from deepnet_tui.lessons.facts import Facts
from deepnet_tui.lessons.key_text import keyed
from deepnet_tui.lessons.library import LESSONS, find
from deepnet_tui.lessons.progress import LessonProgress
from deepnet_tui.screens.data.opening import DataOpener
from deepnet_tui.screens.lesson.learn import LearnScreen
from deepnet_tui.widgets.panes.lesson.answers import Answers
from deepnet_tui.widgets.panes.lesson.pane import LessonPane
from deepnet_tui.widgets.panes.training import TrainingPane
from tests.deepnet_tui.app.conftest import ready, screen_text, told, until
from tests.deepnet_tui.lessons.learner import answer, follow

LEFT_OPEN = {"a number": "0.3"}  # what a learner comes up with
MORE = {  # by lesson and step, from 1: what only the text says
    ("tutorial", 3): ["j", "k"],
    ("tutorial", 4): ["0", "enter"],
    ("tutorial", 12): ["enter", "enter"],
}


async def opened(pilot: Pilot[None]) -> LearnScreen:
    """The lesson's screen, when its data are there."""
    app = await ready(pilot)
    screen = app.main
    assert isinstance(screen, LearnScreen)
    return screen


def after(screen: LearnScreen, number: int) -> bool:
    """Whether this step lies behind."""
    return screen.progress.number > number


def waiting(screen: LearnScreen) -> str:
    """What the test would hang at."""
    progress: LessonProgress = screen.progress
    return f"step {progress.number + 1} waits for {progress.missing(screen.facts())}"


@pytest.mark.parametrize("name", LESSONS)
async def test_a_lesson_can_be_completed_by_its_instructions(name: str) -> None:
    lesson = find(name)
    app = DeepnetApp(lesson=lesson)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        for number, step in enumerate(lesson.step):
            assert screen.progress.number == number
            await until(pilot, lambda: screen.workbench.training_run.id != screen._run_before, "the step's experiment")
            check_step(app, screen)
            if step.waits_for:
                assert not screen.progress.done, f"step {number + 1} is done before anything was pressed"
            press = step.press
            for words, own in LEFT_OPEN.items():
                press = press.replace(words, own)
            await follow(pilot, screen, press)
            if step.asked:
                await answer(pilot, step.asked)
            await pilot.press(*MORE.get((name, number + 1), []))
            await until(pilot, lambda: screen.progress.done, waiting(screen))
            await pilot.pause()
            if not screen.progress.last:
                await pilot.press("n")
                await until(pilot, partial(after, screen, number), f"the end of step {number + 1}")
                await pilot.pause()
        assert screen.progress.last
        assert "This was the last step" in " ".join(screen_text(app).replace("│", " ").split())


def check_step(app: DeepnetApp, screen: LearnScreen) -> None:
    """The whole text of the step stands on the screen, and something useful beneath it."""
    shown = " ".join(screen_text(app).replace("│", " ").split())
    text = " ".join(keyed(screen.step.text, COMMANDS).split())
    assert text in shown
    for choice in screen.step.question.choices if screen.step.question else ():
        assert choice in shown
    pane = screen.query_one(LessonPane)
    assert not pane.cut, "the lesson would have to be scrolled"
    assert pane.outer_size.height <= 13


def test_texts_name_rebound_keys() -> None:
    commands = rebound({"train": "f5", "explain_next": "w"})
    assert keyed("Press {train}, {explain_next} and {1, 2}.", commands) == "Press f5, w and {1, 2}."
    known = {command.id for command in COMMANDS}
    for name in LESSONS:
        for step in find(name).step:
            assert set(re.findall(r"\{(\w+)\}", step.text + step.press)) <= known


async def test_n_warns_before_it_skips_and_shift_n_goes_back() -> None:
    app = DeepnetApp(lesson=find("stuck"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("n")
        assert screen.progress.number == 0
        assert "Not yet: n again skips this step." in screen_text(app)
        assert "Waiting for iteration 1,000." in screen_text(app)
        assert not told(app)
        app.notify("something else")
        await pilot.press("n")
        await until(pilot, lambda: screen.progress.number == 1)
        assert not told(app)
        await pilot.press("N")
        await until(pilot, lambda: screen.progress.number == 0)


async def test_skipping_a_step_trains_for_the_learner() -> None:
    app = DeepnetApp(lesson=find("stuck"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        for number in range(6):
            await pilot.press(*["n"] * (1 if screen.progress.done else 2))
            await until(pilot, partial(after, screen, number))
        await until(pilot, lambda: app.workbench.iteration == 1000)
        assert app.workbench.experiment.network.initializer == "he"
        assert app.workbench.snapshot is not None
        assert app.workbench.snapshot.cost == pytest.approx(0.0164, abs=5e-5), "as step 7 says"
        assert "You skipped" not in screen_text(app)


async def test_a_step_that_depends_on_a_skipped_one_says_so() -> None:
    app = DeepnetApp(lesson=find("bug"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("n", "n", "n", "n", "n")
        await until(pilot, partial(after, screen, 2))
        await pilot.pause()
        assert "You skipped: a gradient check that fails." in screen_text(app)
        await pilot.press("n", "n")
        await until(pilot, partial(after, screen, 3))
        await pilot.pause()
        assert "You skipped" not in screen_text(app), "step 5 has a bug of its own"


async def test_a_question_keeps_the_marked_answer_visible() -> None:
    app = DeepnetApp(lesson=find("bug"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("n", "n", "n", "n", "n", "down")
        await until(pilot, lambda: "▸ dW = " in screen_text(app))
        answers = screen.query_one(Answers)
        await pilot.press("1")
        await until(pilot, lambda: screen.view is not None and screen.view.id == "view-parameters")
        assert answers.has_focus
        await pilot.press("tab")
        await until(pilot, lambda: "shift+tab focuses the answers" in screen_text(app))
        assert "▸ dW = " in screen_text(app)
        await pilot.press("shift+tab")
        await until(pilot, lambda: answers.has_focus)
        assert "shift+tab leads" not in screen_text(app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: screen.progress.done)


async def test_the_first_text_is_shown_while_data_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DataOpener, "load", lambda *_args, **_values: None)
    app = DeepnetApp(lesson=find("rates"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Ten measurements of a patient" in screen_text(app))


async def test_typing_a_letter_finds_a_choice() -> None:
    app = DeepnetApp(lesson=find("stuck"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("0", "tab")
        screen.query_one(TrainingPane).go_to("initializer")
        await pilot.press("enter", "h", "enter")
        await until(pilot, lambda: screen.workbench.experiment.network.initializer == "he")


async def test_a_wrong_answer_gets_a_hint_and_another_try() -> None:
    app = DeepnetApp(lesson=find("zeros"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        for _ in range(4):
            await pilot.press("n", "n")
        await until(pilot, lambda: screen.progress.number == 4)
        await pilot.press("enter")
        await until(pilot, lambda: "Think of their gradients" in screen_text(app))
        assert not screen.progress.done
        await pilot.press("down", "enter")
        await until(pilot, lambda: screen.progress.done)
        assert "the same numbers, the same gradients" in screen_text(app)


async def test_returning_to_a_step_keeps_the_network() -> None:
    app = DeepnetApp(lesson=find("rates"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("space")
        await until(pilot, lambda: screen.progress.done)
        await pilot.press("n", "n")
        await until(pilot, lambda: app.workbench.experiment.training.learning_rate == 0.1)
        await until(pilot, lambda: app.workbench.iteration == 0)
        await pilot.press("space")
        await until(pilot, lambda: screen.progress.done)
        run = app.workbench.training_run.id
        await pilot.press("N", "n")
        await pilot.pause()
        assert screen.progress.number == 2
        assert app.workbench.training_run.id == run


async def test_hidden_controls_do_nothing_and_are_not_offered() -> None:
    app = DeepnetApp(lesson=find("tutorial"))
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await opened(pilot)
        layers = app.workbench.experiment.network.hidden
        await pilot.press("d", "e", "a")
        await pilot.pause()
        assert app.screen is screen
        assert app.workbench.experiment.network.hidden == layers
        last = screen_text(app).splitlines()[-1]
        assert "export" not in last
        assert "data" not in last
        assert "train" in last


async def test_a_hidden_view_has_no_tab_key_or_palette_entry() -> None:
    lesson = find("stuck").model_copy(update={"hide": ("view_boundary", "export", "training_pane")})
    app = DeepnetApp(lesson=lesson)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        assert "Boundary" not in screen_text(app)
        assert "Explain" in screen_text(app)
        await pilot.press("3")
        await screen.run_action("view('boundary')")
        assert not screen.query("#view-boundary")
        offered = [command.title for command in app.get_system_commands(screen)]
        assert not [title for title in offered if title.startswith(("Export", "Boundary"))]
        assert [title for title in offered if title.startswith("Explain")]
        await pilot.press("0")
        text = screen_text(app)
        assert "Architecture" in text
        assert "learning rate" not in text


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (160, 45)])
async def test_presenting_shows_one_large_pane(size: tuple[int, int]) -> None:
    app = DeepnetApp(lesson=find("stuck"), present=True)
    async with app.run_test(size=size) as pilot:
        screen = await opened(pilot)
        check_step(app, screen)
        assert "Parameters" not in screen_text(app)
        await pilot.press("space")
        await until(pilot, lambda: screen.progress.done)
        await pilot.press("n", "n")
        await until(pilot, lambda: screen.progress.number == 2)
        assert "tutorial: linear_forward" in screen_text(app)
        assert "Architecture" not in screen_text(app)


async def test_every_step_fits_when_presented() -> None:
    """The steps are put on the screen of one lesson: what a text needs of room does not depend on the data."""
    app = DeepnetApp(lesson=find("stuck"), present=True)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        for name in LESSONS:
            lesson = find(name)
            screen.progress = LessonProgress(lesson)
            for number in range(len(lesson.step)):
                await put(pilot, screen, number)
                check_step(app, screen)


async def put(pilot: Pilot[None], screen: LearnScreen, number: int) -> None:
    """Show this step of the lesson that is on the screen, not done."""
    screen.progress.number = number
    screen._show_lesson(Facts())
    screen._focus_question()
    await pilot.pause()


async def test_a_step_about_a_check_keeps_its_table() -> None:
    app = DeepnetApp(lesson=find("bug"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("c")
        await until(pilot, lambda: screen.progress.done)
        await pilot.press("n")
        await until(pilot, lambda: screen.progress.number == 1)
        assert "The gradient check passed" in screen_text(app)
        await pilot.press("n")
        await until(pilot, lambda: screen.progress.number == 2)
        assert "The gradient check passed" not in screen_text(app)
        await pilot.press("c")
        await until(pilot, lambda: screen.progress.done)
        await pilot.press("N")
        await until(pilot, lambda: "c repeats it" in screen_text(app))
        await pilot.press("c")
        await until(pilot, lambda: "The gradient check passed" in screen_text(app))
        await until(pilot, lambda: "c repeats it" not in screen_text(app), "the lesson's pane, which is drawn after it")


async def test_going_back_shows_the_pane_of_that_step() -> None:
    app = DeepnetApp(lesson=find("stuck"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        for _ in range(4):
            await pilot.press("n", "n")
        await until(pilot, lambda: screen.progress.number == 4)
        assert screen.facts().view == "design"
        await pilot.press("N")
        await until(pilot, lambda: screen.progress.number == 3)
        assert screen.facts().view == "explain"
        await pilot.press("N", "N")
        await until(pilot, lambda: screen.progress.number == 1)
        assert screen.facts().view == "cost"


async def test_going_too_far_in_explain_shows_the_way_back() -> None:
    app = DeepnetApp(lesson=find("zeros"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        for number in range(3):
            await pilot.press("n", "n")
            await until(pilot, partial(after, screen, number))
        assert "You are past dW1" not in screen_text(app)
        await pilot.press("end")
        await until(pilot, lambda: "You are past dW1: ← goes back." in screen_text(app))
        await pilot.press(*["left"] * 6)
        await until(pilot, lambda: screen.progress.done)
        assert "You are past dW1" not in screen_text(app)


async def test_a_step_that_goes_back_shows_no_such_hint() -> None:
    app = DeepnetApp(lesson=find("tutorial"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        for number in range(11):
            await pilot.press(*["n"] * (1 if screen.progress.done else 2))
            await until(pilot, partial(after, screen, number))
        await pilot.press("2", "end")
        await pilot.pause()
        assert "Press Enter. Waiting for dZ4" in screen_text(app)
        assert "You are past" not in screen_text(app)


async def test_going_back_says_that_the_network_has_changed() -> None:
    app = DeepnetApp(lesson=find("rates"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        first = app.workbench.training_run.id
        await pilot.press("space")
        await until(pilot, lambda: screen.progress.done)
        await pilot.press("n", "n")
        await until(pilot, lambda: screen.progress.number == 2 and not screen._awaiting)
        await pilot.press("N")
        await until(pilot, lambda: "an earlier run: u brings it back" in screen_text(app))
        await pilot.press("u")
        await until(pilot, lambda: app.workbench.training_run.id == first)
        await until(pilot, lambda: "an earlier run" not in screen_text(app))


async def test_going_back_says_that_the_iteration_has_changed() -> None:
    app = DeepnetApp(lesson=find("tutorial"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        for number in range(3):
            await pilot.press(*["n"] * (1 if screen.progress.done else 2))
            await until(pilot, partial(after, screen, number))
        await pilot.press("s")
        await until(pilot, lambda: app.workbench.iteration == 1)
        await pilot.press("N")
        await until(pilot, lambda: "The text is about iteration 0, this is 1: [ goes back to it." in screen_text(app))
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "The text is about iteration" not in screen_text(app))
