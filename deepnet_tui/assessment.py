"""How good the network is, part by part, beside a straight line and beside saying always the same.

No widget is in here; scikit-learn is loaded when the first assessment is made, in whatever thread makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deepnet_tui.history import Array, Snapshot

if TYPE_CHECKING:
    from deepnet_tui.data.problem import Part, Problem
    from deepnet_tui.evaluation import Metrics, Mistake, Report
    from engine.spec import NetworkSpec

PARTS = {"train": "train", "held_out": "held out", "test": "test"}
MOST_MISTAKES = 50
SURE = 1.96  # standard errors


@dataclass(frozen=True)
class Case:
    """What is assessed: the network as it was at one iteration of a run."""

    run: str
    problem: Problem
    network: NetworkSpec
    snapshot: Snapshot

    @property
    def key(self) -> tuple[object, ...]:
        """Differs where the assessment would."""
        return (self.run, self.snapshot.iteration, id(self.snapshot))


@dataclass(frozen=True)
class Assessed:
    """One part: the network's report and its worst mistakes, the metrics of the linear model, and a verdict."""

    title: str
    part: Part
    report: Report
    mistakes: tuple[Mistake, ...]
    linear: Metrics | None = None
    verdict: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assessment:
    """All parts that are there, by their name in the problem."""

    case: Case
    parts: dict[str, Assessed]


class Assessor:
    """Makes assessments; the linear model is fitted once for every problem. To be used from one thread at a time."""

    def __init__(self) -> None:
        self._problem: Problem | None = None
        self._linear: dict[str, Array] = {}

    def knows(self, problem: Problem) -> bool:
        """Whether the linear model for the problem is there already."""
        return self._problem is problem

    def fit(self, problem: Problem) -> None:
        """Fit the linear model."""
        import warnings

        from deepnet_tui.evaluation import linear_model

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where it has not converged it is as good as it gets
            predict = linear_model(problem)
        self._linear = {name: predict(part.X) for name, part in parts(problem).items()}
        self._problem = problem

    def assess(self, case: Case) -> Assessment:
        """Everything that is known about a case."""
        from deepnet_tui.evaluation import measure, mistakes, report
        from engine.network import predict

        problem = case.problem
        assessed = {}
        for name, part in parts(problem).items():
            A = predict(case.network, case.snapshot.parameters, part.X)
            told = report(problem, part, A)
            wrong = mistakes(problem, part, A, MOST_MISTAKES)
            B = self._linear.get(name) if self.knows(problem) else None
            linear = None if B is None else measure(problem, part, B)
            said = (
                () if B is None or linear is None else verdict(problem, PARTS[name].replace(" ", "-"), part, A, B, told)
            )
            assessed[name] = Assessed(PARTS[name], part, told, wrong, linear, said)
        return Assessment(case, assessed)


def parts(problem: Problem) -> dict[str, Part]:
    """The parts that are there."""
    found = {name: getattr(problem, name) for name in PARTS}
    return {name: part for name, part in found.items() if part is not None}


def verdict(problem: Problem, title: str, part: Part, A: Array, B: Array, told: Report) -> tuple[str, ...]:
    """In plain words whether the network beats the linear model, whose predictions are B, and saying always the same.

    That a difference may be chance is said where it is less than 1.96 of its standard error over the examples: for
    classes those that only one of the two gets right (McNemar, 1947), for a number the squared errors in pairs.
    """
    return (_numbers if problem.task == "regression" else _classes)(problem, title, part, A, B, told)


def _classes(problem: Problem, title: str, part: Part, A: Array, B: Array, told: Report) -> tuple[str, ...]:
    import numpy as np

    from deepnet_tui.evaluation import positive_class

    truth, ours, theirs = (_called(problem, values) for values in (part.Y, A, B))
    right, linear_right = int((ours == truth).sum()), int((theirs == truth).sum())
    only_ours = int(((ours == truth) & (theirs != truth)).sum())
    only_theirs = int(((ours != truth) & (theirs == truth)).sum())
    first = (
        f"Of {part.m:,} {title} examples the network gets {right:,} right ({right / part.m:.1%}), "
        f"the logistic baseline {linear_right:,} ({linear_right / part.m:.1%})"
    )
    chance = abs(only_ours - only_theirs) < SURE * float(np.sqrt(only_ours + only_theirs))
    first += f": {_compared(right - linear_right, 100 * (right - linear_right) / part.m, chance)}"
    majority = told.naive["accuracy"] or 0.0
    name = problem.classes[int(_called(problem, problem.train.Y.mean(axis=1, keepdims=True))[0])]
    second = f"Always saying {name!r} would be right for {majority:.1%}."
    positive = positive_class(problem)
    return (first, second if positive is None else f"{second} F1 is that of {positive!r}.")


def _compared(difference: int, points: float, chance: bool) -> str:
    if not difference:
        return "the same number."
    word = "better" if difference > 0 else "worse"
    text = f"{word} than this baseline by {abs(points):.1f} points"
    return f"{text}, so little that it may be chance." if chance else f"{text}."


def _numbers(problem: Problem, title: str, part: Part, A: Array, B: Array, told: Report) -> tuple[str, ...]:
    import numpy as np

    ours = told.metrics["rmse"] or 0.0
    theirs = float(np.sqrt(((B[0] - part.Y[0]) ** 2).mean())) * problem.target_scale
    paired = (A[0] - part.Y[0]) ** 2 - (B[0] - part.Y[0]) ** 2
    error = float(paired.std()) / float(np.sqrt(max(part.m, 1)))
    first = (
        f"On {part.m:,} {title} examples the network is off by {ours:.4g} (RMSE), the linear baseline by {theirs:.4g}"
    )
    if ours == theirs or not theirs:
        first += ": as good as each other."
    else:
        first += f": {'better' if ours < theirs else 'worse'} than this baseline by {abs(1 - ours / theirs):.1%}"
        first += ", so little that it may be chance." if abs(float(paired.mean())) < SURE * error else "."
    mean, naive = problem.target_mean, told.naive["rmse"] or 0.0
    return (first, f"Always saying the mean, {mean:.4g}, would be off by {naive:.4g}.")


def _called(problem: Problem, values: Array) -> Any:
    """Class numbers (m,) of probabilities (nL, m). Exactly one half is not yet class 1."""
    return (values[0] > 0.5).astype(int) if problem.task == "binary" else values.argmax(axis=0)
