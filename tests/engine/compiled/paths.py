"""The paths that a run may take: tests that hold for any of them take the fixture `engine`."""

from __future__ import annotations

import pytest

from engine.compiled.native import compiler

needs_numba = pytest.mark.skipif(not compiler.installed(), reason="numba is not installed")
PATHS = ("numpy", pytest.param("compiled", marks=needs_numba))
