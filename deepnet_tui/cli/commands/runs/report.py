"""`report`: a page about a run, to hand on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deepnet_tui.cli.commands.runs.options import Run
from deepnet_tui.cli.output import say

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.folds.result import FoldsResult


def report(
    run: Run,
    output: Annotated[Path, typer.Option(help="Where to write it: .html (one file) or .md.", metavar="FILE")] = Path(
        "report.html"
    ),
    folds: Annotated[
        int | None, typer.Option(help="Cross-validate the settings of the run on N folds, too.", metavar="N", min=2)
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Let --output replace an existing file.")] = False,
) -> None:
    """Write a report on a run.

    Data and what was dropped, network, costs, metrics beside simpler models, confusion matrix, calibration, importance
    of the columns, settings, and how to reproduce it. The page is one file and loads nothing.

    \b
    Example:  deepnet-tui report last --output report.html
    """
    from deepnet_tui.cli.training_run import chooser_of
    from deepnet_tui.export.output_path import output_path_for
    from deepnet_tui.report.build import build
    from deepnet_tui.report.case import read_case
    from deepnet_tui.report.files import check_suffix, write_report
    from deepnet_tui.runs.store import Store

    check_suffix(output)
    record = Store().open(run)
    experiment = record.experiment()
    place = output_path_for(output, overwrite, experiment.data.files, field="output")
    validated = None if folds is None else _validated(experiment, folds)
    write_report(build(read_case(record, chooser_of(record), validated)), place)
    say(f"report on run {record.id} written to {output}")


def _validated(experiment: Experiment, count: int) -> FoldsResult:
    import threading

    from deepnet_tui.cli.output import tell
    from deepnet_tui.folds.cross_validation import FoldsObserver, cross_validate
    from deepnet_tui.folds.plan import FoldPlan
    from deepnet_tui.folds.result import Fold
    from deepnet_tui.folds.source import fold_source

    class Observer(FoldsObserver):
        def ends(self, fold: Fold) -> None:
            tell(f"fold {fold.number} of {count} is trained and tested")

    plan = FoldPlan(count)
    return cross_validate(experiment, fold_source(experiment.data, plan), plan, None, Observer(), threading.Event())
