"""What is timed side by side has to be the same work: after some iterations, every peer holds the same parameters."""

from __future__ import annotations

import json
import xml.etree.ElementTree
from dataclasses import asdict, replace

import numpy as np
import pytest

from benchmarks import compare, measure, scaling
from benchmarks.measure import Result, Spread
from benchmarks.peers import PEERS, installed
from benchmarks.workloads import WORKLOADS

TRAINING = [peer for peer in installed() if peer not in ("engine", "products alone", "PyTorch compiled")]
SMALL = {
    "tutorial": WORKLOADS["tutorial"],
    "planar": WORKLOADS["planar"],
    "tabular": WORKLOADS["tabular"],
    "cat": replace(WORKLOADS["cat"], dims=(600, 8, 5, 1), examples=60, rate=1e-3),
    "wide": replace(WORKLOADS["wide"], dims=(64, 64, 64, 1), examples=64),
}


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("peer", TRAINING)
def test_every_peer_does_the_same_work(peer: str, name: str) -> None:
    ours, theirs = PEERS["engine"](SMALL[name]), PEERS[peer](SMALL[name])
    before = ours.parameters()
    ours.run(12)
    theirs.run(12)
    expected, found = ours.parameters(), theirs.parameters()
    assert set(found) == set(expected)
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, rtol=1e-8, atol=1e-11)
    assert any(not np.allclose(before[key], expected[key], atol=1e-12) for key in expected)


def test_work_is_counted_by_hand() -> None:
    # 2-8-8-1 with 400 examples: forward 16 + 64 + 8, dW as much, dA 64 + 8; two operations each, 400 times.
    assert WORKLOADS["planar"].flops == 2 * 400 * (88 + 88 + 72)


def test_a_turn_of_a_peer_in_its_own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "SECONDS", 0.001)
    monkeypatch.setattr(measure, "ROUNDS", 2)
    results = measure.compare("tutorial", ["engine", "tutorial's code", "products alone"])
    assert [result.peer for result in results] == ["engine", "tutorial's code"]  # too little work for one product
    assert all(0 < result.seconds.low <= result.seconds.median <= result.seconds.high for result in results)


def test_report_and_picture() -> None:
    ratio, seconds = Spread(6.0, 5.5, 6.5), Spread(6e-5, 5e-5, 7e-5)
    results = [
        Result("tutorial", "engine", Spread(1e-5, 9e-6, 2e-5), Spread(1, 1, 1), ""),
        Result("tutorial", "tutorial's code", seconds, ratio, ""),
        Result("tutorial", "with its costs", seconds, ratio, ""),
        Result("wide", "products alone", seconds, Spread(0.5, 0.4, 0.6), ""),
    ]
    text = compare.report({"processor": "one"}, results, "another setting", results)
    assert "| tutorial | with its costs | 5 | 6.00 | reached |" in text
    assert "| wide | products alone | 0.85 | 0.50 | missed |" in text
    assert json.loads(json.dumps(asdict(results[1])))["ratio"]["median"] == 6.0
    picture = compare.picture(results)
    assert "tutorial&#x27;s code" in picture
    xml.etree.ElementTree.fromstring(picture)  # noqa: S314 - our own text


def test_exponent_of_a_power_law() -> None:
    points = [(10.0**n, 3.0 * 10.0 ** (0.8 * n)) for n in range(4)]
    assert scaling.exponent(points) == pytest.approx(0.8)
    xml.etree.ElementTree.fromstring(scaling.picture({"a": points}))  # noqa: S314 - our own text
