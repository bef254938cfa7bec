"""The study of a search: Optuna draws the settings, and a journal file keeps every trial as soon as it is known.

Only the process that leads the search reads and writes it, so workers need neither the file nor Optuna. Each trial is
drawn with a seed of its own, made of the seed of the search and the trial's number: a search that was interrupted draws
the same trials as one that was not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.search.ranges.range import Range
from deepnet_tui.search.scoring import Outcome
from deepnet_tui.search.settings import Values
from deepnet_tui.search.trial import DIVERGED, DONE, FAILED, PRUNED, RUNNING, Trial

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial

NAME, OUTCOME, REASON = "search", "outcome", "reason"  # of the study, and of what is kept of a trial beside its values
ENOUGH = 6  # finished trials from which the importance of settings is estimated


def _random(seed: int) -> BaseSampler:
    from optuna.samplers import RandomSampler

    return RandomSampler(seed=seed)


def _tpe(seed: int) -> BaseSampler:
    from optuna.samplers import TPESampler

    return TPESampler(seed=seed)


SAMPLERS: dict[str, Callable[[int], BaseSampler]] = {"tpe": _tpe, "random": _random}
"""What draws the settings of a trial, by name."""


class _Alone:
    """No lock: the search's own is held, and Optuna's would outlive a process that is killed while it writes."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        """There is nothing to release."""


class Study:
    """The trials in the journal at `path`, which is made if it is not there; `defaults` are the values of trial 0."""

    def __init__(self, path: Path, ranges: Sequence[Range], defaults: Values, sampler: str, seed: int) -> None:
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._path = path
        alone: Any = _Alone()
        with self._kept():
            _drop_torn_line(path)
            storage = JournalStorage(JournalFileBackend(str(path), alone))
            self._study = optuna.create_study(storage=storage, study_name=NAME, load_if_exists=True)
        self._ranges = {entry.name: entry for entry in ranges}
        self._distributions = {name: entry.distribution() for name, entry in self._ranges.items()}
        self._defaults, self._sampler, self._seed = defaults, SAMPLERS[sampler], seed

    def ask(self) -> Trial:
        """Another trial. It counts as running until `tell` or `fail`, in another process, too. Raises InputError."""
        number = len(self._study.get_trials(deepcopy=False))
        self._study.sampler = self._sampler((self._seed * 1_000_003 + number) % 2**32)
        try:
            with self._kept():
                trial = self._study.ask(self._distributions) if number else self._ask_defaults()
        except ValueError:
            raise InputError("the trials that are kept are not of the ranges of this search", "resume") from None
        return self._of(self._frozen(trial.number))

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Say in a sentence that the journal can't be written. Nothing is written after that: its end may be torn."""
        try:
            yield
        except OSError as error:
            said = f"the search can't be kept in {self._path.parent}: {(error.strerror or str(error)).lower()}"
            raise InputError(f"{said}; trials that were finished before are kept") from None

    def _ask_defaults(self) -> Any:
        try:
            drawn = {name: entry.drawn(self._defaults[name]) for name, entry in self._ranges.items()}
        except ValueError:  # outside of the ranges: nothing for the sampler to learn from
            return self._study.ask()
        self._study.enqueue_trial(drawn)
        return self._study.ask(self._distributions)

    def tell(self, number: int, outcome: Outcome) -> Trial:
        """Record what came of a trial, at once. Raises InputError where that can't be done."""
        import optuna
        from optuna.trial import TrialState

        frozen = self._frozen(number)
        trial = optuna.trial.Trial(self._study, frozen._trial_id)  # so that a trial of an earlier process can be told
        with self._kept():
            trial.set_user_attr(OUTCOME, asdict(outcome))
            if outcome.state == DONE:
                self._study.tell(number, outcome.score)
            else:
                if outcome.reports and outcome.state == PRUNED:
                    trial.report(outcome.reports[-1], len(outcome.reports) - 1)
                self._study.tell(number, state=TrialState.PRUNED)
        return self._of(self._frozen(number))

    def fail(self, number: int, reason: str) -> Trial:
        """Record that a trial came to nothing. Raises InputError where that can't be done."""
        import optuna
        from optuna.trial import TrialState

        with self._kept():
            optuna.trial.Trial(self._study, self._frozen(number)._trial_id).set_user_attr(REASON, reason)
            self._study.tell(number, state=TrialState.FAIL)
        return self._of(self._frozen(number))

    def drop_half_asked(self) -> None:
        """Fail the trials of which not all settings were recorded when a process died. Raises InputError as `fail`."""
        for frozen in self._study.get_trials(deepcopy=False)[1:]:  # the first one has the defaults
            if not frozen.state.is_finished() and not self._ranges.keys() <= frozen.params.keys():
                self.fail(frozen.number, "its settings were not all recorded")

    def trials(self) -> tuple[Trial, ...]:
        """All trials in order."""
        return tuple(self._of(frozen) for frozen in self._study.get_trials(deepcopy=False))

    def importance(self) -> dict[str, float]:
        """The share of each setting in the differences between scores, by fANOVA, largest first; {} of few trials."""
        from optuna.importance import FanovaImportanceEvaluator, get_param_importances

        finished = [
            frozen
            for frozen in self._study.get_trials(deepcopy=False)
            if frozen.state.name == "COMPLETE"
            and self._ranges.keys() <= frozen.params.keys()
            and math.isfinite(frozen.value or 0.0)
        ]
        varied = [name for name in self._ranges if len({frozen.params[name] for frozen in finished}) > 1]
        if len(finished) < ENOUGH or len({frozen.value for frozen in finished}) < 2 or not varied:
            return {}
        if len(varied) == 1:
            return {varied[0]: 1.0}
        try:
            evaluator = FanovaImportanceEvaluator(seed=self._seed % 2**32)
            found = get_param_importances(self._study, evaluator=evaluator, params=varied)
        except (RuntimeError, ValueError):  # no variance that a forest can explain
            return {}
        return {name: float(share) for name, share in found.items()}

    def _frozen(self, number: int) -> FrozenTrial:
        return self._study.get_trials(deepcopy=False)[number]

    def _of(self, frozen: FrozenTrial) -> Trial:
        about = frozen.user_attrs.get(OUTCOME, {})
        state = {"COMPLETE": DONE, "PRUNED": PRUNED, "FAIL": FAILED}.get(frozen.state.name, RUNNING)
        state = DIVERGED if about.get("state") == DIVERGED else state
        reports = tuple(map(float, about.get("reports", ())))
        score = frozen.value if state == DONE else reports[-1] if state == PRUNED and reports else None
        asked = frozen.params
        values = {name: entry.value(asked[name]) for name, entry in self._ranges.items() if name in asked}
        return Trial(
            frozen.number,
            state,
            dict(self._defaults) if frozen.number == 0 else values,
            None if score is None else float(score),
            tuple(map(float, about.get("parts", ()))),
            reports,
            float(about.get("seconds", 0.0)),
            str(frozen.user_attrs.get(REASON, "")),
        )


def _drop_torn_line(path: Path) -> None:
    """Cut off the last line where it was not written to its end: what follows it could not be read any more."""
    if path.exists():
        whole = path.read_bytes()
        end = whole.rfind(b"\n") + 1
        if end < len(whole):
            with path.open("r+b") as file:
                file.truncate(end)
