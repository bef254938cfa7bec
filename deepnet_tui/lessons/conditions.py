"""What a step of a lesson may wait for. To add a condition, add an entry to CONDITIONS."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deepnet_tui.commands.views import VIEWS
from deepnet_tui.data.builtin import BUILTIN
from deepnet_tui.lessons.facts import Facts
from deepnet_tui.workbench.state import State
from engine.ops.activations import ACTIVATIONS
from engine.ops.initializers import INITIALIZERS
from engine.ops.optimizers import OPTIMIZERS

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment

SMALLEST = -1e-300  # so that 0 is allowed
PANES = ("cost", "design")  # what can be in front besides the views
PER_LAYER = ("Z", "A", "dA", "dZ", "dW", "db", "W", "b")
OPERATIONS = (*PER_LAYER, "loss", "penalty", "cost", "J")
TRAINING = ("train", "step", "step_report")
SETTING = ("training_pane", "open")
FORMER_NAMES = {"held_out_below": "validation_below", "held_out_above": "validation_above"}  # up to version 0.1


@dataclass(frozen=True)
class Condition:
    """`holds(facts, wanted)` says whether it is met; `text` is what the learner reads while it is not.

    `kind` is what a file may give: true, a whole number, a number between `low` and `high` (both excluded), or one
    of `names`. One that `lasts` can still be checked when the step is over: having looked at something can't.
    `controls` are the commands and panes that can bring it about: a lesson must not hide them all. `view` is the view
    in which it happens. `unreachable(wanted, experiment)` says why an experiment can never meet it, "" where it can.
    """

    kind: str
    text: str
    holds: Callable[[Facts, Any], bool]
    lasts: bool = True
    names: Collection[str] = ()
    low: float = -math.inf
    high: float = math.inf
    controls: tuple[str, ...] = ()
    view: str = ""
    unreachable: Callable[[Any, Experiment], str] = lambda _wanted, _experiment: ""

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


class PaneNames(Collection[str]):
    """What a lesson can bring forward: the cost, the design, and every view of the registry."""

    def _names(self) -> tuple[str, ...]:
        return (*PANES, *(view.id for view in VIEWS))

    def __contains__(self, name: object) -> bool:
        return name in self._names()

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())


class OperationNames(Collection[str]):
    """The names of operations in Explain: a kind, or one of a layer."""

    def __contains__(self, name: object) -> bool:
        kind = re.sub(r"(?<=[Wb])([1-9]\d*)_new$|\d+$", "", str(name))
        return kind in (OPERATIONS if kind == name else PER_LAYER)

    def __iter__(self) -> Iterator[str]:
        return iter((*OPERATIONS, "dW1", "W1_new, ..."))

    def __len__(self) -> int:
        return len(OPERATIONS)


def _number(
    text: str, holds: Callable[[Facts, Any], bool], low: float, high: float = math.inf, **more: Any
) -> Condition:
    return Condition("number", text, holds, low=low, high=high, **more)


def _is(text: str, name: str, names: Collection[str], *controls: str) -> Condition:
    """The fact `name` has the wanted value."""
    return Condition(
        "name", text, lambda facts, wanted: bool(getattr(facts, name) == wanted), names=names, controls=controls
    )


def _when(text: str, test: Callable[[Facts], bool], *controls: str, view: str = "") -> Condition:
    return Condition("true", text, lambda facts, _wanted: test(facts), controls=controls, view=view)


def _below(value: float | None, limit: float) -> bool:
    return value is not None and value < limit


def _above(value: float | None, limit: float) -> bool:
    return value is not None and value > limit


def _past_the_end(wanted: int, experiment: Experiment) -> str:
    last = experiment.training.iterations
    return f"{wanted:,} is never reached; the training ends at {last:,}" if wanted > last else ""


def _no_such_layer(operation: str, experiment: Experiment) -> str:
    layer, layers = re.search(r"\d+", operation), len(experiment.network.hidden) + 1
    if layer is None or (len(layer.group()) < 6 and int(layer.group()) <= layers):
        return ""
    return f"{operation!r} does not exist; the network has {layers} layers"


def _no_classes(_wanted: float, experiment: Experiment) -> str:
    entry = BUILTIN.get(experiment.data.source)
    return "the data have no classes" if entry is not None and entry.task == "regression" else ""


def _no_validation(_wanted: float, experiment: Experiment) -> str:
    return "" if experiment.data.validation else "there is no validation part"


CONDITIONS: dict[str, Condition] = {
    "iteration": Condition(
        "whole number",
        "iteration {:,}",
        lambda facts, wanted: facts.iteration >= wanted,
        controls=TRAINING,
        unreachable=_past_the_end,
    ),
    "cost_below": _number("a cost below {}", lambda facts, wanted: _below(facts.cost, wanted), 0),
    "cost_above": _number("a cost above {}", lambda facts, wanted: _above(facts.cost, wanted), SMALLEST),
    "validation_below": _number(
        "a validation cost below {}",
        lambda facts, wanted: _below(facts.validation_cost, wanted),
        0,
        unreachable=_no_validation,
    ),
    "validation_above": _number(
        "a validation cost above {}",
        lambda facts, wanted: _above(facts.validation_cost, wanted),
        SMALLEST,
        unreachable=_no_validation,
    ),
    "accuracy_above": _number(
        "an accuracy above {:g}",
        lambda facts, wanted: _above(facts.accuracy, wanted),
        SMALLEST,
        1,
        unreachable=_no_classes,
    ),
    "validation_accuracy_above": _number(
        "a validation accuracy above {:g}",
        lambda facts, wanted: _above(facts.validation_accuracy, wanted),
        SMALLEST,
        1,
        unreachable=lambda wanted, experiment: _no_classes(wanted, experiment) or _no_validation(wanted, experiment),
    ),
    "initializer": _is("the initializer {}", "initializer", INITIALIZERS, *SETTING, "view_health"),
    "optimizer": _is("the optimizer {}", "optimizer", OPTIMIZERS, *SETTING),
    "activation": Condition(
        "name",
        "the activation {}",
        lambda facts, wanted: facts.activations == frozenset((wanted,)),
        names=ACTIVATIONS,
        controls=("activation", "remove_layer", "view_health", "open"),
    ),
    "source": _is("the data {}", "source", BUILTIN, "data", "open"),
    "layers": Condition(
        "whole number",
        "{} hidden layers",
        lambda facts, wanted: len(facts.hidden) == wanted,
        controls=("add_layer", "remove_layer", "open"),
    ),
    "learning_rate_above": _number(
        "a learning rate above {}", lambda facts, wanted: facts.learning_rate > wanted, SMALLEST, controls=SETTING
    ),
    "learning_rate_below": _number(
        "a learning rate below {}",
        lambda facts, wanted: facts.learning_rate < wanted,
        0,
        controls=(*SETTING, "view_health"),
    ),
    "l2_above": _number(
        "an L2 above {}", lambda facts, wanted: facts.l2 > wanted, SMALLEST, controls=(*SETTING, "view_health")
    ),
    "batch_size_below": _number(
        "a batch size below {:g}",
        lambda facts, wanted: facts.batch_size is not None and facts.batch_size < wanted,
        1,
        controls=SETTING,
    ),
    "dropout_above": _number(
        "a dropout above {}", lambda facts, wanted: facts.dropout > wanted, SMALLEST, 1, controls=SETTING
    ),
    "view": Condition(
        "name", "the view {}", lambda facts, wanted: facts.view == wanted, lasts=False, names=PaneNames()
    ),
    "operation_seen": Condition(
        "name",
        "{} in Explain",
        lambda facts, wanted: wanted in facts.seen,
        lasts=False,
        names=OperationNames(),
        view="explain",
        unreachable=_no_such_layer,
    ),
    "guess_made": Condition(
        "true", "a guess", lambda facts, _wanted: "guess" in facts.seen, lasts=False, view="explain"
    ),
    "compared": Condition(
        "whole number",
        "iteration {:,} side by side",
        lambda facts, wanted: facts.compared >= wanted,
        lasts=False,
        controls=("side_by_side",),
        unreachable=_past_the_end,
    ),
    "folds_done": Condition("true", "the folds", lambda facts, _wanted: facts.folds, lasts=False, view="evaluate"),
    "check_run": _when("a gradient check", lambda facts: bool(facts.checks), view="explain"),
    "check_passed": _when("a gradient check that passes", lambda facts: any(facts.checks), view="explain"),
    "check_failed": _when("a gradient check that fails", lambda facts: not all(facts.checks), view="explain"),
    "resting": _when(
        "the end of the training", lambda facts: facts.state != State.TRAINING and facts.iteration > 0, *TRAINING
    ),
    "finished": _when("the end of the run", lambda facts: facts.state == State.FINISHED, *TRAINING),
    "diverged": _when("a run that diverges", lambda facts: facts.state == State.DIVERGED, *TRAINING),
    "answered": Condition("true", "the right answer", lambda facts, _wanted: facts.answered, lasts=False),
}
