"""One trained model for all tests of the library."""

from __future__ import annotations

import pytest

import deepnet_tui as dn
from tests.deepnet_tui.library.tables import QUICK, customers


@pytest.fixture(scope="session")
def model() -> dn.TrainedModel:
    return dn.train(customers(), target="churn", seed=1, **QUICK)
