"""Stepping the settings of the training pane."""

from __future__ import annotations

import math

import pytest

from deepnet_tui.experiment import Experiment
from deepnet_tui.widgets.panes.training import SETTINGS, PaneSetting, row, value_of


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_stepping_a_setting_stays_allowed(setting: object) -> None:
    """Forty steps down and forty up never leave what an experiment allows."""
    assert isinstance(setting, PaneSetting)
    experiment = Experiment.default("moons")
    for direction in [-1] * 40 + [1] * 40:
        step = row(setting, value_of(setting, experiment)).step
        assert step is not None
        values = step(direction)
        if values is not None:
            experiment = experiment.replace(setting.section, **values)  # type: ignore[arg-type]
    value = value_of(setting, experiment)
    assert not isinstance(value, float) or math.isfinite(value)
