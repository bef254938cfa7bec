"""Hypothesis without deadlines: how long an example takes says more about the machine than about the code.

Networks are computed by NumPy, unless a test or the environment says otherwise: when `auto` changes its path depends on
the time that it takes. Compiled kernels are kept for all processes of a test run, and for the next one.
"""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("deepnet", deadline=None)
settings.load_profile("deepnet")
os.environ.setdefault("DEEPNET_ENGINE", "numpy")
os.environ.setdefault("DEEPNET_COMPILED_CACHE", str(Path(__file__).parents[1] / "build" / "kernels"))


@pytest.fixture(params=["numpy", "compiled"])
def each_path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Trainers take this path, where nothing else is said."""
    if request.param == "compiled":
        pytest.importorskip("numba")
    monkeypatch.setenv("DEEPNET_ENGINE", request.param)
    return str(request.param)
