"""What is known of a setting: what it allows, in words and as a check."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields

import pytest

from engine import LayerSpec, NetworkSpec, SpecError, TrainingSpec
from engine.spec.settings import Setting, about, settings_of


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [
        (Setting("a", "number", 1.0, "a", "", low=0.0), "a number from 0"),
        (Setting("a", "number", 1.0, "a", "", low=0.0, open_low=True), "a number above 0"),
        (Setting("a", "number", 1.0, "a", "", low=0.0, high=0.5), "a number from 0 to 0.5"),
        (Setting("a", "number", 1.0, "a", "", low=0.0, high=1.0, open_low=True), "a number above 0, at most 1"),
        (Setting("a", "whole", 1, "a", "", low=1, high=100_000), "a whole number from 1 to 100,000"),
        (Setting("a", "whole", 1, "a", "", low=1, high=1e9, optional=True, off="all"), "a whole number from 1, or all"),
        (Setting("a", "choice", "b", "a", "", choices=lambda: {"b": "", "c": ""}), "b, c"),
        (Setting("a", "flag", True, "a", ""), "true or false"),
        (Setting("a", "text", "", "a", "", form="a name"), "a name"),
    ],
)  # fmt: skip
def test_what_is_allowed_is_said_in_words(setting: Setting, allowed: str) -> None:
    assert setting.allowed == allowed


def test_every_field_of_a_training_is_an_explained_setting() -> None:
    settings = settings_of(TrainingSpec)
    assert list(settings) == [entry.name for entry in fields(TrainingSpec)]
    for spec in (LayerSpec, NetworkSpec, TrainingSpec):
        for setting in settings_of(spec).values():
            assert setting.label
            assert setting.help.endswith(".")
            assert setting.kind != "choice" or set(setting.examples) <= set((setting.choices or dict)())
            assert not (setting.kind in ("whole", "number") and math.isinf(setting.low)), setting.name


def test_a_new_setting_needs_one_field() -> None:
    @dataclass(frozen=True)
    class Noisy(TrainingSpec):
        noise: float = field(default=0.0, metadata=about("number", "noise", "Noise on the inputs.", low=0.0))

    assert settings_of(Noisy)["noise"].allowed == "a number from 0"
    assert Noisy(noise=0.5).noise == 0.5
    with pytest.raises(SpecError, match="noise must be a finite number at least 0, not -1"):
        Noisy(noise=-1)
