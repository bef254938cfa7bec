"""What a step of a lesson may wait for. To add a condition, add an entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from deepnet_tui.workbench import State

if TYPE_CHECKING:
    from deepnet_tui.workbench import Workbench


@dataclass(frozen=True)
class Facts:
    """What is the case now. `seen` are operations that Explain has shown since the step began, `checks` the
    gradient checks run since then and whether they passed, `answered` whether the question was answered rightly."""

    state: str = State.EMPTY
    iteration: int = 0
    cost: float | None = None
    held_out_cost: float | None = None
    source: str = ""
    initializer: str = ""
    optimizer: str = ""
    activations: frozenset[str] = frozenset()
    hidden: tuple[int, ...] = ()
    learning_rate: float = 0.0
    l2: float = 0.0
    dropout: float = 0.0
    view: str = ""
    seen: frozenset[str] = field(default_factory=frozenset)
    checks: tuple[bool, ...] = ()
    answered: bool = False


@dataclass(frozen=True)
class Condition:
    """`holds(facts, wanted)`; `said` is what the learner reads while it is waited for; `kind` what a file may give.

    What `lasts` can still be asked for when the step is over: a look at something can't.
    """

    kind: str
    said: str
    holds: Callable[[Facts, Any], bool]
    lasts: bool = True


def _is(kind: str, said: str, name: str) -> Condition:
    return Condition(kind, said, lambda facts, wanted: bool(getattr(facts, name) == wanted))


def _when(said: str, test: Callable[[Facts], bool]) -> Condition:
    return Condition("true", said, lambda facts, _wanted: test(facts))


def _look(kind: str, said: str, holds: Callable[[Facts, Any], bool]) -> Condition:
    return Condition(kind, said, holds, lasts=False)


def _below(value: float | None, limit: float) -> bool:
    return value is not None and value < limit


def _above(value: float | None, limit: float) -> bool:
    return value is not None and value > limit


CONDITIONS: dict[str, Condition] = {
    "iteration": Condition("number", "iteration {:,}", lambda facts, wanted: facts.iteration >= wanted),
    "cost_below": Condition("number", "a cost below {}", lambda facts, wanted: _below(facts.cost, wanted)),
    "cost_above": Condition("number", "a cost above {}", lambda facts, wanted: _above(facts.cost, wanted)),
    "held_out_below": Condition(
        "number", "a held-out cost below {}", lambda facts, wanted: _below(facts.held_out_cost, wanted)
    ),
    "held_out_above": Condition(
        "number", "a held-out cost above {}", lambda facts, wanted: _above(facts.held_out_cost, wanted)
    ),
    "initializer": _is("word", "the initializer {}", "initializer"),
    "optimizer": _is("word", "the optimizer {}", "optimizer"),
    "activation": Condition(
        "word", "the activation {}", lambda facts, wanted: facts.activations == frozenset((wanted,))
    ),
    "source": _is("word", "the data {}", "source"),
    "layers": Condition("number", "{} hidden layers", lambda facts, wanted: len(facts.hidden) == wanted),
    "learning_rate_above": Condition(
        "number", "a learning rate above {}", lambda facts, wanted: facts.learning_rate > wanted
    ),
    "learning_rate_below": Condition(
        "number", "a learning rate below {}", lambda facts, wanted: facts.learning_rate < wanted
    ),
    "l2_above": Condition("number", "an L2 above {}", lambda facts, wanted: facts.l2 > wanted),
    "dropout_above": Condition("number", "a dropout above {}", lambda facts, wanted: facts.dropout > wanted),
    "view": _look("word", "the view {}", lambda facts, wanted: facts.view == wanted),
    "operation_seen": _look("word", "{} in Explain", lambda facts, wanted: wanted in facts.seen),
    "guess_made": _look("true", "a guess", lambda facts, _wanted: "guess" in facts.seen),
    "check_run": _when("a gradient check", lambda facts: bool(facts.checks)),
    "check_passed": _when("a gradient check that passes", lambda facts: any(facts.checks)),
    "check_failed": _when("a gradient check that fails", lambda facts: not all(facts.checks)),
    "resting": _when("the end of the training", lambda facts: facts.state != State.TRAINING and facts.iteration > 0),
    "finished": _when("the end of the run", lambda facts: facts.state == State.FINISHED),
    "diverged": _when("a run that diverges", lambda facts: facts.state == State.DIVERGED),
    "answered": _look("true", "the right answer", lambda facts, _wanted: facts.answered),
}


def facts(
    workbench: Workbench,
    *,
    view: str = "",
    seen: frozenset[str] = frozenset(),
    checks: tuple[bool, ...] = (),
    answered: bool = False,
) -> Facts:
    """The facts of a workbench, and of what is on the screen."""
    if not workbench.ready:
        return Facts(view=view)
    experiment, shown = workbench.experiment, workbench.shown
    hidden, training = experiment.network.hidden, experiment.training
    return Facts(
        workbench.state,
        workbench.iteration,
        shown.cost if shown else None,
        shown.validation_cost if shown else None,
        experiment.data.source,
        experiment.network.initializer,
        training.optimizer,
        frozenset(layer.activation for layer in hidden),
        tuple(layer.units for layer in hidden),
        training.learning_rate,
        training.l2,
        max((layer.dropout for layer in hidden), default=0.0),
        view,
        seen,
        checks,
        answered,
    )
