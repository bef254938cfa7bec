"""A network with its training and its data, what the doctor sees of it, and the same with a remedy."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from engine import Finished, NetworkSpec, Trainer, TrainingSpec
from engine.arrays import Array
from engine.diagnostics.findings import Change, Finding, TrainingRecord
from engine.diagnostics.statistics import Statistics, draw, examine, facts


@dataclass(frozen=True)
class Case:
    """A network, its training and its data."""

    network: NetworkSpec
    training: TrainingSpec
    X: Array
    Y: Array
    validation: tuple[Array, Array] | None = None
    parameters: dict[str, Any] | None = field(default=None)


def records(case: Case, most: int = 10**9) -> list[TrainingRecord]:
    """What the doctor sees at each report."""
    trainer = Trainer(case.network, case.training, case.X, case.Y, case.validation, parameters=case.parameters)
    sample = draw(case.network, case.training, case.X, case.Y, case.validation)
    count = 0 if case.validation is None else case.validation[0].shape[1]
    known = facts(case.network, case.training, case.X, case.Y, count)
    course: list[Statistics] = []
    seen: list[TrainingRecord] = []
    before = None
    for event in trainer.run():
        if isinstance(event, Finished):
            if event.reason == "diverged":
                seen.append(TrainingRecord(case.network, case.training, known, tuple(course), event))
            break
        if event.iteration > most:
            break
        parameters = trainer.parameters
        course.append(examine(case.network, parameters, sample, event.iteration, before))
        before = (event.iteration, parameters)
        seen.append(TrainingRecord(case.network, case.training, known, tuple(course)))
    return seen


def with_remedy(case: Case, finding: Finding) -> Case:
    """The case with the remedy of the finding applied."""
    assert finding.remedy is not None
    for change in finding.remedy.changes:
        case = with_change(case, change)
    return case


def with_change(case: Case, change: Change) -> Case:
    if change.section == "training":
        assert getattr(case.training, change.name) == change.before
        return replace(case, training=replace(case.training, **{change.name: change.after}))
    if change.layers:
        hidden = tuple(
            replace(layer, **{change.name: change.after}) if number in change.layers else layer
            for number, layer in enumerate(case.network.hidden, start=1)
        )
        return replace(case, network=replace(case.network, hidden=hidden), parameters=None)
    assert getattr(case.network, change.name) == change.before
    return replace(case, network=replace(case.network, **{change.name: change.after}), parameters=None)
