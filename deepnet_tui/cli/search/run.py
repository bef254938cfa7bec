"""A search on the command line, from the first trial to the run of the best settings."""

from __future__ import annotations

import time
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepnet_tui.cli.output import tell
from deepnet_tui.cli.report import data_notes
from deepnet_tui.cli.search.report import JsonSearch, QuietSearch, TerminalSearch
from deepnet_tui.cli.search.summary import SearchSummary
from deepnet_tui.cli.stop_signal import stop_on_signal
from deepnet_tui.cli.tables import column_table
from deepnet_tui.cli.training_run import Outputs, train_and_report
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted
from deepnet_tui.runs.store import Store
from deepnet_tui.search.ranges.sensible import sensible
from deepnet_tui.search.ranges.written import written
from deepnet_tui.search.search import Case, Search, confirm
from deepnet_tui.search.settings import with_values
from deepnet_tui.search.store import StoredSearch, begin, open_search
from deepnet_tui.search.workers import workers_for

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment

DIVERGED, INTERRUPTED = 3, 130
TRIALS = 30


@dataclass(frozen=True)
class SearchRequest:
    """What is asked of the search itself; None where an option is not given."""

    trials: int | None
    seconds: float | None
    sampler: str | None
    jobs: int | None
    scheduler: str | None
    vary: tuple[str, ...]
    output: Path | None


def started(
    experiment: Experiment, chosen: Container[str] | None, fixed: Container[str], request: SearchRequest
) -> tuple[StoredSearch, Case]:
    """A new search. `chosen` as in `Experiment.with_data_defaults`; settings in `fixed` are not varied by themselves.

    Raises InputError.
    """
    from deepnet_tui.data.load import load
    from deepnet_tui.training.stored_run import data_digest

    ranges = written(request.vary, experiment.search)
    dataset = load(experiment.data, dtype=experiment.dtype_of_inputs(chosen))
    experiment = experiment.with_data_defaults(dataset, chosen)
    case = Case(experiment.model_copy(update={"search": {}}), experiment.fitted(dataset))
    case.check()
    ranges = ranges or sensible(experiment, dataset.train.m, fixed)
    sampler, trials = request.sampler or "tpe", request.trials or TRIALS
    return begin(Store(), case.experiment, ranges, sampler, trials, data_digest(case.dataset)), case


def resumed(name: str, request: SearchRequest) -> tuple[StoredSearch, Case]:
    """A search that was kept. Raises InputError where it is complete, or its data have changed."""
    from deepnet_tui.training.stored_run import data_as_kept

    search = open_search(Store(), name)
    if request.vary or request.sampler:
        option = "vary" if request.vary else "sampler"
        raise InputError(f"--{option} can't be changed when a search is resumed", option)
    if search.about.get("run") and (request.trials or 0) <= search.trials:
        more = f"--trials {search.trials + TRIALS} adds some"
        raise InputError(f"search {search.id} is complete with {search.trials} trials; {more}", "resume")
    experiment = search.experiment()
    dataset, same = data_as_kept(experiment, search.data)
    if not same:
        raise InputError(f"the data of search {search.id} have changed since: {search.source}", "resume")
    return (search.updated(request.trials) if request.trials else search), Case(experiment, dataset)


def run_search(search: StoredSearch, case: Case, request: SearchRequest, outputs: Outputs) -> int:
    """Run the trials, report, and train the best settings as an ordinary run; gives the exit code.

    Raises InputError.
    """
    shown = JsonSearch() if outputs.json else QuietSearch() if outputs.quiet else TerminalSearch()
    if not (outputs.json or outputs.quiet):
        column_table(case.dataset)
    data_notes(case.dataset, case.experiment.warnings(case.dataset), only_warnings=outputs.quiet)
    with search.lock():
        study, fresh = search.study(case.experiment), None
        try:
            with (
                stop_on_signal() as stop,
                shown,
                workers_for(case.rows, request.jobs, request.scheduler, stop.is_set) as workers,
            ):
                running = Search(case, study, workers, shown, stop, wanted=search.trials, seconds=request.seconds)
                progress = running.run()
                best = progress.best
                if best is not None and best.number and not stop.is_set() and workers.slots:
                    fresh = confirm(case, workers, best, stop.is_set)
                interrupted = stop.is_set()
            summary = SearchSummary(search, case.dataset, progress, fresh)
            if interrupted:
                shown.interrupted(summary)
                kept = f"{progress.finished} of {counted(search.trials, 'trial')} are kept"
                tell(f"interrupted: {kept}; deepnet-tui search --resume {search.id} goes on")
                return INTERRUPTED
            return _train_best(search, case, summary, shown, outputs, request.output)
        finally:
            if not study.trials():  # it never began: there is no scheduler, or no worker
                search.forget()


def _train_best(
    search: StoredSearch, case: Case, summary: SearchSummary, shown: QuietSearch, outputs: Outputs, output: Path | None
) -> int:
    best = summary.progress.best
    if best is None:
        reason = next((trial.reason for trial in summary.progress.trials if trial.reason), "")
        if reason:
            raise InputError(f"no trial could be trained: {reason}", "vary")
        shown.interrupted(summary)
        tell("no trial has finished; smaller learning rates or more --time may help")
        return DIVERGED
    shown.result(summary)
    experiment = with_values(case.experiment, best.values if best.number else {})
    if output is not None:
        experiment.write(output)
        tell(f"the best settings are written to {output}")
    from deepnet_tui.training.stored_run import data_digest

    trainer = experiment.trainer(case.dataset)
    network = trainer.network
    about: dict[str, Any] = {
        "data": data_digest(case.dataset),
        "network": list(network.dims),
        "task": case.dataset.task,
    }
    about |= {"ensemble": network.ensemble} if network.ensemble > 1 else {}
    run = Store().begin(experiment, **about, search=search.id)
    code = train_and_report(case.dataset, trainer, run, outputs, reporter=shown.training(case.dataset, trainer))
    if run.kept:
        scores = {"fresh": summary.fresh, "best": best.number, "completed": time.time()}
        search.updated(run=run.id, trials=len(summary.progress.trials), **scores)
    return code
