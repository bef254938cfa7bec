"""Lists of values as people write them, and the racers that come of them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.experiment import Experiment
from deepnet_tui.race.of_runs import race_of_runs
from deepnet_tui.race.racers import racers_of, varied_in_file
from deepnet_tui.race.ranking import Standing, ranked
from deepnet_tui.race.values import is_list, parse, shown, split, values_of
from engine.training.events import Finished


@pytest.mark.parametrize("text", ["0.1, 0.2", "0.1,0.2", "0,1; 0,2", "1, 2", "1,2,3", "0.001,0.01,0.1", "he, small"])
def test_a_list_is_told_from_one_value(text: str) -> None:
    assert is_list(text)


@pytest.mark.parametrize("text", ["0.1", "0,1", "1,000", "1,000,000", "1,000.5", "full", "off", "-0,5"])
def test_one_value_is_no_list(text: str) -> None:
    assert not is_list(text)


@given(st.lists(st.floats(1e-6, 1e6), min_size=2, max_size=6, unique_by=lambda value: f"{value:.10g}"))
def test_a_list_is_read_as_it_was_written(values: list[float]) -> None:
    text = ", ".join(shown("learning_rate", value) for value in values)
    assert is_list(text)
    read = values_of("learning_rate", split(text), "")
    assert read == pytest.approx(values, rel=1e-9)


def test_words_stand_for_what_they_mean() -> None:
    varied = parse(["batch-size=full,16", "hidden=16-8,4,none", "shuffle=true,false", "seed=1,2", "patience=off,3"])
    assert varied == {
        "batch_size": (None, 16),
        "hidden": ((16, 8), (4,), ()),
        "shuffle": (True, False),
        "seed": (1, 2),
        "patience": (None, 3),
    }
    assert [shown("hidden", value) for value in varied["hidden"]] == ["16-8", "4", "none"]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("learning_rate", "--vary takes NAME=VALUE,VALUE"),
        ("learnin_rate=1,2", "did you mean learning_rate?"),
        ("frobnicate=1,2", "allowed are hidden, activation"),
        ("learning_rate=0.1,-1", "learning_rate must be a number above 0, not '-1'"),
        ("learning_rate=0.1,x", "learning_rate must be a number above 0, not 'x'"),
        ("seed=1,1.5", "seed must be a whole number from 0"),
        ("initializer=he,hee", "initializer must be small, he,"),
        ("hidden=4,x", "hidden must be 16-8, 32 or none, not 'x'"),
        ("learning_rate=0.1,0.10", "learning_rate has 0.1 twice"),
        ("loss=huber,default", "different losses can't be compared"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(word: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        parse([word])
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_all_combinations_race() -> None:
    varied = parse(["learning_rate=0.1,0.01", "hidden=8-4,2"])
    racers = racers_of(Experiment.default("moons"), varied)
    assert [racer.label for racer in racers] == ["0.1, 8-4", "0.1, 2", "0.01, 8-4", "0.01, 2"]
    assert racers[3].sentence == "learning rate 0.01, hidden layers 2"
    assert racers[2].plain == {"learning_rate": 0.01, "hidden": [8, 4]}
    last = racers[3].experiment
    assert (last.training.learning_rate, [layer.units for layer in last.network.hidden]) == (0.01, [2])
    assert last.network.hidden[0].activation == Experiment.default("moons").network.hidden[0].activation


def test_a_race_has_from_two_to_sixty_four_racers() -> None:
    many = {"seed": tuple(range(13)), "momentum": (0.1, 0.2, 0.3, 0.4, 0.5)}
    with pytest.raises(InputError, match="13 x 5 = 65 racers; a race has at most 64"):
        racers_of(Experiment.default("moons"), many)
    with pytest.raises(InputError, match="at least two values"):
        racers_of(Experiment.default("moons"), {"seed": (1,)})


def test_the_file_of_an_experiment_may_have_a_race(tmp_path: Path) -> None:
    file = tmp_path / "experiment.toml"
    file.write_text('[data]\nsource = "moons"\n[race]\nlearning_rate = [0.1, 0.01]\ninitializer = ["he", "zeros"]\n')
    assert varied_in_file(file) == {"learning_rate": (0.1, 0.01), "initializer": ("he", "zeros")}
    assert Experiment.read(file) == Experiment.default("moons"), "train and the app leave it aside"
    for wrong, said in (
        ("learning_rate = 0.1", "must be a list"),
        ("learning_rate = [-1, 2]", "above 0"),
        ("seed = [1.5]", "whole number"),
        ("optimizer = [1, 2]", "optimizer must be"),
    ):
        file.write_text(f'[data]\nsource = "moons"\n[race]\n{wrong}\n')
        with pytest.raises(InputError, match=said):
            varied_in_file(file)


def test_runs_race_on_the_present_data_with_what_they_differ_in() -> None:
    present = Experiment.default("circles").replace("training", seed=9)
    one = Experiment.default("moons").replace("training", seed=1, learning_rate=0.3)
    other = one.replace("network", hidden=({"units": 3, "activation": "tanh"}, {"units": 2, "activation": "relu"}))
    racers = race_of_runs((one, other, one.replace("training", seed=4)), present)
    assert [racer.experiment.data.source for racer in racers] == ["circles", "circles"]
    assert {racer.experiment.training.seed for racer in racers} == {9}
    assert [racer.values["hidden"] for racer in racers] == [(16, 8), (3, 2)]
    assert racers[1].texts["activation"] == "tanh-relu"
    assert set(racers[0].values) == {"hidden", "activation"}
    with pytest.raises(InputError, match="are the same"):
        race_of_runs((one, one), present)


def test_the_diverged_are_last_and_the_validation_cost_decides() -> None:
    diverged = Finished("diverged", 3, 0.1)
    standings = [
        Standing(0, 10, 0.1, 0.5),
        Standing(1, 3, 0.01, 0.01, finished=diverged),
        Standing(2, 10, 0.3, 0.2),
        Standing(3),
        Standing(4, 10, math.nan, math.nan),
        Standing(5, 10, 0.2, None, 0.3),
    ]
    assert [standing.number for standing in ranked(standings)] == [2, 5, 0, 3, 4, 1]
    assert [standing.state for standing in standings[:4]] == ["training", "diverged after 3", "training", "waiting"]
