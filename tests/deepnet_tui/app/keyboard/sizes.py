"""The screens that the keys are tried on, and a run without an end."""

from __future__ import annotations

import pytest

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment

WIDE, NARROW = (120, 36), (80, 24)


sizes = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])


ENDLESS = Experiment.default("moons").replace("training", iterations=10**9)


def dims(app: DeepnetApp) -> tuple[int, ...]:
    """The units of every layer."""
    return app.workbench.network.dims
