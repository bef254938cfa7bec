"""deepnet-tui: design, train, watch, understand and export a deep neural network, in a terminal or from Python.

    import deepnet_tui as dn
    model = dn.train(frame, target="churn", seed=1)  # a pandas data frame, a dict of columns, or a path
    model.predict(new_rows)
    model.save("churn.npz")
    dn.load("churn.npz").predict_proba(new_rows)

Each name of this package is imported when it is first used, so that `import deepnet_tui` loads nothing else. Nothing
that is named here ever loads Textual.
"""

from deepnet_tui.common.version import __version__

TYPE_CHECKING = False  # what type checkers take for True; to import typing would take longer than all else in here
if TYPE_CHECKING:
    from typing import Any

    from deepnet_tui.common.errors import InputError
    from deepnet_tui.library.estimators import TableClassifier, TableRegressor
    from deepnet_tui.library.loading import load
    from deepnet_tui.library.trained_model import TrainedModel
    from deepnet_tui.library.training import train

__all__ = ["InputError", "TableClassifier", "TableRegressor", "TrainedModel", "__version__", "load", "train"]

_HOME = {
    "InputError": "common.errors",
    "TableClassifier": "library.estimators",
    "TableRegressor": "library.estimators",
    "TrainedModel": "library.trained_model",
    "load": "library.loading",
    "train": "library.training",
}


def __getattr__(name: str) -> "Any":
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
