"""`check`: the gradient check."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from deepnet_tui.cli.options import DATA_OPTIONS, AsJson, Source, takes
from deepnet_tui.cli.output import say

if TYPE_CHECKING:
    from engine import GradientCheck

FAILED = 1
REPORT_AFTER = 3.0  # seconds
UNCHECKED = ": every entry lies at a kink, which has no derivative"


@takes(
    *DATA_OPTIONS,
    "hidden",
    "activation",
    "initializer",
    "ensemble",
    "loss",
    "quantile",
    "label_smoothing",
    "l2",
    "seed",
)
def check(source: Source, json: AsJson = False, **settings: Any) -> int:
    """Check the gradients.

    Compares the gradients of backward propagation with two-sided differences of the cost, at the parameters that
    training would start from, without dropout. Uses the first 256 examples, and a sample of the entries of a large
    matrix. The exit code is 0 if every matrix that could be checked passes, 1 if one fails or none could be checked.

    \b
    Example:  deepnet-tui check moons --activation tanh
    """
    from deepnet_tui.cli.output import tell
    from deepnet_tui.cli.source import chosen_settings, experiment_from
    from deepnet_tui.data.load import load
    from deepnet_tui.explain.gradient_check import MOST_EXAMPLES
    from deepnet_tui.explain.gradient_check import check as checked
    from engine.parameters import member

    experiment = experiment_from(source, settings)
    chosen = chosen_settings(source, settings)
    dataset = load(experiment.data, dtype=experiment.dtype_of_inputs(chosen))
    experiment = experiment.with_data_defaults(dataset, chosen)
    dataset = experiment.fitted(dataset)
    trainer = experiment.trainer(dataset)
    training, part, network = trainer.training, dataset.train, trainer.network
    found = checked(
        network.member,
        member(trainer.parameters, 0),
        part.X,
        part.Y,
        training.l2,
        training.l1,
        label_smoothing=training.label_smoothing,
        watch=_Progress(time.monotonic()),
    )
    if network.ensemble > 1:
        tell(f"note: the first of {network.ensemble} networks was checked; the others differ only in their parameters")
    if part.m > MOST_EXAMPLES:
        tell(f"note: the first {MOST_EXAMPLES} of {part.m:,} examples were used")
    if sampled := [matrix for matrix in found.matrices if matrix.looked_at + matrix.at_kinks < matrix.size]:
        entries = f"{sampled[0].looked_at + sampled[0].at_kinks:,} entries each"
        tell(f"note: {entries} were checked in {', '.join(f'd{matrix.name}' for matrix in sampled)}")
    if json:
        _emit(found)
    else:
        _show(found)
    return 0 if found.passed else FAILED


class _Progress:
    """Reports the progress of a long check every few seconds."""

    def __init__(self, began: float) -> None:
        self._next = began + REPORT_AFTER

    def __call__(self, name: str, done: int, entries: int) -> None:
        from deepnet_tui.cli.output import tell

        if time.monotonic() >= self._next:
            self._next = time.monotonic() + REPORT_AFTER
            tell(f"d{name}: {done:,} of {entries:,} entries")


def _emit(found: GradientCheck) -> None:
    from deepnet_tui.cli.output import emit

    for matrix in found.matrices:
        passed = matrix.passed if matrix.checked else None
        emit({"event": "matrix", **asdict(matrix), "checked": matrix.checked, "passed": passed})
    emit(
        {
            "event": "finished",
            "passed": found.passed,
            "relative_difference": found.relative_difference,
            "unchecked": found.unchecked,
        }
    )


def _show(found: GradientCheck) -> None:
    from textwrap import wrap

    from deepnet_tui.explain.gradient_check import WIDTH, headline, raised_limits, verdict
    from engine.gradient_check import THRESHOLD

    say(f"{'':7}{'rel. error':>10}{'checked':>15}       largest difference: numeric, backward")
    for matrix in found.matrices:
        checked = f"{matrix.looked_at:,} of {matrix.size:,}"
        error = f"{matrix.relative_difference:.2e}" if matrix.checked else "-"
        worst = matrix.worst[0] if matrix.worst else None
        where = f" [{worst.row}, {worst.column}] {worst.numeric:.7g}, {worst.analytic:.7g}" if worst else UNCHECKED
        say(f"{'d' + matrix.name:7}{error:>10}{checked:>15}  {verdict(matrix)}{where}")
    say(f"{headline(found)} The limit is {THRESHOLD:.0e}.")
    for line in wrap(raised_limits(found), WIDTH):
        say(line)
    if not found.passed and found.relative_difference:
        say(f"The largest relative difference is {found.relative_difference:.2e}.")
