"""`check`: the gradient check."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from deepnet_tui.cli.train import L2, Activation, AsJson, Feature, Hidden, Ignore, Initializer, Seed, Source, Target

if TYPE_CHECKING:
    from engine import GradientCheck

FAILED = 1


def check(
    source: Source,
    target: Target = None,
    feature: Feature = None,
    ignore: Ignore = None,
    hidden: Hidden = None,
    activation: Activation = None,
    initializer: Initializer = None,
    l2: L2 = None,
    seed: Seed = None,
    json: AsJson = False,
) -> int:
    """Check the gradients.

    Compares those of backward propagation with two-sided differences of the cost.
    The parameters are those that training would start from; dropout is off. Ends with 0 when every matrix
    passes, with 1 when one fails.

    \b
    Example:  deepnet-tui check moons --activation tanh
    """
    given = dict(locals())
    from deepnet_tui.cli.source import decided, experiment_from
    from deepnet_tui.data.load import load
    from engine import check_gradients

    experiment = experiment_from(source, given)
    problem = load(experiment.data)
    trainer = experiment.suited(problem, decided(source, given)).trainer(problem)
    training = trainer.training
    parameters = trainer.parameters
    found = check_gradients(
        trainer.network, parameters, problem.train.X, problem.train.Y, l2=training.l2, l1=training.l1
    )
    if json:
        _emit(found)
    else:
        _show(found)
    return 0 if found.passed else FAILED


def _emit(found: GradientCheck) -> None:
    from deepnet_tui.cli.show import emit

    for matrix in found.matrices:
        emit({"event": "matrix", **asdict(matrix), "passed": matrix.passed})
    emit({"event": "finished", "passed": found.passed, "relative_difference": found.relative_difference})


def _show(found: GradientCheck) -> None:
    print(f"{'':8}{'relative difference':>20}{'entries':>18}   worst entry: by differences, by backward")
    for matrix in found.matrices:
        looked = f"{matrix.looked_at:,} of {matrix.size:,}"
        worst = matrix.worst[0] if matrix.worst else None
        where = f"[{worst.row}, {worst.column}] {worst.numeric:.9g}, {worst.analytic:.9g}" if worst else ""
        verdict = "pass" if matrix.passed else "FAIL" if matrix.looked_at else "not checked"
        print(f"{'d' + matrix.name:8}{matrix.relative_difference:>20.2e}{looked:>18}   {verdict} {where}".rstrip())
    if found.passed:
        print("passed: backward gives the derivatives of the cost")
    else:
        print(f"FAILED: the largest relative difference is {found.relative_difference:.2e}")
