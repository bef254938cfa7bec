"""From the words on the command line to an experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import is_there
from deepnet_tui.common.text import did_you_mean

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.experiment.experiment import SectionName


def check_source(source: str, *, commands: bool = False) -> None:
    """Raise InputError, with a guess at what was meant, unless the source is built in or there."""
    from deepnet_tui.data.builtin import BUILTIN

    if source in BUILTIN or is_there(source):
        return
    if Path(source).suffix:
        raise InputError(f"there is no file {source}", "source")

    known = [*BUILTIN]
    if commands:
        from deepnet_tui.cli.registry import COMMANDS

        known += COMMANDS
    guess = did_you_mean(source, known)
    instead = f"{guess} There are" if guess else "there are"
    kind = "command, built-in data set or file" if commands else "built-in data set or file"
    raise InputError(f"there is no {kind} {source!r}; {instead} {', '.join(BUILTIN)}", "source")


def experiment_from(source: str, options: Mapping[str, Any]) -> Experiment:
    """The experiment that the source stands for, with what was given on the command line in place of its settings.

    `options` are named as the long options are, None where not given. A seed is used twice: to draw the validation
    part, and to initialize and shuffle the training. Raises InputError.
    """
    from deepnet_tui.data.setting_list import DATA_SETTINGS
    from deepnet_tui.experiment import Experiment
    from engine.spec import TrainingSpec
    from engine.spec.settings import settings_of

    check_source(source)
    given = {name: value for name, value in options.items() if value is not None}
    given |= {"target": target} if (target := target_of(given.pop("target", None))) else {}
    if Path(source).suffix.lower() == ".toml":
        experiment = Experiment.read(source)
        try:
            check_source(experiment.data.source)
        except InputError as error:
            raise InputError(f"{source}: {error}", error.field) from None
    else:
        experiment = Experiment.default(source, given.get("target"))
    if "target" in given:
        from deepnet_tui.data.choices import with_target

        chosen = with_target(experiment.data, given["target"])
        experiment = experiment.replace("data", target=chosen.target, columns=chosen.columns)
    share = DATA_SETTINGS["validation"]
    if not share.low <= given.get("validation", share.low) <= share.high:
        raise InputError(f"--validation must be {share.allowed}, not {given['validation']}", "validation")
    data = {name: value for name, value in reading_options(given).items() if name in {*DATA_SETTINGS} - {"target"}}
    training = {name: value for name, value in given.items() if name in settings_of(TrainingSpec)}
    if "batch_size" in training:
        training["batch_size"] = _batch_size(training["batch_size"])
    experiment = _changed(experiment, "data", data | _columns(experiment, given))
    experiment = _changed(experiment, "network", _network(experiment, given))
    return _changed(experiment, "training", training)


def target_of(names: str | Sequence[str] | None) -> str | tuple[str, ...] | None:
    """The target that was given, or several; None for none. Raises InputError for one that is named twice."""
    names = (names,) if isinstance(names, str) else tuple(names or ())
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise InputError(f"--target names the column {twice!r} twice", "target")
    return (names if len(names) > 1 else names[0]) if names else None


def chosen_settings(source: str, options: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The settings that were given on the command line or in the experiment file; None where that is a stored run's."""
    given = tuple(name for name, value in options.items() if value is not None)
    if Path(source).suffix.lower() != ".toml":
        return given
    from deepnet_tui.experiment import settings_in_file

    in_file = settings_in_file(source)
    return None if in_file is None else (*given, *in_file)


def reading_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options with the names of separators that are hard to type as the characters that they stand for."""
    names = {"tab": "\t", "\\t": "\t", "space": " "}
    return {name: names.get(value, value) if name == "separator" else value for name, value in given.items()}


def _changed(experiment: Experiment, section: SectionName, values: dict[str, Any]) -> Experiment:
    return experiment.replace(section, **values) if values else experiment


def _columns(experiment: Experiment, given: Mapping[str, Any]) -> dict[str, Any]:
    """The roles of columns, beside what the experiment says about them. Raises InputError."""
    from deepnet_tui.data.builtin import BUILTIN

    roles: dict[str, str] = {}
    for option, role in (("feature", "feature"), ("ignore", "ignored")):
        for name in given.get(option, ()):
            if roles.setdefault(name, role) != role:
                raise InputError(f"the column {name!r} can't be a feature and ignored at once", "ignore")
            if experiment.data.source in BUILTIN:
                raise InputError(f"the columns of {experiment.data.source} are built in and stay as they are", option)
            if name in experiment.data.targets:
                raise InputError(f"the column {name!r} is the target", option)
    before = {name: column.model_dump(exclude_none=True) for name, column in experiment.data.columns.items()}
    changed = {name: before.get(name, {}) | {"role": role} for name, role in roles.items()}
    return {"columns": before | changed} if roles else {}


def _network(experiment: Experiment, given: Mapping[str, Any]) -> dict[str, Any]:
    """The changes to the network: layers as plain values, so that they are checked anew. Raises InputError."""
    from engine.spec import NetworkSpec
    from engine.spec.settings import settings_of

    changes = {name: given[name] for name in settings_of(NetworkSpec) if name in given}
    if "quantile" in changes and changes.get("loss", experiment.network.loss) != "quantile":
        raise InputError("--quantile is a setting of --loss quantile", "quantile")
    before = experiment.network.hidden
    if not {"hidden", "activation", "dropout"} & given.keys():
        return changes
    common = {"activation": before[0].activation, "dropout": before[0].dropout} if before else {}
    layers = [layer.model_dump() for layer in before]
    if "hidden" in given:
        layers = [{"units": units, **common} for units in _units(given["hidden"])]
    over = {name: given[name] for name in ("activation", "dropout") if name in given}
    return {**changes, "hidden": tuple(layer | over for layer in layers)}


def _units(text: str) -> list[int]:
    """The units of the hidden layers: "16,8"; "none" for no hidden layer."""
    if text.strip() == "none":
        return []
    try:
        return [int(word) for word in text.split(",")]
    except ValueError:
        raise InputError(
            f"--hidden must be whole numbers with commas between them such as 16,8, or none, not {text!r}", "hidden"
        ) from None


def _batch_size(text: str) -> int | None:
    if text == "full":
        return None
    try:
        return int(text)
    except ValueError:
        raise InputError(f"--batch-size must be a whole number or full, not {text!r}", "batch_size") from None
