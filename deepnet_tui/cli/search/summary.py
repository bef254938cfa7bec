"""What a search has come to, in words and in tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.text import counted
from deepnet_tui.common.times import spoken
from deepnet_tui.search.search import SearchProgress
from deepnet_tui.search.trial import DONE, RUNNING, STATES, Trial, better_parts, ranked
from deepnet_tui.search.verdict import beats_defaults, metric_of, verdict

if TYPE_CHECKING:
    from rich.table import Table

    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.search.store import StoredSearch

SHOWN = 5  # trials in the table, those of the defaults aside
BAR = 20  # width of the most important setting's bar


@dataclass(frozen=True)
class SearchSummary:
    """A search as far as it is. `fresh` are the scores of the best trial and of the defaults on other parts."""

    search: StoredSearch
    dataset: Dataset
    progress: SearchProgress
    fresh: tuple[float, float] | None = None

    @property
    def head(self) -> str:
        """How many trials there were, and what they were scored by."""
        progress, held = self.progress, self.dataset.validation
        counts = {state: sum(trial.state == state for trial in progress.trials) for state in STATES}
        named = {RUNNING: "unfinished"}  # the search has ended, so nothing runs any more
        states = ", ".join(f"{count} {named.get(state, state)}" for state, count in counts.items() if count)
        rows = f"{self.dataset.train.m:,} training rows, each by a network that was not trained on it"
        apart = "" if held is None else f"; the {held.m:,} validation rows had no part in it"
        begin = (
            f"{self.dataset.name}  {counted(len(progress.trials), 'trial')} ({states}) in {spoken(progress.seconds)}"
        )
        return f"{begin}\nscored by the {self.metric} of {rows}{apart}"

    @property
    def metric(self) -> str:
        """What trials are scored by."""
        return metric_of(self.dataset)

    @property
    def beats(self) -> bool:
        """Whether a trial is better than the defaults."""
        return beats_defaults(self.progress)

    @property
    def verdict(self) -> str:
        """Whether the search beat the defaults, in a sentence."""
        return verdict(self.progress, self.metric, self.fresh)

    def trials(self) -> Table:
        """The best trials, and that of the defaults, a column for each setting."""
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for title in ("trial", "score", *(entry.setting.label for entry in self.search.ranges)):
            table.add_column(title, justify="right")
        finished = [trial for trial in ranked(self.progress.trials) if trial.state == DONE]
        shown = [trial for place, trial in enumerate(finished) if place < SHOWN or trial.number == 0]
        for trial in shown:
            values = (entry.shown(trial.values[entry.name]) for entry in self.search.ranges)
            name = str(trial.number) if trial.number else "defaults"
            table.add_row(name, f"{trial.score:.4g}", *values, style=None if trial.number else "dim")
        return table

    def settings(self) -> Table:
        """Every setting with the defaults' value, that of the best trial, and its importance."""
        from rich.table import Table

        importance = self.progress.importance
        table = Table("setting", box=None, pad_edge=False)
        for title in ("defaults", "best"):
            table.add_column(title, justify="right")
        if importance:
            table.add_column("importance")
        best = self.progress.best
        order = sorted(self.search.ranges, key=lambda entry: -importance.get(entry.name, 0.0))
        now_set = {} if best is None else best.values
        for entry in order if now_set else ():
            before, now = self._defaults[entry.name], now_set[entry.name]
            bar = [importance_bar(importance.get(entry.name), importance)] if importance else []
            same = before == now
            table.add_row(
                entry.setting.label, entry.shown(before), entry.shown(now), *bar, style="dim" if same else None
            )
        return table

    @property
    def _defaults(self) -> Mapping[str, Any]:
        return next(trial.values for trial in self.progress.trials if trial.number == 0)

    def plain(self) -> dict[str, Any]:
        """Everything, as JSON has it."""
        best, defaults = self.progress.best, self.progress.defaults
        ahead = None if best is None or defaults is None else better_parts(best, defaults)[0]
        return {
            "search": self.search.id,
            "trials": len(self.progress.trials),
            "states": {state: sum(trial.state == state for trial in self.progress.trials) for state in STATES},
            "scored_by": self.metric,
            "training_rows": self.dataset.train.m,
            "best": None if best is None else plain_trial(best),
            "defaults": None if defaults is None else plain_trial(defaults),
            "beats_defaults": self.beats,
            "parts_ahead": ahead,
            "fresh_scores": None if self.fresh is None else dict(zip(("best", "defaults"), self.fresh, strict=True)),
            "importance": self.progress.importance,
            "verdict": self.verdict,
        }


def importance_bar(share: float | None, importance: Mapping[str, float]) -> str:
    """A bar as long as the share of the setting beside the largest, and the share."""
    if not share:
        return ""
    length = max(1, round(BAR * share / max(importance.values())))
    return f"{'█' * length} {share:.0%}"


def plain_trial(trial: Trial) -> dict[str, Any]:
    """A trial, as JSON has it."""
    return {
        "trial": trial.number,
        "state": trial.state,
        "score": trial.score,
        "parts": trial.parts,
        "settings": dict(trial.values),
        "seconds": trial.seconds,
        **({"reason": trial.reason} if trial.reason else {}),
    }
