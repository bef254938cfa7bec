"""The engine's public names, each loaded when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import engine


def test_every_public_name_is_there_and_at_home() -> None:
    assert sorted(engine._HOME) == sorted(engine.__all__)
    for name in engine.__all__:
        assert getattr(engine, name) is not None
    assert set(engine.__all__) <= set(dir(engine))
    with pytest.raises(AttributeError, match="no attribute 'Trainr'"):
        engine.Trainr  # noqa: B018


def test_hearing_an_event_does_not_load_numpy() -> None:
    code = "import sys; from engine import Progress, Finished; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
