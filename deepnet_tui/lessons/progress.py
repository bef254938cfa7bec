"""How far somebody is in a lesson."""

from __future__ import annotations

from typing import Any

from deepnet_tui.lessons.conditions import CONDITIONS
from deepnet_tui.lessons.facts import Facts
from deepnet_tui.lessons.lesson import Lesson, Step


class LessonProgress:
    """The step that is shown, those that are done, and those that were skipped. A step that was done stays done."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self.number = 0
        self._done: set[int] = set()
        self._skipped: list[int] = []
        self._urged = -1

    @property
    def step(self) -> Step:
        """The step that is shown."""
        return self.lesson.step[self.number]

    @property
    def done(self) -> bool:
        """Whether the step has what it waited for."""
        return self.number in self._done or not self.step.waits_for

    @property
    def asks(self) -> bool:
        """Whether the step has a question that is still open."""
        return self.step.asked is not None and not self.done

    @property
    def last(self) -> bool:
        """Whether this is the last step."""
        return self.number == len(self.lesson.step) - 1

    def update(self, facts: Facts) -> bool:
        """Take the facts in; True when they have just completed the step."""
        self._skipped = [number for number in self._skipped if self._lacks(number, facts)]
        if self.done or self.missing(facts):
            return False
        self._done.add(self.number)
        return True

    def missing(self, facts: Facts) -> list[str]:
        """What the step still waits for, in words."""
        return _missing(self.step.waits_for, facts)

    def skipped(self, facts: Facts) -> list[str]:
        """What the first step behind lacks that was not done though later ones build on it, in words."""
        behind = (self._lacks(number, facts) for number in sorted(self._skipped) if number < self.number)
        return next(filter(None, behind), [])

    def _lacks(self, number: int, facts: Facts) -> list[str]:
        wanted = self.lesson.step[number].waits_for
        return _missing({name: value for name, value in wanted.items() if CONDITIONS[name].lasts}, facts)

    def on(self) -> bool:
        """To the next step. False where there is none, or the first time that the step is not done yet.

        A step with an experiment or a bug of its own builds on none of those before.
        """
        if self.last or (not self.done and self._urged != self.number):
            self._urged = self.number
            return False
        if not self.done and self.number not in self._skipped:
            self._skipped.append(self.number)
        self.number += 1
        if self.step.experiment or self.step.bug:
            self._skipped = []
        self._urged = -1
        return True

    def back(self) -> bool:
        """To the step before; False on the first."""
        if self.number == 0:
            return False
        self.number -= 1
        return True


def _missing(wanted: dict[str, Any], facts: Facts) -> list[str]:
    return [
        CONDITIONS[name].text.format(value)
        for name, value in wanted.items()
        if not CONDITIONS[name].holds(facts, value)
    ]
