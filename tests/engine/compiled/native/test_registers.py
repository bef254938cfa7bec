"""The kernel for processors with smaller registers than this one computes the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba")
ROOT = Path(__file__).parents[4]
SMALLER = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx,+avx2,+fma,+sse4.2,+bmi,+bmi2,+f16c"}
PROGRAM = """
import numpy as np
from engine import Trainer
from engine.compiled.native.kernel.blocks import UNITS
from tests.engine.runs import assert_same
from tests.engine.strategies import make_data, small_net, spec
from dataclasses import replace
from engine import LayerSpec

assert UNITS == 6
for units in (13, 18, 23):
    net = replace(small_net("multiclass", "relu"), inputs=21, hidden=(LayerSpec(units, "relu"), LayerSpec(5, "tanh")))
    X, Y = make_data(net, 90, 1)
    for batch in (None, 20):
        trainers = [Trainer(net, spec(batch_size=batch), X, Y, engine=engine) for engine in ("numpy", "compiled")]
        for trainer in trainers:
            trainer.advance(30)
        assert str(trainers[1].path) == "one compiled loop", trainers[1].path
        assert_same(trainers[0].parameters, trainers[1].parameters, 1e-12)
print("the same")
"""


def test_blocks_for_registers_of_32_bytes(tmp_path: Path) -> None:
    from llvmlite import binding

    if not binding.get_host_cpu_features().get("avx512f"):
        pytest.skip("the other tests use these blocks here")
    environment = {**os.environ, **SMALLER, "DEEPNET_COMPILED_CACHE": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "the same\n", done.stderr[-2000:]
