"""Each racer does what a trainer of its own does, and one that diverges leaves the others alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Finished, NetworkSpec, Progress, SpecError, Trainer
from engine.race.batched_loop import BatchedLoop
from engine.race.race import Race
from tests.engine.runs import assert_same
from tests.engine.strategies import make_data, networks, small_net, spec

FIELDS = ("iteration", "cost", "validation_cost", "learning_rate", "epoch", "internal_cost")
Entries = list[tuple[NetworkSpec, dict[str, Any]]]


def trainers_of(entries: Entries, m: int = 40, **more: Any) -> list[Trainer]:
    """A trainer for each network and its settings, on the same data."""
    X, Y = make_data(entries[0][0], m, 1)
    validation = make_data(entries[0][0], 11, 2)
    return [Trainer(net, spec(**values), X, Y, validation, **more) for net, values in entries]


def assert_racers_are_alone(race: Race, alone: list[Trainer], tolerance: float = 1e-12) -> None:
    """The same reports, ends and parameters; and so does a state that is resumed."""
    raced: list[list[Any]] = [[] for _ in alone]
    for k, event in race.run():
        raced[k].append(event)
    for trainer, events, racer in zip(alone, raced, race.trainers, strict=True):
        expected = list(trainer.run())
        assert [type(event) for event in events] == [type(event) for event in expected]
        for event, other in zip(events, expected, strict=True):
            if isinstance(event, Finished) and isinstance(other, Finished):
                assert (event.reason, event.iteration, event.message) == (other.reason, other.iteration, other.message)
            for name in FIELDS if isinstance(event, Progress) else ("cost",):
                one, two = getattr(event, name), getattr(other, name)
                assert one == pytest.approx(two, rel=tolerance, abs=tolerance, nan_ok=True), name
        assert_same(racer.parameters, trainer.parameters, tolerance)
        assert racer._loop.position() == trainer._loop.position()


@st.composite
def racers(draw: st.DrawFn) -> Entries:
    """Racers of one shape with different settings, the number of which is the same."""
    net = draw(networks(activations=("tanh", "sigmoid", "gelu", "silu")))
    dropout = draw(st.sampled_from((0.0, 0.3)))
    net = replace(net, hidden=tuple(replace(layer, dropout=dropout) for layer in net.hidden))
    batch_size = draw(st.sampled_from((None, 7, 16)))
    internal = draw(st.sampled_from((0.0, 0.2))) if batch_size or not dropout else 0.0
    common = {
        "optimizer": draw(st.sampled_from(("gd", "momentum", "nesterov", "rmsprop", "adam", "adamw"))),
        "batch_size": batch_size,
        "internal": internal,
        "label_smoothing": draw(st.sampled_from((0.0, 0.1))) if net.task != "regression" else 0.0,
        "iterations": 40,
        "epsilon": 1e-3,
    }
    own = st.fixed_dictionaries(
        {"learning_rate": st.sampled_from((0.001, 0.004, 0.01, 0.02))},
        optional={
            "l2": st.sampled_from((0.0, 0.5)),
            "l1": st.sampled_from((0.0, 0.02)),
            "clip_norm": st.sampled_from((None, 0.3)),
            "momentum": st.sampled_from((0.5, 0.9)),
            "beta2": st.sampled_from((0.9, 0.999)),
            "schedule": st.sampled_from(("constant", "step", "exponential", "cosine", "coslog4", "plateau")),
            "decay_every": st.just(9),
            "warmup": st.integers(0, 5),
            "seed": st.integers(0, 3),
            "patience": st.sampled_from((None, 1)),
            "report_every": st.sampled_from((7, 10)),
        },
    )
    initializers = st.sampled_from(("zeros", "he", "small", "xavier"))
    return [
        (replace(net, initializer=draw(initializers)), {**common, **draw(own)}) for _ in range(draw(st.integers(1, 4)))
    ]


@given(entries=racers(), weighted=st.booleans())
@settings(max_examples=40, deadline=None)
def test_each_racer_does_what_a_trainer_of_its_own_does(entries: Entries, weighted: bool) -> None:
    weight = np.random.default_rng(0).uniform(0.5, 2, 40) if weighted else None
    race = Race(trainers_of(entries, sample_weight=weight))
    assert_racers_are_alone(race, trainers_of(entries, sample_weight=weight))


@pytest.mark.usefixtures("each_path")
@pytest.mark.parametrize("optimizer", ["gd", "adam"])
@pytest.mark.parametrize("batch_size", [None, 16])
def test_one_that_diverges_stops_alone(optimizer: str, batch_size: int | None) -> None:
    net = small_net("regression", "linear")
    common = {"optimizer": optimizer, "batch_size": batch_size, "iterations": 400}
    entries: Entries = [(net, {**common, "learning_rate": rate}) for rate in (0.001, 1e200, 0.01, 1e250)]
    race = Race(trainers_of(entries))
    assert len(race._grouped()) == 1
    assert_racers_are_alone(race, trainers_of(entries))
    ends = [trainer.finished() for trainer in race.trainers]
    assert [end and end.reason for end in ends] == ["completed", "diverged", "completed", "diverged"]


def test_different_shapes_take_turns_and_are_equally_far_on_their_way() -> None:
    common: dict[str, Any] = {"iterations": 400, "report_every": 100}
    entries: Entries = [
        (small_net(), common),
        (small_net(activation="relu"), common),
        (small_net(), {**common, "learning_rate": 0.01}),
        (small_net(), {**common, "optimizer": "lbfgs", "iterations": 8, "report_every": 2}),
    ]
    race = Race(trainers_of(entries))
    assert [len(heat.trainers) for heat in race._grouped()] == [2, 1, 1]
    shares = []
    while race.running:
        for k in race.due:
            race.trainers[k].report()
        race.advance(1e-4)
        shares.append([trainer.iteration / trainer.training.iterations for trainer in race.trainers])
    assert all(max(row) - min(row) <= 0.26 for row in shares if max(row) < 1), "none runs ahead by more than a report"
    for trainer, other in zip(race.trainers, trainers_of(entries), strict=True):
        list(other.run())
        assert_same(trainer.parameters, other.parameters)


@pytest.mark.usefixtures("each_path")
def test_a_racer_that_is_stored_goes_on_alone() -> None:
    common: dict[str, Any] = {"optimizer": "adam", "batch_size": 16, "iterations": 60, "epsilon": 1e-3}
    entries: Entries = [(small_net(initializer=name), common) for name in ("he", "small")]
    entries = [(replace(net, hidden=tuple(replace(x, dropout=0.2) for x in net.hidden)), c) for net, c in entries]
    race = Race(trainers_of(entries))
    race._grouped()[0].loop.advance(33)
    X, Y = make_data(entries[0][0], 40, 1)
    for trainer, other in zip(race.trainers, trainers_of(entries), strict=True):
        resumed = Trainer.from_state(trainer.state(), X, Y, make_data(entries[0][0], 11, 2))
        list(resumed.run())
        list(other.run())
        assert_same(resumed.parameters, other.parameters, 1e-12)


@pytest.mark.usefixtures("each_path")
def test_settings_that_change_meanwhile_count() -> None:
    entries: Entries = [(small_net(), {"l2": 0.1, "learning_rate": rate}) for rate in (0.01, 0.1, 0.3)]
    race, alone = Race(trainers_of(entries)), trainers_of(entries)
    for trainers in (race.trainers, alone):
        for trainer in trainers:
            trainer.report()
    race.advance()
    for trainer in alone:
        trainer.advance(race.trainers[0].iteration)
    for trainers in (race.trainers, alone):
        trainers[1].change(learning_rate=0.02, l2=0.7)
    assert_racers_are_alone(race, alone)


def test_one_that_is_advanced_meanwhile_goes_on_alone() -> None:
    entries: Entries = [
        (small_net(), {"optimizer": "adam", "learning_rate": rate, "epsilon": 1e-3}) for rate in (0.01, 0.02, 0.03)
    ]
    race, alone = Race(trainers_of(entries)), trainers_of(entries)
    for trainer in race.trainers:
        trainer.report()
    race.advance()
    race.trainers[1].advance(2)
    assert sorted(len(heat.trainers) for heat in race._grouped()) == [1, 2]
    list(race.run())
    for trainer, other in zip(race.trainers, alone, strict=True):
        list(other.run())
        assert_same(trainer.parameters, other.parameters, 1e-12)


def test_an_interrupted_slice_leaves_every_racer_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    entries: Entries = [(small_net(), {"batch_size": 16, "learning_rate": rate}) for rate in (0.01, 0.1)]
    race, before = Race(trainers_of(entries)), trainers_of(entries)
    heat = race._grouped()[0]
    with monkeypatch.context() as patch:
        patch.setattr(BatchedLoop, "_store", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            heat.loop.advance(7)
    assert [trainer.iteration for trainer in race.trainers] == [0, 0]
    assert_racers_are_alone(race, before)


def test_a_limit_in_seconds_ends_a_racer() -> None:
    entries: Entries = [
        (small_net(), {"seconds": limit, "iterations": 10**9, "report_every": 10**6}) for limit in (0.01, 0.02)
    ]
    race = Race(trainers_of(entries))
    ends = {k: event.reason for k, event in race.run() if isinstance(event, Finished)}
    assert ends == {0: "time", 1: "time"}


def test_a_race_has_one_to_sixty_four_different_racers() -> None:
    trainer = trainers_of([(small_net(), {})])[0]
    for wrong in ([], [trainer] * 65, [trainer, trainer]):
        with pytest.raises(SpecError, match="race"):
            Race(wrong)
