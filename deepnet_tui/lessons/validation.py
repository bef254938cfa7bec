"""Whether a lesson can be followed: what it shows can be seen, what it waits for can happen, and its text fits."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from deepnet_tui.commands.hiding import PANES
from deepnet_tui.common.errors import InputError
from deepnet_tui.experiment import Experiment
from deepnet_tui.lessons.conditions import CONDITIONS
from deepnet_tui.lessons.key_text import misnamed, named
from deepnet_tui.lessons.lesson import Lesson, Step
from deepnet_tui.lessons.required_controls import hidden_controls
from deepnet_tui.race.values import values_of

WIDTH, LINES = 76, 12  # of the lesson's pane at 80 x 24, without its border


def problems(lesson: Lesson) -> Iterator[tuple[int, str]]:
    """(step from 0, what is wrong there): a sentence that begins with the key concerned."""
    settings: list[Experiment] = []
    for number, step in enumerate(lesson.step):
        settings.append(lesson.settings_at(number))
        hidden = set(lesson.hidden_at(number))
        for said in (
            *_misnamed(step, hidden),
            *_unseen(step, hidden),
            *_without_controls(step, hidden, settings),
            *_unreachable(step, settings[-1]),
            *_overfull(step),
            *_can_not_vary(step, settings[-1]),
        ):
            yield number, said


def _misnamed(step: Step, hidden: set[str]) -> Iterator[str]:
    asked, name = step.asked, "question" if step.question else "number"
    texts = {"text": step.text, "press": step.press}
    texts |= {f"{name}, right": asked.right, f"{name}, wrong": asked.wrong} if asked else {}
    for key, text in texts.items():
        if said := misnamed(text):
            yield f"{key}: {said}"
    for command in named(step.press):
        if {command.id, f"view_{command.scope}"} & hidden:
            yield f"press: {command.id!r} is hidden by this lesson"


def _without_controls(step: Step, hidden: set[str], settings: list[Experiment]) -> Iterator[str]:
    for name, wanted in step.until.items():
        if controls := hidden_controls(name, wanted, hidden, settings):
            yield f"until, {name}: {' and '.join(controls)} are hidden by this lesson, and nothing else leads to it"


def _unseen(step: Step, hidden: set[str]) -> Iterator[str]:
    wanted = {"show": step.show, "until, view": step.until.get("view", "")}
    wanted |= {f"until, {name}": CONDITIONS[name].view for name in step.until if CONDITIONS[name].view}
    for key, pane in wanted.items():
        all_hidden = set(PANES) <= hidden if pane == "design" else False
        if all_hidden or pane in hidden or f"view_{pane}" in hidden:
            yield f"{key}: {pane!r} is hidden by this lesson"


def _unreachable(step: Step, experiment: Experiment) -> Iterator[str]:
    for name, wanted in step.until.items():
        if why := CONDITIONS[name].unreachable(wanted, experiment):
            yield f"until, {name}: {why}"


def _can_not_vary(step: Step, experiment: Experiment) -> Iterator[str]:
    if not step.vary:
        return
    from deepnet_tui.race.in_step import side_by_side

    try:
        side_by_side(experiment, {name: values_of(name, values) for name, values in step.vary.items()})
    except InputError as error:
        yield f"vary: {error}"


def _overfull(step: Step) -> Iterator[str]:
    """Whether the text fits into the pane, beside the answers or beside what is to be done."""
    question, lines = step.question, _lines(step.text)
    if step.number is not None:
        number = step.number
        room = LINES - 2 - max(_lines(number.right), _lines(number.wrong))
        if lines > room:
            yield f"text: beside the number and what is said to it {room} lines of {WIDTH} characters fit, not {lines}"
        return
    if question is None:
        wanted = " and ".join(CONDITIONS[name].text.format(value) for name, value in step.until.items())
        room = LINES - _lines(f"Press {step.press}. Waiting for {wanted}.")
        if lines > room:
            yield f"text: beside what to press and to wait for {room} lines of {WIDTH} characters fit, not {lines}"
        return
    for choice in question.choices:
        if cell_len(choice) > WIDTH - 2:
            yield f"question, choices: {choice[:20]!r}… is longer than {WIDTH - 2} characters"
    room = LINES - 1 - len(question.choices) - max(_lines(question.right), _lines(question.wrong))
    if lines > room:
        yield (
            f"text: beside {len(question.choices)} choices and what is said to them "
            f"{room} lines of {WIDTH} characters fit, not {lines}"
        )


def _lines(text: str) -> int:
    lines, room = 1, WIDTH
    for word in text.split():
        size = cell_len(word)
        if size > room:
            lines, room = lines + max(1, -(-size // WIDTH)), WIDTH
        room -= min(size, WIDTH) + 1
    return lines
