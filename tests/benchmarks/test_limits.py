"""What the machine allows: counted by hand for a small network."""

from __future__ import annotations

import pytest

from benchmarks.limits.command import Limit, report, traffic
from benchmarks.workloads import Workload


def test_bytes_are_those_counted_by_hand() -> None:
    small = Workload("small", (2, 3, 1), 10)
    assert small.flops == 2 * 10 * (2 * (2 * 3 + 3 * 1) + 3 * 1)
    assert traffic(small) == 8 * (2 * 10 * 2 + 6 * 10 * (3 + 1) + 6 * (9 + 4))
    adam = Workload("small", (2, 3, 1), 10, optimizer="adam", dtype="float32")
    assert traffic(adam) == 4 * (40 + 240 + 10 * 13)


def test_the_page_holds_what_was_needed_against_the_larger_limit() -> None:
    limit = Limit("small", 1e6, 2e6, 1e-4, 2e-4, {"engine": 4e-4, "JAX": 8e-4}, {"engine": "one compiled loop"})
    lines = report({"cores": "2"}, [limit], {}).splitlines()
    (ours,), (jax,) = ([line for line in lines if f"| {peer} |" in line] for peer in ("engine", "JAX"))
    assert "| 50% | one compiled loop |" in ours
    assert float(jax.split("|")[-3].strip(" %")) == pytest.approx(25)
