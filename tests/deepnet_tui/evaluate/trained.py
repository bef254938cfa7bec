"""A network trained for a while, to be evaluated."""

from __future__ import annotations

from typing import Any

from deepnet_tui.data.load import load
from deepnet_tui.evaluate.report import EvaluationInput
from deepnet_tui.experiment import Experiment
from deepnet_tui.training.snapshots import Snapshot


def trained(source: str, iterations: int = 100) -> tuple[EvaluationInput, Any]:
    experiment = Experiment.default(source).replace("training", iterations=iterations)
    dataset = load(experiment.data)
    trainer = experiment.trainer(dataset)
    trainer.advance(iterations)
    snapshot = Snapshot(iterations, trainer.cost(), trainer.validation_cost(), trainer.parameters)
    return EvaluationInput("run", dataset, trainer.network, snapshot), trainer
