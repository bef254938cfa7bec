"""States of ensembles and of runs with internal parts: continued bit for bit; damaged ones are refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import Event, Progress, StateError, Trainer
from engine.storage.state import load, save
from tests.engine.storage.test_state import untimed
from tests.engine.strategies import make_data, small_net, spec

CASES: dict[str, dict[str, Any]] = {
    "an ensemble": {"members": 3},
    "an ensemble in an epoch": {"members": 3, "optimizer": "adam", "batch_size": 7, "dropout": 0.3},
    "an internal part": {"members": 1, "internal": 0.3, "optimizer": "adam", "iterations": 400},
    "everything": {
        "members": 4,
        "internal": 0.25,
        "optimizer": "adamw",
        "batch_size": 8,
        "dropout": 0.2,
        "l2": 0.3,
        "l1": 0.01,
        "clip_norm": 1.0,
        "schedule": "coslog4",
        "patience": 8,
        "weighted": True,
        "learning_rate": 0.05,
        "iterations": 400,
    },
    "plateau": {"members": 3, "internal": 0.3, "schedule": "plateau", "decay_every": 10, "weighted": True},
    "patience": {"members": 3, "patience": 3, "optimizer": "adam", "iterations": 400},
    "single precision": {"members": 3, "internal": 0.2, "optimizer": "momentum", "dropout": 0.4, "dtype": "float32"},
}


def start(members: int, dropout: float = 0.0, *, weighted: bool = False, **settings: Any) -> tuple[Trainer, Any]:
    net = small_net(ensemble=members)
    net = replace(net, hidden=tuple(replace(layer, dropout=dropout) for layer in net.hidden))
    weight = np.random.default_rng(0).uniform(0.5, 2, 40) if weighted else None
    data = (*make_data(net, 40, 1), make_data(net, 30, 2))
    trainer = Trainer(net, spec(**settings), *data, sample_weight=weight)
    return trainer, (*data, weight)


@pytest.mark.parametrize("case", sorted(CASES))
@pytest.mark.parametrize("at", [3, 13, 27])
def test_a_loaded_run_equals_the_uninterrupted_one(case: str, at: int, tmp_path: Path) -> None:
    whole, data = start(**CASES[case])
    expected = list(whole.run())
    trainer, _ = start(**CASES[case])
    events: list[Event] = []
    for event in trainer.run():
        events.append(event)
        if isinstance(event, Progress) and event.iteration + trainer.training.report_every > at:
            break
    trainer.advance(at - trainer.iteration)
    save(tmp_path / "state.npz", trainer.state())
    resumed = Trainer.from_state(load(tmp_path / "state.npz"), *data)
    assert untimed([*events, *resumed.run()]) == untimed(expected)
    for name, value in whole.parameters.items():
        np.testing.assert_array_equal(resumed.parameters[name], value)
    ended = Trainer.from_state(resumed.state(), *data)
    assert ended.finished() == expected[-1]
    for trainer in (ended, whole):
        trainer.change(iterations=500)
    assert untimed(list(ended.run())) == untimed(list(whole.run()))


def test_a_best_from_before_the_break_is_brought_back() -> None:
    whole, data = start(**CASES["an internal part"])
    end = list(whole.run())[-1]
    assert not isinstance(end, Progress)
    assert end.best_iteration is not None
    trainer, _ = start(**CASES["an internal part"])
    for event in trainer.run():
        if isinstance(event, Progress) and event.iteration > end.best_iteration + 20:
            break
    assert list(Trainer.from_state(trainer.state(), *data).run())[-1] == end
    assert end.best_iteration < 380


@pytest.mark.parametrize("value", [None, np.array(["a"] * 55), np.zeros(3), np.zeros((3, 55))])
def test_a_state_with_wrong_best_parameters_is_refused(value: Any) -> None:
    trainer, data = start(members=2, internal=0.2)
    state = trainer.state()
    state["arrays"]["best by internal part"] = value
    with pytest.raises(StateError):
        Trainer.from_state(state, *data)


@pytest.mark.parametrize(
    "value", [None, 5, {}, {"losses": [1.0], "iterations": [0]}, {"losses": ["x", 1], "iterations": [0, 0]}]
)
def test_a_state_with_wrong_best_losses_is_refused(value: Any) -> None:
    trainer, data = start(members=2, internal=0.2)
    state = trainer.state()
    state["meta"]["numbers"]["internal"] = value
    with pytest.raises(StateError) as caught:
        Trainer.from_state(state, *data)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("place", ["feed", "generator"])
def test_a_state_without_the_generator_of_a_member_is_refused(place: str) -> None:
    trainer, data = start(members=3, batch_size=7)
    state = trainer.state()
    state["meta"]["numbers"]["stands"][place]["members"].pop()
    with pytest.raises(StateError):
        Trainer.from_state(state, *data)


def test_a_state_of_another_number_of_networks_is_refused() -> None:
    trainer, data = start(members=3)
    state = trainer.state()
    for members in (1, 2, 65):
        state["meta"]["network"]["ensemble"] = members
        with pytest.raises(StateError):
            Trainer.from_state(state, *data)


def test_states_from_before_ensembles_can_be_continued() -> None:
    trainer, data = start(members=1, optimizer="adam", batch_size=7)
    trainer.advance(3)
    state = trainer.state()
    del state["meta"]["network"]["ensemble"]
    del state["meta"]["training"]["internal"]
    again = Trainer.from_state(state, *data)
    for one in (again, trainer):
        one.advance(20)
    np.testing.assert_array_equal(again.parameters["W1"], trainer.parameters["W1"])
