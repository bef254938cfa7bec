"""Whether a lesson can be followed: what it shows can be seen, what it waits for can happen, and its text fits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from deepnet_tui.commands.registry import PANES
from deepnet_tui.common.errors import InputError
from deepnet_tui.data.builtin import BUILTIN
from deepnet_tui.experiment import Experiment
from deepnet_tui.lessons.conditions import CONDITIONS
from deepnet_tui.lessons.key_text import misnamed, named
from deepnet_tui.lessons.required_controls import closed

if TYPE_CHECKING:
    from deepnet_tui.lessons.lesson import Lesson, Step

WIDTH, LINES = 76, 12  # of the lesson's pane at 80 x 24, without its border
EXPLAINS = ("operation_seen", "guess_made", "check_run", "check_passed", "check_failed")
SEVERAL_LINES = ("text", "about")


def plain(value: Any, place: tuple[str, ...] = ()) -> None:
    """Raises InputError for a control character anywhere in what a file holds; a text may have line breaks."""
    if isinstance(value, dict):
        for key, inner in value.items():
            plain(key, place)
            plain(inner, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            plain(inner, (*place[:-1], f"{place[-1]} {number}") if place[-1:] == ("step",) else place)
    elif isinstance(value, str):
        allowed = "\n" if place and place[-1] in SEVERAL_LINES else ""
        for letter in value:
            if unicodedata.category(letter) == "Cc" and letter not in allowed:
                where = ", ".join(part for part in place if part.isprintable())
                raise InputError(f"{f'{where}: ' if where else ''}the control character {letter!r} is not allowed")


def located(raw: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The tables of an experiment; data files named in them are looked for from `folder`.

    Raises InputError for a source that is neither a built-in data set nor a file.
    """
    data = raw.get("data")
    if not isinstance(data, dict):
        return raw
    found = {}
    for name in ("source", "test"):
        value = data.get(name)
        if not isinstance(value, str) or (name == "source" and value in BUILTIN):
            continue
        path = folder / value
        if not path.exists():
            built_in = f" and no built-in data set; those are {', '.join(BUILTIN)}" if name == "source" else ""
            raise InputError(f"{name}: {value!r} is no file{built_in}", name)
        found[name] = str(path)
    return raw | {"data": data | found}


def trouble(lesson: Lesson) -> Iterator[tuple[int, str]]:
    """What is wrong in which step (from 0), in words that begin with the key."""
    settings: list[Experiment] = []
    for number, step in enumerate(lesson.step):
        settings.append(lesson.settings_at(number))
        hidden = set(lesson.hidden_at(number))
        for said in (
            *_misnamed(step, hidden),
            *_unseen(step, hidden),
            *_closed(step, hidden, settings),
            *_unreachable(step, settings[-1]),
            *_overfull(step),
        ):
            yield number, said


def _misnamed(step: Step, hidden: set[str]) -> Iterator[str]:
    question = step.question
    texts = {"text": step.text, "press": step.press}
    texts |= {"question, right": question.right, "question, wrong": question.wrong} if question else {}
    for key, text in texts.items():
        if said := misnamed(text):
            yield f"{key}: {said}"
    for command in named(step.press):
        if {command.id, f"view_{command.scope}"} & hidden:
            yield f"press: {command.id!r} is hidden by this lesson"


def _closed(step: Step, hidden: set[str], settings: list[Experiment]) -> Iterator[str]:
    for name, wanted in step.until.items():
        if doors := closed(name, wanted, hidden, settings):
            yield f"until, {name}: {' and '.join(doors)} are hidden by this lesson, and nothing else leads to it"


def _unseen(step: Step, hidden: set[str]) -> Iterator[str]:
    wanted = {"show": step.show, "until, view": step.until.get("view", "")}
    wanted |= {f"until, {name}": "explain" for name in EXPLAINS if name in step.until}
    for key, pane in wanted.items():
        away = set(PANES) <= hidden if pane == "design" else False
        if away or pane in hidden or f"view_{pane}" in hidden:
            yield f"{key}: {pane!r} is hidden by this lesson"


def _unreachable(step: Step, experiment: Experiment) -> Iterator[str]:
    until, last = step.until, experiment.training.iterations
    if until.get("iteration", 0) > last:
        yield f"until, iteration: {until['iteration']:,} is never reached; the training ends at {last:,}"
    operation = until.get("operation_seen", "")
    layer = re.search(r"\d+", operation)
    layers = len(experiment.network.hidden) + 1
    if layer and int(layer.group()) > layers:
        yield f"until, operation_seen: {operation!r} does not exist; the network has {layers} layers"
    for name in ("validation_below", "validation_above"):
        if name in until and not experiment.data.validation:
            yield f"until, {name}: nothing is held out"


def _overfull(step: Step) -> Iterator[str]:
    """Whether the text fits into the pane, beside the answers or beside what is to be done."""
    question, lines = step.question, _lines(step.text)
    if question is None:
        wanted = " and ".join(CONDITIONS[name].said.format(value) for name, value in step.until.items())
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
