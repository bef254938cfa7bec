"""How good the networks are on data files with no option but the target, beside scikit-learn on the same rows.

Run `python -m benchmarks quality FILE:TARGET ...` (a second file after a comma is the test part, with nothing held
out of the first: `train.h5:y,test.h5`). Every file is trained with five seeds, of the split and of the network alike.
Beside it, on the same split: the linear baseline that the product shows, and the pipeline that one writes with
scikit-learn, medians, one-hot words and standardised numbers before `MLPClassifier` or `MLPRegressor`.
Prints accuracy, or R2 for a number: the mean over the seeds and the lowest.
"""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.data.parts import DatasetPart

SEEDS = (1, 2, 3, 4, 5)


def main(arguments: list[str]) -> None:
    """Measure every file that is named."""
    if not arguments:
        sys.exit("name at least one file and its target, such as customers.csv:churn")
    print(f"{'data':24} {'network':>16} {'scikit-learn':>16} {'linear':>16}   mean and lowest of seeds 1 to 5")
    for argument in arguments:
        first, _, test = argument.partition(",")
        source, _, target = first.rpartition(":")
        scores = np.array([measured(source, target, test or None, seed) for seed in SEEDS])
        shown = "".join(f" {mean:9.4f} {low:6.3f}" for mean, low in zip(scores.mean(0), scores.min(0), strict=True))
        print(f"{source.rpartition('/')[2]:24}{shown}")


def measured(source: str, target: str, test: str | None, seed: int) -> tuple[float, float, float]:
    """The score of the network, of scikit-learn's and of the linear baseline for one seed."""
    from deepnet_tui.data.load import load
    from deepnet_tui.evaluate.baselines import linear_model
    from deepnet_tui.experiment import Experiment

    experiment = Experiment.default(source, target).replace("training", seed=seed)
    parts = {"test": test, "validation": 0.0} if test else {}
    experiment = experiment.replace("data", seed=seed, **parts)
    dataset = load(experiment.data)
    experiment = experiment.with_data_defaults(dataset, ())
    trainer = experiment.trainer(dataset)
    for _event in trainer.run():
        pass
    part = dataset.test if test else dataset.validation
    if part is None:
        sys.exit(f"{source}: there is no validation part")
    linear = linear_model(dataset)
    return (
        score(dataset.task, trainer.predict(part.X), part.Y),
        scikit(dataset, part, seed),
        score(dataset.task, linear(part.X), part.Y),
    )


def score(task: str, A: Any, Y: Any) -> float:
    """Accuracy, or R2."""
    from engine.scores import score as measure

    return float(measure(task, A, Y))


def scikit(dataset: Dataset, part: DatasetPart, seed: int) -> float:
    """What one writes with scikit-learn, on the same rows of the same columns."""
    from sklearn.compose import ColumnTransformer
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    kinds = {info.name: info.kind for info in dataset.columns if info.role == "feature"}
    if "block" in kinds.values():  # pictures: the pixels as they are
        X, other = dataset.train.X.T, part.X.T
        prepare: Any = StandardScaler(with_std=False)
    else:
        X, other = (frame(dataset, kinds, rows) for rows in (dataset.train.rows, part.rows))
        numbers = [name for name, kind in kinds.items() if kind in ("numeric", "date")]
        words = [name for name in kinds if name not in numbers]
        prepare = ColumnTransformer(
            [
                ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
                ("words", OneHotEncoder(handle_unknown="ignore"), words),
            ]
        )
    regression = dataset.task == "regression"
    model = (MLPRegressor if regression else MLPClassifier)(max_iter=1000, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        pipeline = make_pipeline(prepare, model).fit(X, answers(dataset, dataset.train))
    return float(pipeline.score(other, answers(dataset, part)))


def frame(dataset: Dataset, kinds: dict[str, str], rows: Any) -> pd.DataFrame:
    """These rows of the feature columns as they were read."""
    import pandas as pd

    columns = {}
    for name in kinds:
        values = dataset.table[name]
        words = getattr(values, "words", None)
        columns[name] = values[rows] if words is None else np.array(words, dtype=object)[values.codes[rows]]
    return pd.DataFrame(columns)


def answers(dataset: Dataset, part: DatasetPart) -> Any:
    """Class numbers, or values."""
    return part.Y.argmax(axis=0) if dataset.task == "multiclass" else part.Y[0]
