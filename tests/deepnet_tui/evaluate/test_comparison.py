"""What differs between two runs."""

from __future__ import annotations

from pathlib import Path

from deepnet_tui.evaluate.comparison import Difference, differences
from deepnet_tui.experiment import Experiment


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
