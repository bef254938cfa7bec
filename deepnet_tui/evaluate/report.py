"""How good the network is, part by part, beside a straight line and beside saying always the same.

No widget is in here; scikit-learn is loaded when the first assessment is made, in whatever thread makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deepnet_tui.training.history import Snapshot
from engine.arrays import Array

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset, Part
    from deepnet_tui.evaluate.metrics import Metrics, Mistake, Report
    from engine.spec import NetworkSpec

PARTS = {"train": "train", "validation": "held out", "test": "test"}
MOST_MISTAKES = 50
SURE = 1.96  # standard errors


@dataclass(frozen=True)
class EvaluationInput:
    """What is assessed: the network as it was at one iteration of a run."""

    run: str
    dataset: Dataset
    network: NetworkSpec
    snapshot: Snapshot

    @property
    def key(self) -> tuple[object, ...]:
        """Differs where the assessment would."""
        return (self.run, self.snapshot.iteration, id(self.snapshot))


@dataclass(frozen=True)
class Evaluated:
    """One part: the network's report and its worst mistakes, the metrics of the linear model, and a verdict."""

    title: str
    part: Part
    report: Report
    mistakes: tuple[Mistake, ...]
    linear: Metrics | None = None
    verdict: tuple[str, ...] = ()


@dataclass(frozen=True)
class EvaluationReport:
    """All parts that are there, by their name in the problem."""

    case: EvaluationInput
    parts: dict[str, Evaluated]


class EvaluationThread:
    """Makes assessments; the linear model is fitted once for every problem. To be used from one thread at a time."""

    def __init__(self) -> None:
        self._problem: Dataset | None = None
        self._linear: dict[str, Array] = {}

    def knows(self, dataset: Dataset) -> bool:
        """Whether the linear model for the problem is there already."""
        return self._problem is dataset

    def fit(self, dataset: Dataset) -> None:
        """Fit the linear model."""
        import warnings

        from deepnet_tui.evaluate.metrics import linear_model

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where it has not converged it is as good as it gets
            predict = linear_model(dataset)
        self._linear = {name: predict(part.X) for name, part in parts(dataset).items()}
        self._problem = dataset

    def assess(self, case: EvaluationInput) -> EvaluationReport:
        """Everything that is known about a case."""
        from deepnet_tui.evaluate.metrics import measure, mistakes, report
        from engine.network import predict

        dataset = case.dataset
        assessed = {}
        for name, part in parts(dataset).items():
            A = predict(case.network, case.snapshot.parameters, part.X)
            told = report(dataset, part, A)
            wrong = mistakes(dataset, part, A, MOST_MISTAKES)
            B = self._linear.get(name) if self.knows(dataset) else None
            linear = None if B is None else measure(dataset, part, B)
            said = (
                () if B is None or linear is None else verdict(dataset, PARTS[name].replace(" ", "-"), part, A, B, told)
            )
            assessed[name] = Evaluated(PARTS[name], part, told, wrong, linear, said)
        return EvaluationReport(case, assessed)


def parts(dataset: Dataset) -> dict[str, Part]:
    """The parts that are there."""
    found = {name: getattr(dataset, name) for name in PARTS}
    return {name: part for name, part in found.items() if part is not None}


def verdict(dataset: Dataset, title: str, part: Part, A: Array, B: Array, told: Report) -> tuple[str, ...]:
    """In plain words whether the network beats the linear model, whose predictions are B, and saying always the same.

    That a difference may be chance is said where it is less than 1.96 of its standard error over the examples: for
    classes those that only one of the two gets right (McNemar, 1947), for a number the squared errors in pairs.
    """
    return (_numbers if dataset.task == "regression" else _classes)(dataset, title, part, A, B, told)


def _classes(dataset: Dataset, title: str, part: Part, A: Array, B: Array, told: Report) -> tuple[str, ...]:
    import numpy as np

    from deepnet_tui.evaluate.metrics import positive_class

    truth, ours, theirs = (_called(dataset, values) for values in (part.Y, A, B))
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
    name = dataset.classes[int(_called(dataset, dataset.train.Y.mean(axis=1, keepdims=True))[0])]
    second = f"Always saying {name!r} would be right for {majority:.1%}."
    positive = positive_class(dataset)
    return (first, second if positive is None else f"{second} F1 is that of {positive!r}.")


def _compared(difference: int, points: float, chance: bool) -> str:
    if not difference:
        return "the same number."
    word = "better" if difference > 0 else "worse"
    text = f"{word} than this baseline by {abs(points):.1f} points"
    return f"{text}, so little that it may be chance." if chance else f"{text}."


def _numbers(dataset: Dataset, title: str, part: Part, A: Array, B: Array, told: Report) -> tuple[str, ...]:
    import numpy as np

    ours = told.metrics["rmse"] or 0.0
    theirs = float(np.sqrt(((B[0] - part.Y[0]) ** 2).mean())) * dataset.target_scale
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
    mean, naive = dataset.target_mean, told.naive["rmse"] or 0.0
    return (first, f"Always saying the mean, {mean:.4g}, would be off by {naive:.4g}.")


def _called(dataset: Dataset, values: Array) -> Any:
    """Class numbers (m,) of probabilities (nL, m). Exactly one half is not yet class 1."""
    return (values[0] > 0.5).astype(int) if dataset.task == "binary" else values.argmax(axis=0)
