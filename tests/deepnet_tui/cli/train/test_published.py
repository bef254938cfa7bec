"""`train tutorial`: the published numbers, and that a seed gives the same ones again."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.deepnet_tui.cli.runner import Runner

PUBLISHED_COSTS = {
    0: 0.693147179101668,
    100: 0.6913663615472958,
    200: 0.6901428329273512,
    300: 0.6893019578750604,
    400: 0.6887238512106988,
    2700: 0.6874476979055951,
    2800: 0.6874476213206875,
    2900: 0.6874475684872733,
}


PUBLISHED_PARAMETERS = {
    "W1": [
        [0.01788646, 0.00436687, 0.00096225],
        [-0.01863628, -0.00277482, -0.00354674],
        [-0.00082677, -0.00627067, -0.00043808],
        [-0.00476898, -0.01314048, 0.00884857],
    ],
    "b1": [[-2.64082146e-07], [2.72834707e-07], [3.64257323e-07], [1.75856439e-06]],
    "W2": [
        [0.0088149, 0.01709711, 0.00049992, -0.00404753],
        [-0.0054536, -0.01546477, 0.00982367, -0.01101068],
        [-0.01185051, -0.00205634, 0.01486141, 0.00236701],
        [-0.01023786, -0.00712985, 0.00625262, -0.00160502],
        [-0.00768738, -0.00230125, 0.00745106, 0.01976248],
    ],
    "b2": [[2.34080642e-05], [0.0], [-2.81738458e-06], [1.85347160e-05], [8.13445992e-05]],
    "W3": [
        [-0.01244123, -0.00626417, -0.00803766, -0.02419083, -0.00923792],
        [-0.01024285, 0.01123978, -0.00131827, -0.01623289, 0.0064712],
    ],
    "b3": [[0.0], [0.00374547]],
    "W4": [[-0.00356271, -0.01783282]],
    "b4": [[-0.21327127]],
}


PRINTED = {"b1": "{:.8e}", "b2": "{:.8e}"}  # the others with eight decimals


def test_the_tutorial_gives_its_published_costs_and_parameters(run: Runner, tmp_path: Path) -> None:
    ended = run("train", "tutorial", "--json", "--export", "tutorial.npz")
    assert ended.code == 0
    *progress, finished = ended.events
    assert [event["iteration"] for event in progress] == list(range(0, 3001, 100))
    costs = {event["iteration"]: event["cost"] for event in progress}
    for iteration, cost in PUBLISHED_COSTS.items():
        assert abs(costs[iteration] - cost) < 1e-12, iteration
    assert finished["event"] == "finished"
    assert (finished["reason"], finished["iteration"]) == ("completed", 3000)
    assert finished["cost"] == costs[3000]
    assert finished["metrics"]["validation"] is None
    assert finished["metrics"]["test"] is None
    with np.load(tmp_path / "tutorial.npz", allow_pickle=False) as saved:
        for name, published in PUBLISHED_PARAMETERS.items():
            digits = PRINTED.get(name, "{:.8f}").format
            assert [[digits(value) for value in row] for row in saved[name]] == [
                [digits(value) for value in row] for row in published
            ]


def test_the_same_seed_gives_the_same_and_another_another(run: Runner) -> None:
    def costs(seed: int) -> list[float]:
        ended = run("train", "digits", "--iterations", "30", "--report-every", "10", "--seed", str(seed), "--json")
        return [event["cost"] for event in ended.events if event["event"] == "progress"]

    assert costs(5) == costs(5)
    assert costs(5) != costs(6)


def test_breast_cancer_does_well_with_its_defaults(run: Runner) -> None:
    found = []
    for seed in range(1, 6):
        finished = run("train", "breast_cancer", "--seed", str(seed), "--json").events[-1]
        found.append(finished["metrics"]["validation"]["accuracy"])
    assert np.mean(found) >= 0.965, found
    assert min(found) >= 0.94, found
