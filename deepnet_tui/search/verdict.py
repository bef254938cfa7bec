"""Whether a search beat the defaults, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deepnet_tui.common.text import counted
from deepnet_tui.search.search import SearchProgress
from deepnet_tui.search.trial import RUNNING, better_parts

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset

Fresh = tuple[float, float]  # scores of the best trial and of the defaults on parts that were drawn after the search


def metric_of(dataset: Dataset) -> str:
    """What trials are scored by."""
    return "internal loss" if dataset.labels == "numbers" else "internal log-loss"


def beats_defaults(progress: SearchProgress) -> bool:
    """Whether a trial is better than the defaults, which may also have come to nothing."""
    return progress.best is not None and progress.best.number > 0


def _states(progress: SearchProgress) -> set[str]:
    return {trial.state for trial in progress.trials}


def verdict(progress: SearchProgress, metric: str, fresh: Fresh | None = None) -> str:
    """The sentence; with `fresh` it says whether the trial is also better on other parts than it was chosen by."""
    best, defaults = progress.best, progress.defaults
    if best is None:
        return "No trial has finished."
    if defaults is None or defaults.score is None:
        return f"The best {metric} is {best.score:.4g} (trial {best.number}); the defaults have none."
    if not beats_defaults(progress):
        others = sum(trial.number > 0 and trial.state != RUNNING for trial in progress.trials)
        better = f"none of the {counted(others, 'other trial')} is better" if others > 1 else "no other trial is better"
        better += " so far" if len(progress.trials) < progress.wanted or RUNNING in _states(progress) else ""
        return f"The search did not beat the defaults: their {metric} is {defaults.score:.4g}, and {better}."
    ahead, parts = better_parts(best, defaults)
    against = f"{best.score:.4g} (trial {best.number}) against {defaults.score:.4g}"
    said = f"The search beat the defaults: {metric} {against}, better on {ahead} of {counted(parts, 'part')}"
    if fresh is None:
        return f"{said}."
    one, other = fresh
    drawn = f"on parts drawn anew {one:.4g} against {other:.4g}"
    return f"{said}; {drawn}{'' if one < other else ', where the defaults are better: it may be chance'}."
