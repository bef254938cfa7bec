"""The experiment as a whole: its defaults, its file, its changes, and what the engine makes of it."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.formats.toml import read_toml
from deepnet_tui.common.paths import cache_folder, is_file
from deepnet_tui.common.section import InvalidError, SettingsSection, by_name, field
from deepnet_tui.data.builtin import BUILTIN, PICTURES, TABLE, Defaults
from deepnet_tui.data.settings import DataSettings, with_current_names
from deepnet_tui.experiment.messages import explained
from deepnet_tui.experiment.network import SHARED, LayerSettings, NetworkSettings
from deepnet_tui.experiment.table_defaults import for_line_search, report_every, table_defaults
from deepnet_tui.experiment.training import TRAINING_DEFAULTS, needs_all_examples, plain_values, training_of
from deepnet_tui.experiment.training_warnings import warnings
from engine.spec import NetworkSpec, SpecError, TrainingSpec
from engine.spec.network import TASK_LOSS
from engine.spec.settings import settings_of
from engine.storage.atomic import write_text_atomically

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from engine.training.trainer import Trainer

LARGEST_FILE = 1_000_000
BEFORE = {"preparation": "plain"}  # data settings that version 0.2 and those before it did not write
PICTURE_FILES = (".h5", ".hdf5")
SectionName = Literal["data", "network", "training"]


class Experiment(SettingsSection):
    """Everything that one training run needs to be run again."""

    data: DataSettings = field(DataSettings.model_validate, DataSettings())
    network: NetworkSettings = field(NetworkSettings.model_validate, NetworkSettings())
    training: TrainingSpec = field(training_of, TrainingSpec(**TRAINING_DEFAULTS))
    search: dict[str, Any] = field(by_name(lambda value: value), {})
    """Ranges by setting, read by `deepnet_tui.search.ranges`."""

    @classmethod
    def default(cls, source: str = "moons", target: str | tuple[str, ...] | None = None) -> Experiment:
        """Settings that train well on a built-in data set or a data file, of which only the size is looked at."""
        best = BUILTIN[source].defaults if source in BUILTIN else PICTURES if _holds_pictures(source) else TABLE
        layers = tuple(LayerSettings(units=units, activation=best.activation) for units in best.hidden)
        return cls(
            data=DataSettings.model_validate(
                {
                    "source": source,
                    "target": target,
                    "validation": best.validation,
                    "preparation": best.preparation,
                }
            ),
            network=NetworkSettings(hidden=layers, initializer=best.initializer),
            training=TrainingSpec(**{name: getattr(best, name) for name in TRAINING_DEFAULTS}),
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
            try:
                raw = raw | {"data": with_current_names(data)}
            except InputError as error:
                raise InputError(f"{where}: {error}" if where else str(error), error.field) from None
        for section, values in raw.items():
            known = isinstance(values, dict) and isinstance(complete.get(section), dict)
            complete[section] = complete[section] | values if known else values
        training = raw.get("training")
        given = training if isinstance(training, dict) else {}
        if needs_all_examples(given.get("optimizer")) and "batch_size" not in given:
            complete["training"] = complete["training"] | {"batch_size": "full"}
        try:
            return cls.model_validate(complete)
        except InvalidError as error:
            raise explained(error, where) from None

    @classmethod
    def read(cls, path: str | Path) -> Experiment:
        """Read a TOML file. Data files named in it are looked for from the folder that it is in.

        In a folder of the run store, a setting that the version which wrote the file did not have is as it was then.

        Raises InputError, naming the file, for one that can't be read, names no data or holds what is not allowed.
        """
        path = Path(path)
        raw = read_toml(path, "an experiment", LARGEST_FILE)
        raw.pop("race", None)  # what varies in a race of this experiment: deepnet_tui/race/racers.py
        if isinstance(raw.get("data"), dict) and is_file(path.with_name("run.json")):
            raw["data"] = BEFORE | raw["data"]
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
            write_text_atomically(Path(path), text)
        except OSError as error:
            raise InputError(f"{path} can't be written: {error.strerror}", "path") from None

    def to_dict(self) -> dict[str, Any]:
        """Plain values as they are written to TOML."""
        data = self.data.model_dump(exclude_none=True)
        if not self.data.columns:
            del data["columns"]
        if not self.data.transform:
            del data["transform"]
        raw = {"data": data, "network": self.network.to_dict(), "training": plain_values(self.training)}
        return raw | ({"search": self.search} if self.search else {})

    def replace(self, section: SectionName, **values: Any) -> Experiment:
        """The same experiment with other values in one section, checked.

        In `network`, `activation` and `dropout` alone go to every layer; with `hidden` to those that are new. An
        optimizer that needs all examples at once gets them where the batch size is the default.
        Raises InputError, its field the key.
        """
        raw = self.to_dict()
        if section == "network":
            common = {key: values.pop(key) for key in SHARED if key in values and "hidden" not in values}
            raw["network"]["hidden"] = [layer.model_dump() | common for layer in self.network.hidden]
        if needs_all_examples(values.get("optimizer")) and "batch_size" not in values and self._default_batch:
            values["batch_size"] = "full"
        raw[section] |= values
        return Experiment.from_dict(raw)

    def with_data_defaults(self, dataset: Dataset, chosen: Container[str] | None = None) -> Experiment:
        """The same, with the defaults that depend on the data, now that these are known.

        A default batch larger than the training part becomes the full batch. For a table every setting of `[network]`
        and `[training]` takes the default for its size, unless it is among `chosen`, the settings that somebody has
        chosen; None says that all were chosen. A loss that nobody has chosen and that doesn't fit gives way to that of
        the task.
        """
        adapted = self
        batch = self.training.batch_size
        if batch is not None and batch > dataset.train.m and self._default_batch:
            adapted = adapted.replace("training", batch_size="full")
        if chosen is not None and "loss" not in chosen:
            adapted = adapted.with_fitting_loss(dataset)
        if chosen is None or self.data.source in BUILTIN or _holds_pictures(self.data.source):
            return adapted
        best = table_defaults(dataset.train.m, len(dataset.train.X))
        if needs_all_examples(self.training.optimizer) and "optimizer" in chosen:
            best = for_line_search(best)
        return adapted._with_defaults(best, chosen)

    def dtype_of_inputs(self, chosen: Container[str] | None) -> str:
        """In which precision the inputs of a large table are kept: that of the training where somebody has chosen it,
        else that in which tables are trained."""
        return self.training.dtype if chosen is None or "dtype" in chosen else "float32"

    def _with_defaults(self, best: Defaults, chosen: Container[str]) -> Experiment:
        """The same with the settings of `best` in [network] and [training], those in `chosen` aside."""
        training = {name: getattr(best, name) for name in TRAINING_DEFAULTS if name not in chosen and name != "seed"}
        if "iterations" in chosen and "report_every" not in chosen:
            training["report_every"] = report_every(self.training.iterations)
        layers = [layer.model_dump() for layer in self.network.hidden]
        if "hidden" not in chosen:
            layers = [(layers or [{}])[0] | {"units": units} for units in best.hidden]
        if "dropout" not in chosen:
            layers = [layer | {"dropout": best.dropout} for layer in layers]
        network = {name: getattr(best, name) for name in ("ensemble", "initializer") if name not in chosen}
        return self.replace("network", hidden=layers, **network).replace("training", **training)

    @property
    def _default_batch(self) -> bool:
        """Whether the batch size is the default, so that nobody may have chosen it."""
        return self.training.batch_size == Experiment.default(self.data.source).training.batch_size

    def network_spec(self, dataset: Dataset) -> NetworkSpec:
        """The network for this problem. Raises InputError for one that can't be built, its field the setting."""
        if self._refuses_loss(dataset):
            loss, kind = self.network.loss, "a number" if dataset.labels == "numbers" else "a class"
            other = "classes" if dataset.labels == "numbers" else "numbers"
            raise InputError(f"{loss} is a loss for {other}, and {dataset.target} is {kind}", "loss")
        try:
            return NetworkSpec(
                inputs=dataset.train.X.shape[0],
                hidden=tuple(layer.spec() for layer in self.network.hidden),
                outputs=dataset.outputs,
                task=dataset.task,
                **{name: getattr(self.network, name) for name in settings_of(NetworkSpec)},
            )
        except SpecError as error:
            raise InputError(str(error), error.field) from None

    def fitted(self, dataset: Dataset) -> Dataset:
        """The data as this network learns them: a loss may want labels on another scale. Raises InputError."""
        return dataset.for_loss(self.network_spec(dataset).loss_function)

    def with_fitting_loss(self, dataset: Dataset) -> Experiment:
        """The same, with the loss of the task where the chosen one is not for such labels."""
        try:
            self.fitted(dataset)
        except InputError as error:
            if error.field != "loss":
                raise
            return self.replace("network", loss=TASK_LOSS)
        return self

    def _refuses_loss(self, dataset: Dataset) -> bool:
        from engine.ops.losses import LOSSES

        loss = self.network.loss
        return loss != TASK_LOSS and LOSSES[loss].labels != dataset.labels

    def check(self, dataset: Dataset) -> None:
        """Raise InputError, its field the setting, if the network can't be built or trained like this on the data."""
        from engine.training.feasibility import check_feasible

        spec = self.network_spec(dataset)
        self.fitted(dataset)
        try:
            check_feasible(spec, self.training, dataset.train.m)
        except ValueError as error:
            raise self._refused(error) from None

    def warnings(self, dataset: Dataset) -> tuple[str, ...]:
        """What to look at before the results are believed: of the data, and of this network for them."""
        return warnings(dataset, self.network_spec(dataset).member.size, self.training)

    def trainer(self, dataset: Dataset, engine: str | None = None) -> Trainer:
        """A trainer at iteration 0; `engine` as there. Raises InputError for settings that do not fit the data."""
        from engine.compiled.native import compiler
        from engine.training.trainer import Trainer

        compiler.cache_root = cache_folder

        dataset = self.fitted(dataset)
        part = dataset.validation
        validation = None if part is None else (part.X, part.Y)
        try:
            return Trainer(
                self.network_spec(dataset),
                self.training,
                dataset.train.X,
                dataset.train.Y,
                validation=validation,
                engine=engine,
            )
        except ValueError as error:
            raise self._refused(error) from None

    def _refused(self, error: ValueError) -> InputError:
        """The engine's complaint, in the words of an experiment."""
        field, training = getattr(error, "field", ""), self.training
        if field == "batch_size" and needs_all_examples(training.optimizer):
            required = f"batch_size must be full with {training.optimizer}, which works on all examples at once"
            return InputError(f"{required}, not {training.batch_size}", field)
        return InputError(str(error), field)


def settings_in_file(path: str | Path) -> tuple[str, ...] | None:
    """The settings that an experiment file chooses; None for the file of a stored run, which has chosen all of them.

    Raises InputError for a file that can't be read.
    """
    path = Path(path)
    if is_file(path.with_name("run.json")):
        return None
    raw = read_toml(path, "an experiment", LARGEST_FILE)
    sections = [raw[name] for name in ("network", "training") if isinstance(raw.get(name), dict)]
    layers = [layer for section in sections for layer in section.get("hidden", ()) if isinstance(layer, dict)]
    return tuple(dict.fromkeys(name for section in (*sections, *layers) for name in section))


def _holds_pictures(source: str) -> bool:
    return Path(source).suffix.lower() in PICTURE_FILES
