"""Who is measured. To add a peer, add an entry to `PEERS`: how its estimator is made."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.tables import ours
from benchmarks.tables.features import features, numbers, one_hot
from benchmarks.tables.listing import Table
from benchmarks.tables.outcome import Outcome, scores
from benchmarks.tables.split import held_out
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.evaluate.metrics import actual_values, class_numbers, measure

if TYPE_CHECKING:
    import pandas as pd

OURS = "ours"
MOST_HISTOGRAM_WORDS = 255


@dataclass(frozen=True)
class Peer:
    """`make(regression, seed, X)` gives an estimator at its defaults for a frame X of numbers and words."""

    title: str
    make: Callable[[bool, int, pd.DataFrame], Any]
    package: str = "sklearn"


def lightgbm(regression: bool, seed: int, _X: pd.DataFrame) -> Any:
    from lightgbm import LGBMClassifier, LGBMRegressor

    return (LGBMRegressor if regression else LGBMClassifier)(random_state=seed, n_jobs=1, verbose=-1)


def histogram(regression: bool, seed: int, X: pd.DataFrame) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OrdinalEncoder

    words = [name for name in X.columns if name not in numbers(X)]
    many = [name for name in words if len(X[name].cat.categories) > MOST_HISTOGRAM_WORDS]
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=float("nan"))
    prepare = ColumnTransformer([("many", encoder, many)], remainder="passthrough", verbose_feature_names_out=False)
    model = HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier
    return make_pipeline(prepare.set_output(transform="pandas"), model(random_state=seed))


def forest(regression: bool, seed: int, X: pd.DataFrame) -> Any:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
    from sklearn.pipeline import make_pipeline

    model = RandomForestRegressor if regression else RandomForestClassifier
    return make_pipeline(one_hot(X), model(random_state=seed))


def network(regression: bool, seed: int, X: pd.DataFrame) -> Any:
    """scikit-learn's network; it does not standardise the target, so that is done around it."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if not regression:
        return make_pipeline(one_hot(X), MLPClassifier(random_state=seed))
    model = TransformedTargetRegressor(MLPRegressor(random_state=seed), transformer=StandardScaler())
    return make_pipeline(one_hot(X), model)


def linear(regression: bool, seed: int, X: pd.DataFrame) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline

    return make_pipeline(one_hot(X), Ridge() if regression else LogisticRegression(random_state=seed))


PEERS = {
    "lightgbm": Peer("LightGBM", lightgbm, "lightgbm"),
    "histogram": Peer("HistGradientBoosting", histogram),
    "forest": Peer("random forest", forest),
    "mlp": Peer("scikit-learn's MLP", network),
    "linear": Peer("linear", linear),
}
TITLES = {OURS: "deepnet-tui", **{name: peer.title for name, peer in PEERS.items()}}


def missing(name: str) -> str | None:
    """A sentence if the package of this learner is not installed."""
    if name == OURS or find_spec(PEERS[name].package) is not None:
        return None
    return f"{TITLES[name]} is not installed; pip install 'deepnet-tui[bench]' adds it."


def learn(name: str, table: Table, dataset: Dataset, seed: int, options: Sequence[str] = ()) -> Outcome:
    """Train on the training part and test on the validation part; `options` are for ours alone.

    Ours reads the file and splits it itself. Peers are scored by the product's own `measure`.
    """
    if name == OURS:
        return ours.learn(table, seed, options)
    X, other = features(dataset)
    regression = table.task == "regression"
    y = actual_values(dataset, dataset.train) if regression else class_numbers(dataset, dataset.train)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of iterations that end before convergence, of words unknown before
        started = time.perf_counter()
        model = PEERS[name].make(regression, seed, X).fit(X, y)
        seconds = time.perf_counter() - started
        A = _predictions(dataset, model, other)
    return Outcome(seconds, scores(table.task, measure(dataset, held_out(dataset), A)))


def _predictions(dataset: Dataset, model: Any, X: pd.DataFrame) -> Any:
    """A (nL, m), as the network would give it: standardised numbers or probabilities."""
    if dataset.labels == "numbers":
        return dataset.scaling.outputs(model.predict(X))[np.newaxis, :]
    A = np.zeros((len(dataset.classes), len(X)))
    A[model.classes_] = model.predict_proba(X).T
    return A[1:] if dataset.labels == "binary" else A
