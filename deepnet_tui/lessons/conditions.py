"""What a step of a lesson may wait for. To add a condition, add an entry."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from deepnet_tui.commands.views import VIEWS
from deepnet_tui.data.builtin import BUILTIN
from deepnet_tui.training.workbench import State
from engine.ops.activations import ACTIVATIONS
from engine.ops.initializers import INITIALIZERS
from engine.ops.optimizers import OPTIMIZERS

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.training.workbench import Workbench


@dataclass(frozen=True)
class Facts:
    """What is the case now. `seen` are operations that Explain has shown since the step began, `checks` the
    gradient checks run since then and whether they passed, `answered` whether the question was answered rightly."""

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
    view: str = ""
    seen: frozenset[str] = field(default_factory=frozenset)
    checks: tuple[bool, ...] = ()
    answered: bool = False


@dataclass(frozen=True)
class Condition:
    """`holds(facts, wanted)`; `said` is what the learner reads while it is waited for.

    `kind` is what a file may give: true, a whole number, a number between `low` and `high` (these excluded), or one
    of `names`. What `lasts` can still be asked for when the step is over: a look at something can't.
    """

    kind: str
    said: str
    holds: Callable[[Facts, Any], bool]
    lasts: bool = True
    names: Collection[str] = ()
    low: float = -math.inf
    high: float = math.inf

    def refusal(self, value: Any) -> str:
        """What is wrong with a value from a file, "" for nothing."""
        whole = isinstance(value, int) and not isinstance(value, bool)
        match self.kind:
            case "true":
                return "" if value is True else f"must be true, not {value!r}"
            case "name" if not isinstance(value, str):
                return f"must be a word in quotes, not {value!r}"
            case "name":
                return "" if value in self.names else f"{value!r} is unknown; choose one of {', '.join(self.names)}"
            case "whole number":
                return "" if whole and value >= 0 else f"must be a whole number from 0, not {value!r}"
        if not (whole or isinstance(value, float)) or not math.isfinite(value):
            return f"must be a finite number, not {value!r}"
        if value <= self.low:
            return f"must be above {self.low:g}, not {value!r}"
        return "" if value < self.high else f"must be below {self.high:g}, not {value!r}"


def _number(said: str, holds: Callable[[Facts, Any], bool], low: float, high: float = math.inf) -> Condition:
    return Condition("number", said, holds, low=low, high=high)


def _is(said: str, name: str, names: Collection[str]) -> Condition:
    return Condition("name", said, lambda facts, wanted: bool(getattr(facts, name) == wanted), names=names)


def _when(said: str, test: Callable[[Facts], bool]) -> Condition:
    return Condition("true", said, lambda facts, _wanted: test(facts))


def _below(value: float | None, limit: float) -> bool:
    return value is not None and value < limit


def _above(value: float | None, limit: float) -> bool:
    return value is not None and value > limit


SMALLEST = -1e-300  # so that 0 is allowed
PANES = ("cost", "design")  # what can be in front besides the views
PER_LAYER = ("Z", "A", "dA", "dZ", "dW", "db", "W", "b")
OPERATIONS = (*PER_LAYER, "loss", "penalty", "cost", "J")


class Operations:
    """The names of operations in Explain: a kind, or one of a layer."""

    def __contains__(self, name: object) -> bool:
        kind = re.sub(r"(?<=[Wb])([1-9]\d*)_new$|\d+$", "", str(name))
        return kind in (OPERATIONS if kind == name else PER_LAYER)

    def __iter__(self) -> Iterator[str]:
        return iter((*OPERATIONS, "dW1", "W1_new, ..."))

    def __len__(self) -> int:
        return len(OPERATIONS)


CONDITIONS: dict[str, Condition] = {
    "iteration": Condition("whole number", "iteration {:,}", lambda facts, wanted: facts.iteration >= wanted),
    "cost_below": _number("a cost below {}", lambda facts, wanted: _below(facts.cost, wanted), 0),
    "cost_above": _number("a cost above {}", lambda facts, wanted: _above(facts.cost, wanted), SMALLEST),
    "validation_below": _number(
        "a held-out cost below {}", lambda facts, wanted: _below(facts.validation_cost, wanted), 0
    ),
    "validation_above": _number(
        "a held-out cost above {}", lambda facts, wanted: _above(facts.validation_cost, wanted), SMALLEST
    ),
    "initializer": _is("the initializer {}", "initializer", INITIALIZERS),
    "optimizer": _is("the optimizer {}", "optimizer", OPTIMIZERS),
    "activation": Condition(
        "name",
        "the activation {}",
        lambda facts, wanted: facts.activations == frozenset((wanted,)),
        names=ACTIVATIONS,
    ),
    "source": _is("the data {}", "source", BUILTIN),
    "layers": Condition("whole number", "{} hidden layers", lambda facts, wanted: len(facts.hidden) == wanted),
    "learning_rate_above": _number(
        "a learning rate above {}", lambda facts, wanted: facts.learning_rate > wanted, SMALLEST
    ),
    "learning_rate_below": _number("a learning rate below {}", lambda facts, wanted: facts.learning_rate < wanted, 0),
    "l2_above": _number("an L2 above {}", lambda facts, wanted: facts.l2 > wanted, SMALLEST),
    "dropout_above": _number("a dropout above {}", lambda facts, wanted: facts.dropout > wanted, SMALLEST, 1),
    "view": Condition(
        "name",
        "the view {}",
        lambda facts, wanted: facts.view == wanted,
        lasts=False,
        names=(*PANES, *(view.id for view in VIEWS)),
    ),
    "operation_seen": Condition(
        "name", "{} in Explain", lambda facts, wanted: wanted in facts.seen, lasts=False, names=Operations()
    ),
    "guess_made": Condition("true", "a guess", lambda facts, _wanted: "guess" in facts.seen, lasts=False),
    "check_run": _when("a gradient check", lambda facts: bool(facts.checks)),
    "check_passed": _when("a gradient check that passes", lambda facts: any(facts.checks)),
    "check_failed": _when("a gradient check that fails", lambda facts: not all(facts.checks)),
    "resting": _when("the end of the training", lambda facts: facts.state != State.TRAINING and facts.iteration > 0),
    "finished": _when("the end of the run", lambda facts: facts.state == State.FINISHED),
    "diverged": _when("a run that diverges", lambda facts: facts.state == State.DIVERGED),
    "answered": Condition("true", "the right answer", lambda facts, _wanted: facts.answered, lasts=False),
}


def facts_of(experiment: Experiment) -> Facts:
    """What settings alone tell."""
    hidden, training = experiment.network.hidden, experiment.training
    return Facts(
        source=experiment.data.source,
        initializer=experiment.network.initializer,
        optimizer=training.optimizer,
        activations=frozenset(layer.activation for layer in hidden),
        hidden=tuple(layer.units for layer in hidden),
        learning_rate=training.learning_rate,
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
) -> Facts:
    """The facts of a workbench, and of what is on the screen."""
    if not workbench.ready:
        return Facts(view=view)
    shown = workbench.shown
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
    )
