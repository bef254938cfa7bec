"""The engine's networks as scikit-learn estimators: `DeepNetClassifier` and `DeepNetRegressor`."""

from engine.estimator.estimators import DeepNetClassifier, DeepNetRegressor

__all__ = ["DeepNetClassifier", "DeepNetRegressor"]
