"""One experiment: data, network and training. TOML in, TOML out."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from deepnet_tui.common.errors import InputError, meant
from deepnet_tui.common.paths import is_file
from deepnet_tui.common.toml import read_toml
from deepnet_tui.data.builtin import BUILTIN, PICTURES, TABLE, TABLE_NUMBER, Defaults
from deepnet_tui.data.settings import ColumnSettings, DataSettings, with_current_names
from engine.ops.activations import ACTIVATIONS
from engine.ops.initializers import INITIALIZERS
from engine.spec import LayerSpec, NetworkSpec, SpecError, TrainingSpec
from engine.spec.bounds import choice, number
from engine.spec.network import MOST_DROPOUT
from engine.storage.atomic import write_atomically

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from engine.training.trainer import Trainer

__all__ = ["DataSettings", "Experiment", "LayerSettings", "NetworkSettings", "TrainingSettings"]

Section = Literal["data", "network", "training"]
WHOLE = "lbfgs"  # the optimizer that works on all examples at once
SHARED = ("activation", "dropout")
LARGEST_FILE = 1_000_000
PICTURE_FILES = (".h5", ".hdf5")


class LayerSettings(BaseModel):
    """One hidden layer."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    units: int
    activation: str = "relu"
    dropout: float = 0.0

    @model_validator(mode="after")
    def _allowed(self) -> Self:
        self.spec()
        return self

    def spec(self) -> LayerSpec:
        """The same layer as the engine describes it."""
        return LayerSpec(self.units, self.activation, self.dropout)


class NetworkSettings(BaseModel):
    """The hidden layers and how their parameters start; inputs, outputs and task follow from the data.

    `hidden` may also be given as plain numbers of units; `activation` and `dropout` beside it then hold for
    every layer that does not say otherwise.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    hidden: tuple[LayerSettings, ...] = (LayerSettings(units=16), LayerSettings(units=8))
    initializer: str = "he"
    scale: float = 0.01

    @model_validator(mode="before")
    @classmethod
    def _spread(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        common = {key: raw[key] for key in SHARED if key in raw}
        if "activation" in common:
            choice("activation", common["activation"], ACTIVATIONS)
        if "dropout" in common:
            number("dropout", common["dropout"], 0.0, MOST_DROPOUT)
        raw = {key: value for key, value in raw.items() if key not in SHARED}
        layers = raw.get("hidden", [layer.units for layer in cls.model_fields["hidden"].default])
        if isinstance(layers, list | tuple):
            raw["hidden"] = tuple(_layer(layer, common) for layer in layers)
        return raw

    @field_validator("initializer")
    @classmethod
    def _known(cls, value: str) -> str:
        choice("initializer", value, INITIALIZERS)
        return value

    @field_validator("scale")
    @classmethod
    def _positive(cls, value: float) -> float:
        number("scale", value, 0.0, open_low=True)
        return value

    def to_dict(self) -> dict[str, Any]:
        """Plain values, short where all layers are alike."""
        raw: dict[str, Any] = {"hidden": [layer.model_dump() for layer in self.hidden]}
        if len({(layer.activation, layer.dropout) for layer in self.hidden}) == 1:
            first = self.hidden[0]
            raw = {
                "hidden": [layer.units for layer in self.hidden],
                "activation": first.activation,
                "dropout": first.dropout,
            }
        return raw | {"initializer": self.initializer, "scale": self.scale}


def _layer(layer: Any, common: dict[str, Any]) -> Any:
    """A number of units, or a table, with what is common to all layers."""
    if isinstance(layer, LayerSettings):
        return layer
    return common | (layer if isinstance(layer, dict) else {"units": layer})


class TrainingSettings(BaseModel):
    """How it is trained; every setting is explained at `engine.TrainingSpec`.

    "none" stands for a setting that is off; a batch size may also be "full".
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    optimizer: str = "adam"
    learning_rate: float = 0.01
    iterations: int = 2000
    batch_size: int | None = None
    l2: float = 0.0
    seed: int = 1
    report_every: int = 100
    dtype: str = "float64"
    l1: float = 0.0
    clip_norm: float | None = None
    momentum: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    schedule: str = "constant"
    decay: float = 0.1
    decay_every: int = 1000
    warmup: int = 0
    epochs: int | None = None
    seconds: float | None = None
    tolerance: float | None = None
    patience: int | None = None
    monitor: str = "cost"
    class_weight: str | tuple[float, ...] | None = None
    shuffle: bool = True

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        raw = {key: None if value == "none" else value for key, value in raw.items()}
        if raw.get("batch_size") == "full":
            raw["batch_size"] = None
        if raw.get("class_weight") is not None:
            raw["class_weight"] = _weights(raw["class_weight"])
        return raw

    @model_validator(mode="after")
    def _allowed(self) -> Self:
        self.spec()
        return self

    def spec(self) -> TrainingSpec:
        """The same as the engine describes it."""
        return TrainingSpec(**self.model_dump())


