"""States: a run continued is the run that was never interrupted, bit for bit; damaged files are refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import DataError, Event, LayerSpec, NetworkSpec, Progress, StateError, Trainer
from engine.storage.state import load, save
from tests.engine.strategies import make_data, small_net, spec

CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "adam in an epoch": {"optimizer": "adam", "batch_size": 7},
    "momentum, L2": {"optimizer": "momentum", "l2": 0.4},
    "dropout": {"dropout": 0.3, "batch_size": 16},
    "schedule": {"schedule": "cosine", "warmup": 5, "optimizer": "adamw", "l2": 1.0},
    "plateau": {"schedule": "plateau", "decay_every": 10, "optimizer": "rmsprop"},
    "patience": {"patience": 3, "optimizer": "adam", "iterations": 400},
    "lbfgs": {"optimizer": "lbfgs"},
    "few examples": {"inputs": 200, "optimizer": "nesterov", "l2": 2.0},
}


def start(dropout: float = 0.0, inputs: int = 4, **settings: Any) -> tuple[Trainer, Any, Any]:
    net = replace(small_net(), inputs=inputs)
    net = replace(net, hidden=tuple(replace(layer, dropout=dropout) for layer in net.hidden))
    data, validation = make_data(net, 40, 1), make_data(net, 30, 2)
    return Trainer(net, spec(**settings), *data, validation), data, validation


def untimed(events: list[Event]) -> list[Event]:
    """The events without the seconds, which differ from run to run."""
    return [replace(event, seconds=0) if isinstance(event, Progress) else event for event in events]


@pytest.mark.usefixtures("each_path")
@pytest.mark.parametrize("case", sorted(CASES))
def test_a_loaded_run_equals_the_uninterrupted_one(case: str, tmp_path: Path) -> None:
    whole, data, validation = start(**CASES[case])
    expected = list(whole.run())
    trainer, _, _ = start(**CASES[case])
    events: list[Event] = [trainer.report()]
    trainer.advance(10)
    events.append(trainer.report())
    trainer.advance(3)
    save(tmp_path / "state.npz", trainer.state())
    resumed = Trainer.from_state(load(tmp_path / "state.npz"), data[0], data[1], validation)
    assert resumed.iteration == 13
    while not resumed.finished():
        resumed.advance(resumed.until_report)
        events.append(resumed.report())
    assert untimed([*events, *filter(None, [resumed.finished()])]) == untimed(expected)
    for name, value in whole.parameters.items():
        np.testing.assert_array_equal(resumed.parameters[name], value)


@pytest.mark.usefixtures("each_path")
@pytest.mark.parametrize("case", [*sorted(CASES), "tolerance"])
@pytest.mark.parametrize("at", [3, 13, 27])
def test_a_resumed_run_equals_the_uninterrupted_one(case: str, at: int) -> None:
    """A break between two reports has no effect on patience, plateau or tolerance."""
    settings = {**CASES, "tolerance": {"tolerance": 1e-2, "iterations": 400}}[case]
    whole, data, validation = start(**settings)
    expected = list(whole.run())
    trainer, _, _ = start(**settings)
    events: list[Event] = []
    for event in trainer.run():
        events.append(event)
        if isinstance(event, Progress) and event.iteration + trainer.training.report_every > at:
            break
    trainer.advance(at - trainer.iteration)
    resumed = Trainer.from_state(trainer.state(), data[0], data[1], validation)
    assert untimed([*events, *resumed.run()]) == untimed(expected)
    for name, value in whole.parameters.items():
        np.testing.assert_array_equal(resumed.parameters[name], value)


def test_the_callers_state_is_left_alone() -> None:
    trainer, data, validation = start(patience=3, optimizer="adam", iterations=400)
    trainer.report()
    trainer.advance(13)
    trainer.report()
    state = trainer.state()
    before = {name: array.copy() for name, array in state["arrays"].items()}
    list(Trainer.from_state(state, data[0], data[1], validation).run())
    for name, array in before.items():
        np.testing.assert_array_equal(state["arrays"][name], array)


@pytest.mark.usefixtures("each_path")
def test_a_finished_run_stays_finished() -> None:
    trainer, data, validation = start()
    end = list(trainer.run())[-1]
    assert Trainer.from_state(trainer.state(), data[0], data[1], validation).finished() == end


def test_other_data_are_refused() -> None:
    trainer, _, _ = start(inputs=200)
    net = trainer.network
    with pytest.raises((StateError, DataError)):
        Trainer.from_state(trainer.state(), *make_data(net, 41, 1))
    with pytest.raises(DataError, match="expects 200 inputs"):
        Trainer.from_state(trainer.state(), np.ones((3, 40)), np.ones((1, 40)))


@pytest.mark.parametrize("part", ["X", "Y", "weight", "validation", "no validation"])
def test_data_with_other_values_are_refused(part: str) -> None:
    net = small_net()
    X, Y = make_data(net, 40, 1)
    validation, weight = make_data(net, 30, 2), np.ones(40)
    trainer = Trainer(net, spec(), X, Y, validation, sample_weight=weight)
    state = trainer.state()
    Trainer.from_state(state, np.asfortranarray(X), Y.astype(int), validation, weight)
    other: Any = {"X": X, "Y": Y, "weight": weight, "validation": validation}
    other |= {"X": {"X": X + 1e-9}, "Y": {"Y": 1 - Y}, "weight": {"weight": weight * 2}}.get(part, {})
    other["validation"] = {"validation": make_data(net, 30, 3), "no validation": None}.get(part, validation)
    with pytest.raises(StateError, match=f"other {'validation' if 'validation' in part else 'training'} data"):
        Trainer.from_state(state, other["X"], other["Y"], other["validation"], other["weight"])


@pytest.mark.parametrize(
    ("piece", "value"),
    [
        ("reported", "x"),
        ("seconds", None),
        ("rate_factor", [1]),
        ("watch", {}),
        ("watch", {"best": "x"}),
        ("watch", 5),
        ("stands", {"iteration": "x"}),
        ("end", {"reason": "time"}),
        ("end", 3),
        ("data", 5),
    ],
)
def test_a_state_with_a_wrong_piece_is_refused(piece: str, value: Any) -> None:
    trainer, data, validation = start(optimizer="adam", batch_size=7)
    state = trainer.state()
    state["meta"]["numbers"][piece] = value
    with pytest.raises(StateError) as caught:
        Trainer.from_state(state, data[0], data[1], validation)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["parameters", "slot mean", "best"])
@pytest.mark.parametrize("value", [None, np.array(["a"] * 55), np.zeros(3)])
def test_a_state_with_a_wrong_array_is_refused(name: str, value: Any) -> None:
    trainer, data, validation = start(optimizer="adam")
    state = trainer.state()
    state["arrays"][name] = value
    with pytest.raises(StateError):
        Trainer.from_state(state, data[0], data[1], validation)


def test_states_of_the_first_version_can_be_continued() -> None:
    """They have no fingerprint of the data and no time of reports, but the epoch of the order."""
    trainer, data, validation = start(batch_size=7)
    trainer.advance(3)
    state = trainer.state()
    for name in ("data", "looked"):
        del state["meta"]["numbers"][name]
    state["meta"]["numbers"]["stands"]["feed"]["epoch"] = 0
    again = Trainer.from_state(state, data[0], data[1], validation)
    again.advance(20)
    trainer.advance(20)
    np.testing.assert_array_equal(again.parameters["W1"], trainer.parameters["W1"])


def test_a_state_keeps_its_kind_of_first_layer() -> None:
    """The number of iterations is raised after the choice, which depends on it."""
    trainer, data, validation = start(inputs=200, iterations=2)
    assert trainer._loop.flat.gram is None
    trainer.advance(2)
    trainer.change(iterations=1000)
    again = Trainer.from_state(trainer.state(), data[0], data[1], validation)
    again.advance(30)
    trainer.advance(30)
    np.testing.assert_array_equal(again.parameters["W1"], trainer.parameters["W1"])


def test_the_state_of_a_diverged_run_is_the_last_good_one(tmp_path: Path) -> None:
    net = small_net("regression", "linear")
    data = make_data(net, 40, 1)
    training = spec(learning_rate=1e40, report_every=100, iterations=200)
    whole = Trainer(net, training, *data)
    expected = list(whole.run())[-1]
    trainer = Trainer(net, training, *data)
    trainer.report()
    trainer.advance(72)
    save(tmp_path / "s.npz", trainer.state())
    resumed = Trainer.from_state(load(tmp_path / "s.npz"), *data)
    assert list(resumed.run())[-1] == expected
    for name, value in whole.parameters.items():
        np.testing.assert_array_equal(resumed.parameters[name], value)


def test_no_byte_can_be_damaged_unnoticed(tmp_path: Path) -> None:
    path = tmp_path / "state.npz"
    save(path, start()[0].state())
    good, raw = load(path), path.read_bytes()
    for at in range(0, len(raw), 3):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 0x55]) + raw[at + 1 :])
        try:
            read = load(path)
        except StateError:
            continue
        assert read["meta"] == good["meta"]
        assert all(np.array_equal(read["arrays"][name], array) for name, array in good["arrays"].items())


@pytest.mark.parametrize("piece", ["watch", "stands", "seconds", "end"])
def test_a_state_with_a_piece_missing_is_refused(piece: str) -> None:
    trainer, data, validation = start()
    state = trainer.state()
    del state["meta"]["numbers"][piece]
    with pytest.raises(StateError, match="incomplete"):
        Trainer.from_state(state, data[0], data[1], validation)


def test_other_files_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones(3))
    (tmp_path / "b.npz").write_bytes(b"")
    for name in ("a.npy", "b.npz"):
        with pytest.raises(StateError):
            load(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.npz")


@given(position=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255), cut=st.booleans())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_files_are_refused(position: float, flip: int, cut: bool, tmp_path: Path) -> None:
    path = tmp_path / "state.npz"
    trainer, _, _ = start()
    save(path, trainer.state())
    good = load(path)
    raw = bytearray(path.read_bytes())
    at = int(position * len(raw))
    if cut:
        del raw[at:]
    else:
        raw[at] ^= flip
    path.write_bytes(raw)
    try:
        read = load(path)
    except StateError:
        return
    assert read["meta"] == good["meta"]  # the flipped byte was padding or a date that zip does not check
    for name, array in good["arrays"].items():
        np.testing.assert_array_equal(read["arrays"][name], array)


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "state.npz", meta=np.array([{"a": 1}], dtype=object))
    with pytest.raises(StateError):
        load(tmp_path / "state.npz")


def test_another_version_is_named(tmp_path: Path) -> None:
    state = start()[0].state()
    state["meta"]["version"] = 99
    with pytest.raises(StateError, match="version 99"):
        Trainer.from_state(state, *start()[1])
    json.dumps(state["meta"])


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.npz"
    save(path, start()[0].state())
    before = path.read_bytes()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space"):
        save(path, start()[0].state())
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["state.npz"]


def test_layers_survive(tmp_path: Path) -> None:
    net = NetworkSpec(3, (LayerSpec(4, "gelu", 0.2),), 2, "multiclass", "he")
    trainer = Trainer(net, spec(class_weight=(1.0, 2.0)), *make_data(net, 20, 0))
    save(tmp_path / "s.npz", trainer.state())
    again = Trainer.from_state(load(tmp_path / "s.npz"), *make_data(net, 20, 0))
    assert again.network == net
    assert again.training == trainer.training
