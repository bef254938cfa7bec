"""What the conditions of a lesson look at: settings, the training run, and what is on the screen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from deepnet_tui.workbench.state import State

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.workbench.workbench import Workbench


@dataclass(frozen=True)
class Facts:
    """What is true now.

    `accuracy` is that of the training part, `compared` how many iterations were trained side by side since the step
    began, `folds` whether the folds in Evaluate are done. `seen` are the operations that Explain has shown since the
    step began, `checks` the gradient checks run since then and whether they passed, `answered` says whether the
    question was answered correctly.
    """

    state: str = State.EMPTY
    iteration: int = 0
    cost: float | None = None
    validation_cost: float | None = None
    source: str = ""
    initializer: str = ""
    optimizer: str = ""
    activations: frozenset[str] = frozenset()
    hidden: tuple[int, ...] = ()
    learning_rate: float = 0.0
    l2: float = 0.0
    dropout: float = 0.0
    batch_size: int | None = None
    accuracy: float | None = None
    validation_accuracy: float | None = None
    compared: int = 0
    folds: bool = False
    view: str = ""
    seen: frozenset[str] = field(default_factory=frozenset)
    checks: tuple[bool, ...] = ()
    answered: bool = False


def facts_of(experiment: Experiment) -> Facts:
    """The facts that follow from settings alone."""
    hidden, training = experiment.network.hidden, experiment.training
    return Facts(
        source=experiment.data.source,
        initializer=experiment.network.initializer,
        optimizer=training.optimizer,
        activations=frozenset(layer.activation for layer in hidden),
        hidden=tuple(layer.units for layer in hidden),
        learning_rate=training.learning_rate,
        batch_size=training.batch_size,
        l2=training.l2,
        dropout=max((layer.dropout for layer in hidden), default=0.0),
    )


def facts(
    workbench: Workbench,
    *,
    view: str = "",
    seen: frozenset[str] = frozenset(),
    checks: tuple[bool, ...] = (),
    answered: bool = False,
    accuracy: float | None = None,
    validation_accuracy: float | None = None,
    compared: int = 0,
    folds: bool = False,
) -> Facts:
    """The facts of a workbench and of the screen, which the keywords describe."""
    if not workbench.ready:
        return Facts(view=view)
    shown = workbench.snapshot
    return replace(
        facts_of(workbench.experiment),
        state=workbench.state,
        iteration=workbench.iteration,
        cost=shown.cost if shown else None,
        validation_cost=shown.validation_cost if shown else None,
        view=view,
        seen=seen,
        checks=checks,
        answered=answered,
        accuracy=accuracy,
        validation_accuracy=validation_accuracy,
        compared=compared,
        folds=folds,
    )