def _weights(value: Any) -> str | tuple[float, ...]:
    """A class weight as the engine takes it. Raises SpecError."""
    if isinstance(value, str):
        choice("class_weight", value, ("balanced", "none"))
        return value
    if not isinstance(value, list | tuple):
        kinds = "balanced, none or a list of one weight for each class"
        raise SpecError("class_weight", f"class_weight must be {kinds}, not {value!r:.60}")
    for weight in value:
        number("class_weight", weight, 0.0)
    return tuple(float(weight) for weight in value)


class Experiment(BaseModel):
    """Everything that one training run needs to be run again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: DataSettings = DataSettings()
    network: NetworkSettings = NetworkSettings()
    training: TrainingSettings = TrainingSettings()

    @classmethod
    def default(cls, source: str = "moons", target: str | None = None) -> Experiment:
        """Settings that train well on a built-in data set or a data file, of which only the size is looked at."""
        best = BUILTIN[source].defaults if source in BUILTIN else _defaults_for(Path(source))
        layers = tuple(LayerSettings(units=units, activation=best.activation) for units in best.hidden)
        shared = ("optimizer", "learning_rate", "iterations", "batch_size", "l2", "seed", "report_every")
        return cls(
            data=DataSettings(source=source, target=target, validation=best.validation),
            network=NetworkSettings(hidden=layers, initializer=best.initializer),
            training=TrainingSettings(**{name: getattr(best, name) for name in shared}),
        )

    @classmethod
    def from_dict(cls, raw: dict[str, Any], where: str = "") -> Experiment:
        """An experiment from plain values; what is left out is as in `default` for its source.

        Raises InputError with one sentence about the first thing wrong; `where` begins the sentence.
        """
        data = raw.get("data")
        source = data.get("source") if isinstance(data, dict) else None
        complete = cls.default(source).to_dict() if isinstance(source, str) else {}
        if isinstance(data, dict):
            raw = raw | {"data": with_current_names(data)}
        for section, values in raw.items():
            known = isinstance(values, dict) and isinstance(complete.get(section), dict)
            complete[section] = complete[section] | values if known else values
        training = raw.get("training")
        if isinstance(training, dict) and training.get("optimizer") == WHOLE and "batch_size" not in training:
            complete["training"] = complete["training"] | {"batch_size": "full"}
        try:
            return cls.model_validate(complete)
        except ValidationError as error:
            raise _explained(error, where) from None

    @classmethod
    def read(cls, path: str | Path) -> Experiment:
        """Read a TOML file. Data files named in it are looked for from the folder that it is in.

        Raises InputError, naming the file, for one that can't be read, names no data or holds what is not allowed.
        """
        path = Path(path)
        raw = read_toml(path, "an experiment", LARGEST_FILE)
        experiment = cls.from_dict(raw, str(path))
        if "source" not in raw.get("data", {}):
            said = "[data] needs a source: the name of a built-in data set or of a data file"
            raise InputError(f'{path}: {said}, such as source = "moons"', "source")
        found = {
            name: str(path.parent / value)
            for name in ("source", "test")
            if (value := getattr(experiment.data, name)) and value not in BUILTIN and not Path(value).is_absolute()
        }
        return experiment.replace("data", **found) if found else experiment

    def write(self, path: str | Path) -> None:
        """Write TOML, whole or not at all; data files are named so that `read` finds them from the file's folder.

        Raises InputError for a path that can't be written.
        """
        import tomli_w

        raw = self.to_dict()
        folder = Path(path).absolute().parent
        for name in ("source", "test"):
            if (value := raw["data"].get(name)) and value not in BUILTIN:
                file = Path(value).absolute()
                raw["data"][name] = str(file.relative_to(folder) if file.is_relative_to(folder) else file)
        text = tomli_w.dumps(raw)
        try:
            write_atomically(Path(path), lambda temporary: _write_text(temporary, text))
        except OSError as error:
            raise InputError(f"{path} can't be written: {error.strerror}", "path") from None

    def to_dict(self) -> dict[str, Any]:
        """Plain values as they are written to TOML."""
        data = self.data.model_dump(exclude_none=True)
        if not self.data.columns:
            del data["columns"]
        training = {key: _written(key, value) for key, value in self.training.model_dump().items()}
        return {"data": data, "network": self.network.to_dict(), "training": training}

    def replace(self, section: Section, **values: Any) -> Experiment:
        """The same experiment with other values in one section, checked.

        In `network`, `activation` and `dropout` alone go to every layer; with `hidden` to those that are new. An
        optimizer that needs all examples at once gets them where the batch size is the default.
        Raises InputError, its field the key.
        """
        raw = self.to_dict()
        if section == "network":
            common = {key: values.pop(key) for key in SHARED if key in values and "hidden" not in values}
            raw["network"]["hidden"] = [layer.model_dump() | common for layer in self.network.hidden]
        if values.get("optimizer") == WHOLE and "batch_size" not in values and self._default_batch:
            values["batch_size"] = "full"
        raw[section] |= values
        return Experiment.from_dict(raw)

    def suited(self, dataset: Dataset, decided: Container[str] | None = None) -> Experiment:
        """The same, with defaults that only the data can decide, now that they are known.

        The full batch takes the place of a default batch larger than the training part. For a table whose target is
        a number, so do the defaults for numbers, unless named in `decided`, settings that somebody has chosen; None
        stands for all of them.
        """
        suited = self
        batch = self.training.batch_size
        if batch is not None and batch > dataset.train.m and self._default_batch:
            suited = suited.replace("training", batch_size="full")
        table = self.data.source not in BUILTIN and Path(self.data.source).suffix.lower() not in PICTURE_FILES
        if table and dataset.task == "regression" and decided is not None:
            if "l2" not in decided:
                suited = suited.replace("training", l2=TABLE_NUMBER.l2)
            if "hidden" not in decided:
                like = suited.network.hidden[0].model_dump() if suited.network.hidden else {}
                suited = suited.replace("network", hidden=[like | {"units": units} for units in TABLE_NUMBER.hidden])
        return suited

    @property
    def _default_batch(self) -> bool:
        """Whether the batch size is the default, so that nobody may have chosen it."""
        return self.training.batch_size == Experiment.default(self.data.source).training.batch_size

    def network_spec(self, dataset: Dataset) -> NetworkSpec:
        """The network for this problem. Raises InputError for one that can't be built."""
        try:
            return NetworkSpec(
                inputs=dataset.train.X.shape[0],
                hidden=tuple(layer.spec() for layer in self.network.hidden),
                outputs=dataset.outputs,
                task=dataset.task,
                initializer=self.network.initializer,
                scale=self.network.scale,
            )
        except SpecError as error:
            raise InputError(str(error), error.field) from None

    def check(self, dataset: Dataset) -> None:
        """Raise InputError, its field the setting, if the network can't be built or trained like this on the data."""
        from engine.training.feasibility import fits

        spec = self.network_spec(dataset)
        try:
            fits(spec, self.training_spec(), dataset.train.m)
        except ValueError as error:
            raise self._refused(error) from None

    def warnings(self, dataset: Dataset) -> tuple[str, ...]:
        """What to look at before the results are believed: of the data, and of this network for them."""
        return warnings(dataset, self.network_spec(dataset).size, self.training_spec())

    def training_spec(self) -> TrainingSpec:
        """The training as the engine describes it."""
        return self.training.spec()

    def trainer(self, dataset: Dataset) -> Trainer:
        """A trainer at iteration 0. Raises InputError for settings that do not fit the data."""
        from engine.training.trainer import Trainer

        held = dataset.validation
        validation = None if held is None else (held.X, held.Y)
        try:
            return Trainer(
                self.network_spec(dataset),
                self.training_spec(),
                dataset.train.X,
                dataset.train.Y,
                validation=validation,
            )
        except ValueError as error:
            raise self._refused(error) from None

    def _refused(self, error: ValueError) -> InputError:
        """The engine's complaint, with the words of an experiment."""
        field, training = getattr(error, "field", ""), self.training
        if field == "batch_size" and training.optimizer == WHOLE:
            every = f"batch_size must be full with {WHOLE}, which works on all examples at once"
            return InputError(f"{every}, not {training.batch_size}", field)
        return InputError(str(error), field)


