"""What Explain says beside the numbers: which network they are of, what its rows stand for, what is left out."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepnet_tui.data.problem import Problem
    from deepnet_tui.experiment import TrainingSettings
    from deepnet_tui.explain.operation import Operation
    from deepnet_tui.history import Snapshot
    from engine.spec import NetworkSpec

NAMES_WIDTH = 140  # characters for the names of inputs or classes


@dataclass(frozen=True)
class Source:
    """What is being explained."""

    network: NetworkSpec
    snapshot: Snapshot
    problem: Problem
    training: TrainingSettings


def remarks(source: Source, operation: Operation, examples: int) -> list[str]:
    """What rows are called, and what this iteration leaves out of the training as it is set."""
    phase, training = operation.phase, source.training
    said = [_naming(operation.out.name, source)]
    if any(layer.dropout for layer in source.network.hidden):
        said.append("Dropout is off here.")
    if training.class_weight is not None:
        said.append("Class weights are left out here.")
    penalised = (training.l2 or training.l1) and operation.kind in ("penalty", "dW")
    if penalised and source.problem.train.m > examples:
        said.append("In training m is larger, so the penalty weighs less than here.")
    if phase == "update" and training.optimizer != "gd":
        said.append(f"This is plain gradient descent; {training.optimizer} makes a step of another size of it.")
    return said


def _naming(made: str, source: Source) -> str:
    """What the rows stand for, where the data have names for them."""
    problem = source.problem
    if made == "Z1":
        return shorten(f"Its rows are {', '.join(problem.inputs)}.", NAMES_WIDTH, placeholder=" …")
    if made != f"A{len(source.network.layers)}":
        return ""
    if problem.task == "binary" and len(problem.classes) == 2:
        return f"The probability of {problem.classes[1]}."
    if problem.task == "multiclass":
        return shorten(f"The rows are {', '.join(problem.classes)}.", NAMES_WIDTH, placeholder=" …")
    return ""
