"""A trial as it stands, and what a search has come to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

RUNNING, DONE, PRUNED, DIVERGED, FAILED = STATES = ("running", "done", "pruned", "diverged", "failed")


@dataclass(frozen=True)
class Trial:
    """The trial `number` has these `values` of the settings that are searched; 0 has those of the defaults.

    `score` is the internal loss: of a trial that is done the mean over its `parts`, of one that was pruned what it had
    reached by then, None of others. `reports` are the scores at every report. `reason` says why it failed.
    """

    number: int
    state: str
    values: Mapping[str, Any] = field(default_factory=dict)
    score: float | None = None
    parts: tuple[float, ...] = ()
    reports: tuple[float, ...] = ()
    seconds: float = 0.0
    reason: str = ""


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """The finished trial with the lowest score, the earlier one of equals."""
    finished = [trial for trial in trials if trial.state == DONE and trial.score is not None]
    return min(finished, key=lambda trial: (trial.score, trial.number), default=None)


def best_so_far(trials: Sequence[Trial]) -> tuple[float, ...]:
    """For every trial in order the lowest score of a finished one up to it; nan before the first."""
    best, found = math.nan, []
    for trial in sorted(trials, key=lambda trial: trial.number):
        if trial.state == DONE and trial.score is not None and not trial.score >= best:
            best = trial.score
        found.append(best)
    return tuple(found)


def ranked(trials: Sequence[Trial]) -> list[Trial]:
    """The finished ones by their score, then the running, the pruned, and those that came to nothing."""
    order = {DONE: 0, RUNNING: 1, PRUNED: 2, DIVERGED: 3, FAILED: 4}

    def key(trial: Trial) -> tuple[int, float, int]:
        return order[trial.state], math.inf if trial.score is None else trial.score, trial.number

    return sorted(trials, key=key)


def better_parts(best: Trial, defaults: Trial) -> tuple[int, int]:
    """On how many parts the best trial is better than the defaults, and how many there are."""
    pairs = list(zip(best.parts, defaults.parts, strict=False))
    return sum(one < other for one, other in pairs), len(pairs)
