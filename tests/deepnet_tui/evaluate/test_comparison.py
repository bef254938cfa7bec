"""What differs between two runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deepnet_tui.evaluate.comparison import Difference, curves_of, differences
from deepnet_tui.experiment import Experiment
from engine.training.events import Progress


def test_only_what_differs_is_told() -> None:
    one = Experiment.default("moons")
    other = one.replace("network", hidden=(32,)).replace("training", learning_rate=0.5).replace("data", validation=0.5)
    assert differences(one, one) == ()
    assert differences(one, other) == (
        Difference("validation", "0.2", "0.5"),
        Difference("hidden", "16-8", "32"),
        Difference("learning rate", "0.01", "0.5"),
    )
    target = differences(one, Experiment.default("there.csv", "y"))
    assert Difference("target", "–", "y") in target
    assert next(entry for entry in target if entry.name == "data").other == str(Path("there.csv").absolute())


def test_reports_become_curves() -> None:
    curves = curves_of([Progress(0, 2.0, None, 0.1), Progress(10, 1.0, 1.5, 0.1)])
    np.testing.assert_array_equal(curves.iteration, [0, 10])
    np.testing.assert_array_equal(curves.cost, [2.0, 1.0])
    np.testing.assert_array_equal(curves.validation_cost, [np.nan, 1.5])
    assert len(curves_of([]).cost) == 0
