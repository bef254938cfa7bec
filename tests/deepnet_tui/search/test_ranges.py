"""Ranges: what may be written, what is drawn from them, and those around the defaults."""

from __future__ import annotations

import math

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.builtin import BUILTIN
from deepnet_tui.experiment import Experiment
from deepnet_tui.experiment.table_defaults import table_defaults
from deepnet_tui.search.ranges.range import SEARCHABLE, parse
from deepnet_tui.search.ranges.sensible import sensible
from deepnet_tui.search.ranges.written import written
from deepnet_tui.search.settings import values_of, with_values

READABLE = {
    "learning_rate": ("0.001..0.1:log", "1e-4..1e-1:log", "0.1, 0.2", "1e-05..1"),
    "units": ("8..64", "8..64:log", "8,16,32"),
    "hidden": ("8;16,8;none", "4; 8"),
    "dropout": ("0..0.5",),
    "l2": ("0..10:log", "0,0.5"),
    "batch_size": ("16,full", "16..64"),
    "optimizer": ("adam,adamw",),
    "shuffle": ("true,false",),
    "patience": ("none,5",),
    "clip_norm": ("off,1.5",),
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in READABLE.items() for text in texts])
def test_a_range_is_written_as_it_is_read(name: str, text: str) -> None:
    entry = parse(name, text)
    assert parse(name, entry.text) == entry
    assert parse(name.replace("_", "-"), text) == entry


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lr=0.1,0.2", "there is no setting 'lr' to search"),
        ("learning_rat=0.1,0.2", "did you mean learning_rate"),
        ("loss=huber,absolute", "can't be compared"),
        ("seed=1,2", "the same in every trial"),
        ("learning_rate", "must be NAME=RANGE"),
        ("=3", "must be NAME=RANGE"),
        ("learning_rate=", "must be NAME=RANGE"),
        ("learning_rate=0.1", "two values or more"),
        ("learning_rate=0.1,0.1", "two values or more"),
        ("learning_rate=0.1..0.01", "must be the lower one"),
        ("learning_rate=0.1..", "LOW..HIGH"),
        ("learning_rate=0.1..0.2..0.3", "LOW..HIGH"),
        ("learning_rate=0.1..0.2:lin", "only :log is allowed"),
        ("learning_rate=0..1", "above 0"),
        ("learning_rate=nan..1", "finite"),
        ("learning_rate=a..b", "is not a number"),
        ("dropout=0..1.5", "dropout"),
        ("units=1.5..3", "not a whole number"),
        ("units=0..8", "whole number from 1"),
        ("units=inf..8", "not a whole number"),
        ("optimizer=adam..gd", "needs a list"),
        ("optimizer=adam,foo", "'foo' is unknown"),
        ("hidden=16,8", "two values or more, such as hidden=8;16,8"),
        ("hidden=16,x;8", "whole numbers with commas"),
        ("layers=0..3:log", "above 0"),
        ("shuffle=yes,no", "true or false"),
    ],
)
def test_what_can_not_be_a_range_is_said_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said.replace("(", r"\(")):
        written((text,), {})


def test_the_section_of_an_experiment_holds_texts_and_lists() -> None:
    section = {"hidden": [[8], [16, 8], []], "optimizer": ["adam", "gd"], "units": "x"}
    with pytest.raises(InputError, match=r"^\[search\] units"):
        written((), section)
    section["units"] = "4..8"
    with pytest.raises(InputError, match="hidden lists whole networks"):
        written((), section)
    del section["units"]
    found = written(("optimizer=adam,adamw",), section)
    assert [entry.text for entry in found] == ["8;16,8;none", "adam,adamw"]
    with pytest.raises(InputError, match="names optimizer twice"):
        written(("optimizer=adam,adamw", "optimizer=gd,adam"), {})
    with pytest.raises(InputError, match="must be a range"):
        written((), {"l2": 3})


@given(st.sampled_from([(name, text) for name, texts in READABLE.items() for text in texts]), st.integers(0, 1000))
def test_what_is_drawn_is_in_the_range_and_is_drawn_again_for_its_value(which: tuple[str, str], seed: int) -> None:
    entry = parse(*which)
    distribution = entry.distribution()
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    value = entry.value(study.ask({"x": distribution}).params["x"])
    if entry.setting.kind != "hidden":
        entry.setting.check(value)
    again = entry.value(entry.drawn(value))
    assert again == value or math.isclose(again, value, rel_tol=0.01)
    assert distribution._contains(distribution.to_internal_repr(entry.drawn(value)))


def test_zero_is_a_value_of_a_logarithmic_range_from_zero() -> None:
    entry = parse("l2", "0..10:log")
    assert entry.value(entry.drawn(0.0)) == 0.0
    with pytest.raises(ValueError, match="1e-05"):
        entry.drawn(1e-5)


@pytest.mark.parametrize("source", BUILTIN)
def test_the_defaults_lie_in_the_sensible_ranges(source: str) -> None:
    experiment = Experiment.default(source)
    ranges = sensible(experiment, 300)
    values = values_of(experiment, (entry.name for entry in ranges))
    assert {entry.name: entry.value(entry.drawn(values[entry.name])) for entry in ranges} == values
    assert with_values(experiment, values) == experiment
    assert all(parse(entry.name, entry.text) == entry for entry in ranges)


@pytest.mark.parametrize("m", [20, 300, 20_000])
def test_the_defaults_of_a_table_lie_in_them_too(m: int) -> None:
    best = table_defaults(m, 20)
    experiment = Experiment.default("table.csv", "y")._with_defaults(best, ())
    ranges = sensible(experiment, m)
    values = values_of(experiment, (entry.name for entry in ranges))
    assert {entry.name: entry.value(entry.drawn(values[entry.name])) for entry in ranges} == values
    assert with_values(experiment, values) == experiment


def test_what_is_fixed_is_not_searched_and_lbfgs_has_fewer_ranges() -> None:
    experiment = Experiment.default("moons")
    names = {entry.name for entry in sensible(experiment, 300)}
    assert names - {entry.name for entry in sensible(experiment, 300, {"hidden", "l2"})} == {"units", "layers", "l2"}
    lbfgs = experiment.replace("training", optimizer="lbfgs")
    assert {entry.name for entry in sensible(lbfgs, 300)} == {"units", "layers", "l2"}


def test_layers_are_resized_in_proportion() -> None:
    experiment = Experiment.default("moons")  # 16, 8
    assert values_of(with_values(experiment, {"units": 32, "layers": 3}), ["hidden"]) == {"hidden": (32, 16, 16)}
    assert values_of(with_values(experiment, {"units": 5}), ["hidden"]) == {"hidden": (5, 2)}
    assert values_of(with_values(experiment, {"layers": 0}), ["hidden"]) == {"hidden": ()}
    changed = with_values(experiment, {"hidden": (4,), "dropout": 0.25, "activation": "tanh", "batch_size": 32})
    assert [layer.model_dump() for layer in changed.network.hidden] == [
        {"units": 4, "activation": "tanh", "dropout": 0.25}
    ]
    assert changed.training.batch_size == 32
    assert with_values(changed, {"batch_size": None}).training.batch_size is None


def test_no_setting_that_makes_scores_incomparable_can_be_searched() -> None:
    assert not {"loss", "class_weight", "label_smoothing", "quantile", "internal", "ensemble"} & SEARCHABLE.keys()