def _defaults_for(path: Path) -> Defaults:
    """Settings for a data file: 1,000 iterations for a table up to a megabyte, more for a larger one."""
    if path.suffix.lower() in PICTURE_FILES:
        return PICTURES
    size = path.stat().st_size if is_file(path) else 0
    return replace(TABLE, iterations=min(max(TABLE.iterations, size // 1_000), 20_000))


def _written(key: str, value: Any) -> Any:
    """A setting as TOML can hold it."""
    if value is None:
        return "full" if key == "batch_size" else "none"
    return list(value) if isinstance(value, tuple) else value


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _explained(error: ValidationError, where: str) -> InputError:
    """The first thing wrong as one sentence; its field is the key."""
    first = error.errors(include_url=False)[0]
    path = [str(step) for step in first["loc"]]
    key = path[-1] if path else ""
    layer = f"hidden layer {int(path[2]) + 1}" if path[:2] == ["network", "hidden"] and path[3:] else ""
    place = layer or (f"[{'.'.join(path[:-1])}]" if path[:-1] else "the top level")
    start = f"{where}: " if where else ""
    if first["type"] == "extra_forbidden":
        owner = _owner(path[:-1])
        allowed = "; ".join(filter(None, (f"allowed are {', '.join(owner)}", meant(key, owner))))
        return InputError(f"{start}{place} has no key {key!r}; {allowed}", key)
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, SpecError):
        return InputError(f"{start}{cause}", cause.field)
    if first["type"] == "model_type":
        return InputError(f"{start}[{'.'.join(path)}] must be a table of settings, not {first['input']!r:.60}", key)
    message = first["msg"].replace("Input should be", "must be").replace("valid ", "")
    message = message.replace("a integer", "a whole number").replace("a tuple", "a list")
    shown = repr(first["input"])
    shown = shown if len(shown) < 60 else shown[:57] + "..."
    what = f"{key} of {layer}" if layer else ".".join(path)
    return InputError(f"{start}{what} {message}, not {shown}", key)


def _owner(path: list[str]) -> list[str]:
    """The keys that are allowed at a place in the file."""
    match path:
        case []:
            return list(Experiment.model_fields)
        case ["data", "columns", _]:
            return list(ColumnSettings.model_fields)
        case ["network", "hidden", _]:
            return list(LayerSettings.model_fields)
        case ["network"]:
            return [*NetworkSettings.model_fields, "activation", "dropout"]
        case ["training"]:
            return list(TrainingSettings.model_fields)
        case _:
            return list(DataSettings.model_fields)


def warnings(dataset: Dataset, size: int, training: TrainingSpec) -> tuple[str, ...]:
    """What to look at before the results of a network with `size` parameters, trained like this, are believed."""
    m = dataset.train.m
    found = list(dataset.warnings)
    if size > m:
        found.append(f"The network has {size:,} parameters for {m:,} training examples: it can learn them by heart.")
    if training.patience and dataset.validation is None:
        found.append("Nothing is held out, so patience watches the training cost, which can't tell overfitting.")
    return tuple(found)
