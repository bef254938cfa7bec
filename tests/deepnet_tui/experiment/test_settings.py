"""A setting is written once: the experiment, the command line, the training pane and the manual follow from it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deepnet_tui.cli.commands.train import train
from deepnet_tui.common.errors import InputError
from deepnet_tui.data.setting_list import DATA_SETTINGS
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.experiment import Experiment, TrainingSettings
from deepnet_tui.experiment.manual import manual
from deepnet_tui.experiment.training import TRAINING_DEFAULTS
from deepnet_tui.widgets.panes.training import ONLY_IN_FILES, SETTINGS
from engine import NetworkSpec, SpecError, TrainingSpec
from engine.spec.settings import Setting, settings_of

MANUAL = Path(__file__).parents[3] / "docs" / "settings.md"
TRAINING = settings_of(TrainingSpec)
PROMISED = {
    "target", "feature", "ignore", "hidden", "activation", "initializer", "optimizer", "learning_rate", "iterations",
    "batch_size", "l2", "class_weight", "dropout", "validation", "test", "separator", "encoding", "decimal", "sheet",
    "skip", "comment", "missing",
    "patience", "seed", "report_every", "dtype", "export", "overwrite", "json", "quiet",
    "ensemble", "best", "threshold",
    "loss", "quantile", "label_smoothing", "input_scale_rate", "preparation", "internal", "schedule",
    "folds", "group", "time", "predictions", "safe_csv", "log_to", "engine",
    "transform", "noise", "points", "function",
}  # fmt: skip


def options() -> dict[str, Any]:
    """What typer is told about each option of `train`."""
    parameters = inspect.signature(train).parameters.values()
    return {entry.name: entry.annotation.__metadata__[0] for entry in parameters if entry.name != "source"}


def just_outside(setting: Setting) -> Iterator[Any]:
    """Values that only just are not allowed."""
    if setting.kind == "choice":
        yield "nonsense"
    elif setting.kind == "whole":
        yield int(setting.low) - 1
        yield int(setting.high) + 1
    elif setting.kind == "number":
        yield setting.low if setting.open_low else math.nextafter(setting.low, -math.inf)
        if not math.isinf(setting.high):
            yield math.nextafter(setting.high, math.inf)


def bounds(setting: Setting) -> Iterator[Any]:
    """The outermost values that are allowed."""
    if setting.kind in ("whole", "number"):
        yield math.nextafter(setting.low, math.inf) if setting.open_low else setting.low
        if not math.isinf(setting.high):
            yield setting.high


def test_the_experiment_has_every_training_setting() -> None:
    assert list(TrainingSettings.model_fields) == list(TRAINING)
    for name, field in TrainingSettings.model_fields.items():
        assert field.default == TRAINING_DEFAULTS.get(name, TRAINING[name].default), name
    assert Experiment().training == TrainingSpec(**TRAINING_DEFAULTS)


@pytest.mark.parametrize("setting", TRAINING.values(), ids=lambda setting: setting.name)
def test_engine_and_experiment_refuse_the_same_values(setting: Setting) -> None:
    name = setting.name
    for value in just_outside(setting):
        with pytest.raises(SpecError) as engines:
            TrainingSpec(**{name: value})
        with pytest.raises(InputError) as ours:
            Experiment.from_dict({"training": {name: value}})
        assert (str(ours.value), ours.value.field) == (str(engines.value), engines.value.field)
    for value in bounds(setting):
        read = Experiment.from_dict({"training": {name: int(value) if setting.kind == "whole" else value}})
        assert getattr(read.training, name) == getattr(TrainingSpec(**{name: value}), name)
    if setting.optional:
        assert getattr(Experiment.from_dict({"training": {name: setting.off}}).training, name) is None


def test_the_command_line_offers_what_it_promises() -> None:
    assert set(options()) == PROMISED


def test_the_help_of_an_option_is_that_of_its_setting() -> None:
    found = {name: option.help for name, option in options().items()}
    assert found.pop("seed") == "Random seed for split, initialization and batch order."
    for name, setting in (DATA_SETTINGS | TRAINING).items():
        if name in found:
            assert found[name].startswith(setting.help.removesuffix(".")), name


def test_the_data_settings_have_the_bounds_that_are_listed() -> None:
    fields = {name: field for name, field in DataSettings.model_fields.items() if name != "columns"}
    assert list(fields) == list(DATA_SETTINGS)
    for name, setting in DATA_SETTINGS.items():
        assert fields[name].default == setting.default, name
        for value in bounds(setting):
            DataSettings.model_validate({name: int(value) if setting.kind == "whole" else value})
        for value in just_outside(setting):
            with pytest.raises(ValueError, match="should be"):
                DataSettings.model_validate({name: value})


def test_the_training_pane_offers_every_setting() -> None:
    offered = {entry.name: entry for entry in SETTINGS}
    assert {*TRAINING, *settings_of(NetworkSpec), "dropout"} == {*offered, *ONLY_IN_FILES}
    assert all(entry.section == "training" for name, entry in offered.items() if name in TRAINING)
    for name in set(TRAINING) & set(offered):
        assert offered[name].setting is TRAINING[name]
        assert offered[name].step is not None or TRAINING[name].choices is not None, name


def test_the_manual_of_settings_is_in_step() -> None:
    assert MANUAL.read_text(encoding="utf-8") == manual(), (
        "run: python -m deepnet_tui.experiment.manual >docs/settings.md"
    )


@pytest.mark.parametrize("setting", [*DATA_SETTINGS.values(), *TRAINING.values()], ids=lambda setting: setting.name)
def test_the_manual_explains_every_setting(setting: Setting) -> None:
    help_ = setting.help.replace("*", r"\*").replace("|", r"\|")
    assert f"| `{setting.name}` | {help_} | {setting.allowed} |" in manual()
