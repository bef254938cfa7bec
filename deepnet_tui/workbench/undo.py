"""Every edit with its way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepnet_tui.common.errors import InputError

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.training.run import TrainingRun

MOST_EDITS = 100
MOST_TRAINED = 4  # trained networks that can be brought back


@dataclass(frozen=True)
class EditState:
    """All that an edit can change; undo goes back to one."""

    experiment: Experiment
    dataset: Dataset
    training_run: TrainingRun


Edit = tuple[str, EditState]  # its name, and what there was on the other side of it


class UndoHistory:
    """The states that undo and redo lead to."""

    def __init__(self) -> None:
        self._undo: list[Edit] = []
        self._redo: list[Edit] = []

    def __iter__(self) -> Iterator[EditState]:
        return (state for _, state in (*self._undo, *self._redo))

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return bool(self._undo)

    def add(self, name: str, before: EditState, now: EditState) -> None:
        """An edit has led from `before` to `now`: what could be redone is gone."""
        self._undo.append((name, before))
        del self._undo[:-MOST_EDITS]
        self._release_old_runs(before.training_run)
        reachable = {id(state.training_run) for _, state in self._undo} | {id(now.training_run)}
        for _, state in self._redo:
            if id(state.training_run) not in reachable:
                state.training_run.close_if_idle()
        self._redo.clear()

    def peek(self, word: str) -> Edit:
        """The edit that `word`, undo or redo, is about. InputError when there is none."""
        edits = self._redo if word == "redo" else self._undo
        if not edits:
            raise InputError(f"There is nothing to {word}")
        return edits[-1]

    def step(self, word: str, now: EditState) -> None:
        """Move that edit to the other side, so that it leads back to `now`."""
        source, other = (self._redo, self._undo) if word == "redo" else (self._undo, self._redo)
        name, _ = source.pop()
        other.append((name, now))

    def _release_old_runs(self, present: TrainingRun) -> None:
        """Keep the memory bounded: only the latest trained networks stay."""
        seen: list[TrainingRun] = []
        for _, state in reversed(self._undo):
            if state.training_run not in seen and state.training_run is not present:
                seen.append(state.training_run)
        trained = [training_run for training_run in seen if training_run.trained]
        begun = [training_run for training_run in seen if training_run.trainer is not None and not training_run.trained]
        for training_run in (*trained[MOST_TRAINED:], *begun[MOST_TRAINED:]):
            training_run.release()
