"""How good the network is at one iteration, part by part, beside its baselines: what the view Evaluate shows.

No widget is in here; scikit-learn is loaded when the first report is made, in whatever thread makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepnet_tui.training.snapshots import Snapshot
from engine.arrays import Array

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.data.parts import DatasetPart
    from deepnet_tui.evaluate.metrics import Metrics
    from deepnet_tui.evaluate.part_report import Mistake, PartReport
    from engine.spec import NetworkSpec

MOST_MISTAKES = 50


@dataclass(frozen=True)
class EvaluationInput:
    """What is evaluated: the network as it was at one iteration of a run.

    `calibration` says in a sentence how its output was calibrated when the run ended, "" if it was not.
    """

    run: str
    dataset: Dataset
    network: NetworkSpec
    snapshot: Snapshot
    calibration: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """Differs where the report would."""
        return (self.run, self.snapshot.iteration, id(self.snapshot))


@dataclass(frozen=True)
class EvaluatedPart:
    """One part: the network's report and worst mistakes, and what the linear model achieves, once that is fitted.

    `verdict` is the comparison in sentences; `title` the name of the part.
    """

    title: str
    part: DatasetPart
    report: PartReport
    mistakes: tuple[Mistake, ...]
    linear: Metrics | None = None
    verdict: tuple[str, ...] = ()


@dataclass(frozen=True)
class EvaluationReport:
    """All parts that there are, by name; of several targets the first one, which `remark` then says."""

    case: EvaluationInput
    parts: dict[str, EvaluatedPart]

    @property
    def remark(self) -> str:
        """What is left out, in a sentence, or ""."""
        return self.case.dataset.shown_target


class Evaluator:
    """Makes reports; the linear model is fitted once for every dataset. To be used from one thread at a time."""

    def __init__(self) -> None:
        self._dataset: Dataset | None = None
        self._linear: dict[str, Array] = {}

    def has_fitted(self, dataset: Dataset) -> bool:
        """Whether the linear model for the dataset is there already."""
        return self._dataset is dataset

    def fit(self, whole: Dataset) -> None:
        """Fit the linear model to the first target of the dataset."""
        import warnings

        from deepnet_tui.evaluate.baselines import linear_model
        from deepnet_tui.evaluate.metrics import parts

        dataset = whole.first_target()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where it has not converged it is as good as it gets
            predict = linear_model(dataset)
        self._linear = {name: predict(part.X) for name, part in parts(dataset).items()}
        self._dataset = whole

    def evaluate(self, case: EvaluationInput) -> EvaluationReport:
        """The report; without the linear model where that has not been fitted."""
        from deepnet_tui.evaluate.metrics import measure, parts
        from deepnet_tui.evaluate.part_report import mistakes, part_report
        from deepnet_tui.evaluate.verdict import verdict
        from engine.predictor import predict

        dataset = case.dataset.first_target()
        evaluated = {}
        for name, part in parts(dataset).items():
            A = predict(case.network, case.snapshot.parameters, part.X)
            A = A if dataset is case.dataset else A[:1]
            report = part_report(dataset, part, A)
            worst = mistakes(dataset, part, A, MOST_MISTAKES)
            if self.has_fitted(case.dataset):
                B = self._linear[name]
                linear, sentences = measure(dataset, part, B), verdict(dataset, name, part, A, B, report)
                evaluated[name] = EvaluatedPart(name, part, report, worst, linear, sentences)
            else:
                evaluated[name] = EvaluatedPart(name, part, report, worst)
        return EvaluationReport(case, evaluated)
