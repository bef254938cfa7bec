"""Reading a lesson file: TOML in, one plain sentence out when the file can't be used."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.formats.toml import read_toml
from deepnet_tui.common.paths import is_there
from deepnet_tui.common.text import did_you_mean
from deepnet_tui.data.builtin import BUILTIN
from deepnet_tui.lessons.conditions import FORMER_NAMES
from deepnet_tui.lessons.lesson import Lesson, NotAllowedError, NumberQuestion, Question, Step
from deepnet_tui.lessons.validation import problems

LARGEST_FILE = 1_000_000
SEVERAL_LINES = ("text", "about")
KINDS = {
    "string": "text in quotes",
    "dictionary": "a table",
    "tuple": "a list",
    "integer": "a whole number",
    "number": "a number",
}


def read(path: Path) -> Lesson:
    """A lesson from a file. Raises InputError: one sentence with the file, the step and the field."""
    raw = read_toml(path, "a lesson", LARGEST_FILE)
    try:
        _refuse_control_characters(raw)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    _use_current_names(raw)
    try:
        lesson = Lesson.model_validate(raw)
    except ValidationError as error:
        raise _explained(error, path) from None
    lesson = _find_data_files(lesson, path)
    for number in range(len(lesson.step)):
        try:
            lesson.experiment_at(number)
        except InputError as error:
            place = f"step {number + 1}, " if lesson.step[number].experiment else ""
            raise InputError(f"{path}: {place}experiment: {error}", "experiment") from None
    for number, said in problems(lesson):
        raise InputError(f"{path}: step {number + 1}, {said}", said.split(":")[0])
    return lesson


def _find_data_files(lesson: Lesson, path: Path) -> Lesson:
    """The lesson with the data files that it names looked for from its own folder."""
    place = ""
    try:
        start, steps = _with_data_files(lesson.experiment, path.parent), []
        for number, step in enumerate(lesson.step, start=1):
            place = f"step {number}, "
            steps.append(step.model_copy(update={"experiment": _with_data_files(step.experiment, path.parent)}))
    except InputError as error:
        raise InputError(f"{path}: {place}experiment, data, {error}", error.field) from None
    return lesson.model_copy(update={"experiment": start, "step": tuple(steps)})


def _explained(error: ValidationError, path: Path) -> InputError:
    errors = error.errors(include_url=False)
    first = next((each for each in errors if each["type"] == "extra_forbidden"), errors[0])  # why another is missing
    steps = list(first["loc"])
    place = ""
    if len(steps) > 1 and steps[0] == "step" and isinstance(steps[1], int):
        place, steps = f"step {steps[1] + 1}, ", steps[2:]
    cause = first.get("ctx", {}).get("error")
    names = [str(step) for step in steps if not isinstance(step, int)]
    if isinstance(cause, NotAllowedError):
        names.append(cause.field)
        return InputError(f"{path}: {place}{', '.join(names)}: {cause}", names[-1].split(", ")[-1])
    field = names[-1] if names else ""
    where = ", ".join(names)
    if first["type"] == "extra_forbidden":
        known = (
            Question.model_fields
            if "question" in names[:-1]
            else NumberQuestion.model_fields
            if "number" in names[:-1]
            else Step.model_fields
            if place
            else Lesson.model_fields
        )
        instead = did_you_mean(field, known) or f"allowed are {', '.join(known)}"
        return InputError(f"{path}: {place}{where}: there is no such field; {instead}", field)
    said = {
        "missing": "is missing",
        "string_too_short": "is empty",
        "too_short": "is empty" if field == "step" else "has too few entries",
        "string_too_long": f"is too long; at most {first.get('ctx', {}).get('max_length')} characters fit",
        "too_long": f"has too many entries; at most {first.get('ctx', {}).get('max_length')} fit",
    }.get(first["type"])
    if said is None:
        wanted = first["msg"].removeprefix("Input should be a valid ").removeprefix("Input should be ")
        wanted = "a table" if "instance of" in wanted else KINDS.get(wanted, wanted)
        said = f"must be {wanted}, not {first['input']!r:.60}"
    return InputError(f"{path}: {f'{place}{where}'.strip(', ')} {said}", field)


def _refuse_control_characters(value: Any, place: tuple[str, ...] = ()) -> None:
    """Raise InputError for a control character anywhere in what a file holds; a text may have line breaks."""
    if isinstance(value, dict):
        for key, inner in value.items():
            _refuse_control_characters(key, place)
            _refuse_control_characters(inner, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            _refuse_control_characters(
                inner, (*place[:-1], f"{place[-1]} {number}") if place[-1:] == ("step",) else place
            )
    elif isinstance(value, str):
        allowed = "\n" if place and place[-1] in SEVERAL_LINES else ""
        for letter in value:
            if unicodedata.category(letter) == "Cc" and letter not in allowed:
                where = ", ".join(part for part in place if part.isprintable())
                raise InputError(f"{f'{where}: ' if where else ''}the control character {letter!r} is not allowed")


def _with_data_files(raw: dict[str, Any], folder: Path) -> dict[str, Any]:
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
        if not is_there(path):
            built_in = f" and no built-in data set; those are {', '.join(BUILTIN)}" if name == "source" else ""
            raise InputError(f"{name}: {value!r} is no file{built_in}", name)
        found[name] = str(path)
    return raw | {"data": data | found}


def _use_current_names(raw: dict[str, Any]) -> None:
    """Give conditions in `raw` that go by a former name their present one."""
    for step in raw["step"] if isinstance(raw.get("step"), list) else ():
        until = step.get("until") if isinstance(step, dict) else None
        if isinstance(until, dict):
            step["until"] = {FORMER_NAMES.get(name, name): value for name, value in until.items()}
