"""Every edit with its way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepnet_tui.errors import InputError

if TYPE_CHECKING:
    from deepnet_tui.data.problem import Problem
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.session import Session

MOST_EDITS = 100
MOST_TRAINED = 4  # trained networks that can be brought back


@dataclass(frozen=True)
class Moment:
    """All that an edit can change; undo goes back to one."""

    experiment: Experiment
    problem: Problem
    session: Session


Edit = tuple[str, Moment]  # its name, and what there was on the other side of it


class Past:
    """The moments that undo and redo lead to."""

    def __init__(self) -> None:
        self._undo: list[Edit] = []
        self._redo: list[Edit] = []

    def __iter__(self) -> Iterator[Moment]:
        return (moment for _, moment in (*self._undo, *self._redo))

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return bool(self._undo)

    def add(self, name: str, before: Moment, now: Moment) -> None:
        """An edit has led from `before` to `now`: what could be done again is gone."""
        self._undo.append((name, before))
        del self._undo[:-MOST_EDITS]
        self._forget_old(before.session)
        reachable = {id(moment.session) for _, moment in self._undo} | {id(now.session)}
        for _, moment in self._redo:
            if id(moment.session) not in reachable:
                leave(moment.session)
        self._redo.clear()

    def next(self, word: str) -> Edit:
        """The edit that `word`, undo or redo, is about. InputError when there is none."""
        edits = self._redo if word == "redo" else self._undo
        if not edits:
            raise InputError(f"There is nothing to {word}")
        return edits[-1]

    def pass_over(self, word: str, now: Moment) -> None:
        """Go over that edit, away from `now`."""
        source, other = (self._redo, self._undo) if word == "redo" else (self._undo, self._redo)
        name, _ = source.pop()
        other.append((name, now))

    def _forget_old(self, present: Session) -> None:
        """Keep the memory bounded: only the latest trained networks stay."""
        seen: list[Session] = []
        for _, moment in reversed(self._undo):
            if moment.session not in seen and moment.session is not present:
                seen.append(moment.session)
        trained = [session for session in seen if session.trained]
        begun = [session for session in seen if session.trainer is not None and not session.trained]
        for session in (*trained[MOST_TRAINED:], *begun[MOST_TRAINED:]):
            session.discard()


def leave(session: Session, seconds: float = 0.0) -> None:
    """Close what is kept of a run, unless a thread is still at work on it."""
    if session.lock.acquire(timeout=seconds):
        session.close()
        session.lock.release()
