"""Scales of a target against scikit-learn's transformers, and their own inverse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.data.preparation.labels import label_matrix
from deepnet_tui.data.targets.scale import TargetScale

numbers = st.floats(-1e6, 1e6)


def test_the_plain_scale_is_that_of_the_standard_scaler() -> None:
    preprocessing: Any = pytest.importorskip("sklearn.preprocessing")
    y = np.random.default_rng(0).normal(3.0, 7.0, 50)
    scaler = preprocessing.StandardScaler().fit(y[:, None])
    scaling = TargetScale(y.mean(), y.std())
    assert np.allclose(label_matrix(y, "regression", 0, scaling)[0], scaler.transform(y[:, None])[:, 0], rtol=1e-13)
    assert np.allclose(scaling.values(y), scaler.inverse_transform(y[:, None])[:, 0], rtol=1e-13)


def test_the_logarithmic_scale_is_that_of_a_transformed_target() -> None:
    compose: Any = pytest.importorskip("sklearn.compose")
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    random = np.random.default_rng(1)
    X = random.normal(size=(200, 3))
    y = np.exp(X @ [1.0, -0.5, 0.2] + random.normal(size=200)) - 0.25
    logs = FunctionTransformer(lambda v: np.log(v + 0.5), lambda z: np.exp(z) - 0.5, check_inverse=False)
    theirs = compose.TransformedTargetRegressor(LinearRegression(), transformer=make_pipeline(logs, StandardScaler()))
    z = np.log(y + 0.5)
    scaling = TargetScale(z.mean(), z.std(), log=True, shift=0.5)
    ours = scaling.values(LinearRegression().fit(X, scaling.outputs(y)).predict(X))
    assert np.allclose(ours, theirs.fit(X, y).predict(X), rtol=1e-10)


@given(st.lists(numbers, min_size=1, max_size=20), numbers, st.floats(0.1, 1e3), st.booleans())
def test_outputs_and_values_are_each_other_s_inverse(y: list[float], mean: float, scale: float, log: bool) -> None:
    values = np.abs(np.array(y)) if log else np.array(y)
    scaling = TargetScale(np.log(abs(mean) + 1) if log else mean, scale, log=log, shift=1.0 if log else 0.0)
    assert np.allclose(scaling.unbounded(scaling.outputs(values)), values, rtol=1e-9, atol=1e-9 * (1 + abs(mean)))


def test_predictions_keep_to_the_bounds_and_actual_values_do_not() -> None:
    scaling = TargetScale(0.0, 1.0, low=-1.0, high=2.0)
    assert scaling.values(np.array([-5.0, 0.5, 9.0])).tolist() == [-1.0, 0.5, 2.0]
    assert scaling.unbounded(np.array([-5.0, 0.5, 9.0])).tolist() == [-5.0, 0.5, 9.0]
    assert TargetScale(log=True, high=7.0).values(np.array([1e6])).tolist() == [7.0]


def test_a_value_without_a_logarithm_counts_as_the_lowest() -> None:
    scaling = TargetScale(0.0, 1.0, log=True, shift=0.0, low=0.5, high=9.0)
    assert scaling.has_output(np.array([-1.0, 0.0, 1.0])).tolist() == [False, False, True]
    assert np.allclose(scaling.outputs(np.array([-1.0, 0.0, 1.0])), np.log([0.5, 0.5, 1.0]))


@pytest.mark.parametrize("wrong", [{"mean": np.nan}, {"shift": np.inf}, {"low": 2.0, "high": 1.0}])
def test_numbers_that_make_no_scale(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"target|prediction"):
        TargetScale(**wrong).check()  # type: ignore[arg-type]
