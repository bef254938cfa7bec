"""The exporter that people run beside scikit-learn."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepnet_tui.export import load

SCRIPT = Path(__file__).parents[4] / "docs" / "examples" / "export_mlp.py"


@pytest.fixture(scope="module")
def export_mlp() -> Any:
    spec = importlib.util.spec_from_file_location("export_mlp", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.export_mlp


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression", "several", "poisson"])
def test_predictions_are_those_of_scikit_learn(kind: str, export_mlp: Any, tmp_path: Path) -> None:
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    random = np.random.default_rng(0)
    X = random.standard_normal((60, 3)) * [1.0, 20.0, 300.0] + 5.0
    answers: dict[str, Any] = {
        "binary": np.where(X[:, 0] > 5, "yes", "no"),
        "multiclass": np.array(["a", "b", "c"])[(X[:, 0] > 5).astype(int) + (X[:, 1] > 5)],
        "regression": X[:, 0] * 2 + 1,
        "several": X[:, :2],
        "poisson": random.poisson(3.0, 60),
    }
    classes = kind in ("binary", "multiclass")
    make = MLPClassifier if classes else MLPRegressor
    options = {"loss": "poisson"} if kind == "poisson" else {}
    mlp = make(hidden_layer_sizes=(6, 5), activation="tanh", max_iter=20, random_state=0, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pipeline = make_pipeline(StandardScaler(), mlp).fit(X, answers[kind])
        except TypeError:
            pytest.skip("this scikit-learn has no such loss")
    export_mlp(pipeline, tmp_path / "mlp.json", columns=["int", "distance, km", "Größe\t"])
    found = load(tmp_path / "mlp.json").predict({"int": X[:, 0], "distance, km": X[:, 1], "Größe\t": X[:, 2]})
    if classes:
        assert found.labels is not None
        assert found.probabilities is not None
        np.testing.assert_allclose(found.probabilities, pipeline.predict_proba(X), atol=1e-12)
        assert list(found.labels) == list(pipeline.predict(X))
    else:
        assert found.values is not None
        np.testing.assert_allclose(found.values, pipeline.predict(X), rtol=1e-12, atol=1e-12)
