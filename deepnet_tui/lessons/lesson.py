"""A lesson: its steps, the questions in them, and what each step shows, hides and waits for."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from deepnet_tui.commands.hiding import hideable
from deepnet_tui.experiment import Experiment
from deepnet_tui.lessons.bugs import BUGS
from deepnet_tui.lessons.conditions import CONDITIONS, PaneNames

LongText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=700)]
OneLine = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150)]


class NotAllowedError(ValueError):
    """What is not allowed, in a few words; `field` says where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def _one_of(field: str, value: str, allowed: Any) -> str:
    if value not in allowed:
        raise NotAllowedError(field, f"{value!r} is unknown; choose one of {', '.join(allowed)}")
    return value


class Question(BaseModel):
    """A question with a few answers; `answer` is the number of the right one, from 1."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    choices: tuple[OneLine, ...] = Field(min_length=2, max_length=6)
    answer: int
    right: OneLine = "Right."
    wrong: OneLine = "Not that one. Look again."

    @field_validator("choices", mode="before")
    @classmethod
    def _list(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _among(self) -> Self:
        if not 1 <= self.answer <= len(self.choices):
            raise NotAllowedError(
                "answer", f"{self.answer} is not the number of a choice; there are 1 to {len(self.choices)}"
            )
        return self


class NumberQuestion(BaseModel):
    """A question whose answer is a number, right within `tolerance`; `wrong` is the hint for any other."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    answer: float = Field(allow_inf_nan=False)
    tolerance: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    right: OneLine = "Right."
    wrong: OneLine = "Not that one. Look again."

    def takes(self, number: float) -> bool:
        """Whether this number is right; rounding of its last digit does not count."""
        return abs(number - self.answer) <= self.tolerance + 1e-9 * max(1.0, abs(self.answer))


class Step(BaseModel):
    """A few sentences, what to press, and what must have happened before the lesson goes on.

    `show` brings a view, the cost or the design forward; `hide` puts commands and panes away for this step;
    `experiment` changes settings and starts anew; `bug` plants a mistake in the backward pass that the gradient check
    of this step looks at. `question` offers answers, `number` asks for a number. `vary` has values of settings that
    are shown side by side in this step.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    text: LongText
    press: Annotated[str, StringConstraints(max_length=100)] = ""
    show: str = ""
    hide: tuple[str, ...] = ()
    until: dict[str, Any] = {}
    experiment: dict[str, Any] = {}
    bug: str = ""
    question: Question | None = None
    number: NumberQuestion | None = None
    vary: dict[str, list[Any]] = {}

    @field_validator("hide", mode="before")
    @classmethod
    def _list(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name in self.hide:
            _one_of("hide", name, hideable())
        if self.show:
            _one_of("show", self.show, PaneNames())
        if self.bug:
            _one_of("bug", self.bug, BUGS)
        for name, value in self.until.items():
            _one_of("until", name, CONDITIONS)
            if refusal := CONDITIONS[name].refusal(value):
                raise NotAllowedError(f"until, {name}", refusal)
        if "answered" in self.until and self.asked is None:
            raise NotAllowedError("until, answered", "there is no question to answer")
        if self.question is not None and self.number is not None:
            raise NotAllowedError("number", "a step asks one question only; this one has choices")
        return self

    @property
    def asked(self) -> Question | NumberQuestion | None:
        """What the step asks, None where it asks nothing."""
        return self.question or self.number

    @property
    def waits_for(self) -> dict[str, Any]:
        """All conditions; a question waits for its answer."""
        return self.until | ({"answered": True} if self.asked else {})


class Lesson(BaseModel):
    """A title, a sentence about it, the experiment to begin with, and the steps.

    `hide` names commands (as in docs/keys.md) and panes that are put away while the lesson runs.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: Annotated[OneLine, StringConstraints(max_length=60)]
    about: str = ""
    hide: tuple[str, ...] = ()
    experiment: dict[str, Any] = {}
    step: tuple[Step, ...] = Field(min_length=1, max_length=200)

    @field_validator("hide", "step", mode="before")
    @classmethod
    def _list(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name in self.hide:
            _one_of("hide", name, hideable())
        return self

    def hidden_at(self, number: int) -> tuple[str, ...]:
        """The commands and panes that are put away in step `number` (from 0)."""
        return (*self.hide, *self.step[number].hide)

    def experiment_at(self, number: int) -> Experiment | None:
        """The experiment that step `number` (from 0) begins with, None where it goes on with what is there.

        What the steps before have set stays. Raises InputError.
        """
        return self.settings_at(number) if self.step[number].experiment or not number else None

    def settings_at(self, number: int) -> Experiment:
        """The settings at step `number` (from 0), if nobody has changed them. Raises InputError."""
        raw = self.experiment
        for step in self.step[: number + 1]:
            raw = _joined(raw, step.experiment)
        return Experiment.from_dict(raw)

    def task_at(self, number: int) -> int:
        """The step whose task the text of step `number` is about: itself, or the last before that had one."""
        tasks = (at for at in range(number, 0, -1) if self.step[at].until or self.step[at].bug)
        return next(tasks, 0)

    def pane_at(self, number: int) -> str:
        """What step `number` (from 0) speaks of: what it shows itself, else what the steps before have shown."""
        own, hidden = self.step[number].show, self.hidden_at(number)
        before = (step.until.get("view") or step.show for step in reversed(self.step[:number]))
        return own or next((name for name in before if name and not {name, f"view_{name}"} & set(hidden)), "")


def _joined(raw: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Tables of the one, with what the other says differently."""
    known = {name: values for name, values in raw.items() if isinstance(values, dict)}
    return raw | {
        name: known[name] | values if name in known and isinstance(values, dict) else values
        for name, values in more.items()
    }
