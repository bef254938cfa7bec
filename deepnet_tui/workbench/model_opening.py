"""A trained model on the workbench: the experiment that it belongs to, and data prepared as the model wants them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted, listed, quoted
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.parts import DatasetPart
from deepnet_tui.data.preparation.entries import Block, Categorical, Entry, Numeric
from deepnet_tui.data.preparation.labels import label_matrix, label_names, labels_of
from deepnet_tui.data.preparation.preparation import Preparation, prepare_part
from deepnet_tui.experiment import Experiment
from deepnet_tui.experiment.training import plain_values
from engine.arrays import Array
from engine.spec.settings import settings_of

if TYPE_CHECKING:
    from deepnet_tui.model import Model

RANDOM_ROWS = 400
MOST_NUMBERS = 4_000_000  # inputs of all random rows together
RANDOM_WARNING = "These rows are random and labelled by the model itself; deepnet-tui open MODEL DATA shows real ones"


@dataclass(frozen=True)
class OpenedModel:
    """A model with its data: what the app adopts, and `restore` as `LoadRequest` takes it."""

    model: Model
    experiment: Experiment
    dataset: Dataset

    def restore(self) -> tuple[Dataset, Mapping[str, Any]]:
        """The data, and the parameters to start from."""
        return self.dataset, self.model.parameters


def model_on_data(
    model: Model,
    path: str | Path,
    source: str | None = None,
    target: str | tuple[str, ...] | None = None,
    reading: Mapping[str, Any] | None = None,
) -> OpenedModel:
    """A model, read from `path`, on the data of a file or a built-in set, or on random rows where there are none.

    Raises InputError for data that can't be read and for those that the model is not for.
    """
    if source is None:
        experiment, dataset = _experiment(model, str(path)), random_rows(model)
    else:
        model, experiment, dataset = _on_file(model, source, target, reading or {})
    experiment.check(dataset)
    return OpenedModel(model, experiment, dataset)


def _experiment(model: Model, source: str, **data: Any) -> Experiment:
    """The network of the model, and the training that it had, or the defaults."""
    network = model.network
    layers = [{"units": each.units, "activation": each.activation, "dropout": each.dropout} for each in network.hidden]
    settings = {name: getattr(network, name) for name in settings_of(type(network))}
    experiment = Experiment.default(source).replace("data", preparation="plain", **data)
    experiment = experiment.replace("network", hidden=layers, **settings)
    return experiment if model.training is None else experiment.replace("training", **plain_values(model.training))


def _on_file(
    model: Model, source: str, target: str | tuple[str, ...] | None, reading: Mapping[str, Any]
) -> tuple[Model, Experiment, Dataset]:
    from deepnet_tui.data.builtin import BUILTIN
    from deepnet_tui.data.load import load

    numbers = model.network.labels == "numbers"
    given: dict[str, Any] = {"target": target} if target else {}
    experiment = _experiment(model, source, **given, **reading)
    if not target and source not in BUILTIN:
        given = {"target": list(model.targets)}
        try:
            dataset = load(experiment.replace("data", **given).data)
        except InputError as error:
            if error.field != "target":
                raise
            dataset, given = load(experiment.data), {}
    else:
        dataset = load(experiment.data)
    experiment = experiment.replace("data", **given) if given else experiment
    if numbers != (dataset.labels == "numbers"):
        kinds = ("a number", "a class") if numbers else ("a class", "a number")
        raise InputError(f"the model predicts {kinds[0]}, and {dataset.target} in the data is {kinds[1]}", "target")
    if numbers and len(dataset.targets) != len(model.targets):
        raise InputError(
            f"the model predicts {counted(len(model.targets), 'number')}, and the data have "
            f"{counted(len(dataset.targets), 'target')}",
            "target",
        )
    model = _named_as(model, dataset)
    return model, experiment, _prepared(model, dataset)


def _named_as(model: Model, dataset: Dataset) -> Model:
    """The model with the columns and classes of the data in place of names that only number its own."""
    columns = model.preparation.columns
    if absent := [name for name in columns if name not in dataset.table]:
        features = [info.name for info in dataset.columns if info.role == "feature" and info.kind == "numeric"]
        plain = all(isinstance(entry, Numeric) and entry == Numeric(entry.name) for entry in model.preparation.entries)
        if not plain or len(features) != len(columns):
            has = listed(name for name in dataset.table if name not in dataset.targets)
            raise InputError(
                f"the data have no column {quoted(absent[0])}, which the model needs; they have {has}", "columns"
            )
        model = replace(model, preparation=Preparation(tuple(map(Numeric, features))), inputs=())
    if model.classes and not set(dataset.classes) <= set(model.classes):
        numbered = model.classes == tuple(map(str, range(len(model.classes))))
        if not numbered or len(dataset.classes) != len(model.classes):
            strange = next(name for name in dataset.classes if name not in model.classes)
            known = listed(model.classes)
            raise InputError(f"the data have the class {quoted(strange)}, and the model knows {known}", "classes")
        model = replace(model, classes=dataset.classes)
    return replace(model, test_vectors=None)


def _prepared(model: Model, dataset: Dataset) -> Dataset:
    """The same rows, with the inputs and the labels as the model has them."""

    def part(old: DatasetPart | None, table: Mapping[str, Any]) -> DatasetPart | None:
        if old is None:
            return None
        whole = np.zeros((model.network.outputs, 1 + int(old.rows.max(initial=0))))
        whole[:, old.rows] = _labels(model, dataset, old.Y)
        return prepare_part(model.preparation, table, whole, old.rows)[0]

    train = part(dataset.train, dataset.table)
    assert train is not None  # noqa: S101
    prepared = replace(
        dataset,
        task=model.network.task,
        inputs=model.inputs,
        classes=model.classes,
        train=train,
        validation=part(dataset.validation, dataset.table),
        test=part(dataset.test, dataset.test_table),
        preparation=model.preparation,
        scaling=model.scaling,
        further_targets=dict(zip(dataset.further_targets, model.further_targets.values(), strict=True)),
        standardised=None,
    )
    return _as_it_is(model, prepared)


def _labels(model: Model, dataset: Dataset, Y: Array) -> Array:
    if model.network.labels == "numbers":
        values = [scaling.unbounded(row) for scaling, row in zip(dataset.scalings, Y, strict=True)]
        return labels_of(values, model.network.task, 0, model.scalings)
    numbers = Y[0].astype(int) if dataset.labels == "binary" else Y.argmax(axis=0)
    places = np.array([model.classes.index(name) for name in dataset.classes])
    return label_matrix(places[numbers], model.network.task, len(model.classes))


def _as_it_is(model: Model, dataset: Dataset) -> Dataset:
    """Data whose labels stay on the scale of the model, also where its loss wants another one."""
    amounts = model.network.loss_function.for_amounts
    return replace(dataset, standardised=replace(dataset)) if amounts else dataset


def random_rows(model: Model) -> Dataset:
    """Random rows as the preparation of the model may have seen them, labelled by the model itself."""
    from deepnet_tui.data.columns import ColumnInfo

    m = max(20, min(RANDOM_ROWS, MOST_NUMBERS // model.network.inputs))
    random = np.random.default_rng(1)
    table = {entry.name: _random_column(entry, m, random) for entry in model.preparation.entries}
    X = model.preparation.apply(table).X
    outputs = model.outputs(X)
    if model.network.labels == "numbers":
        Y: Array = outputs
        values = [scaling.values(row) for scaling, row in zip(model.scalings, outputs, strict=True)]
        answers = dict(zip(model.targets, values, strict=True))
    else:
        two = model.network.labels == "binary"
        y = (outputs[0] > model.threshold).astype(int) if two else outputs.argmax(axis=0)
        Y = label_matrix(y, model.network.task, len(model.classes))
        answers = {model.target: label_names(y, model.classes)}
    kind = "categorical" if model.classes else "numeric"
    infos = [ColumnInfo(entry.name, entry.kind, "feature", "random", 0, m) for entry in model.preparation.entries]
    infos += [ColumnInfo(name, kind, "target", "predicted by the model", 0, m) for name in answers]
    dataset = Dataset(
        name=model.name,
        task=model.network.task,
        inputs=model.inputs,
        target=model.target,
        classes=model.classes,
        train=DatasetPart(X, Y, np.arange(m)),
        preparation=model.preparation,
        scaling=model.scaling,
        further_targets=model.further_targets,
        warnings=(RANDOM_WARNING,),
        columns=tuple(infos),
        source=model.name,
        table=table | answers,
    )
    return _as_it_is(model, dataset)


def _random_column(entry: Entry, m: int, random: Any) -> Array:
    if isinstance(entry, Block):
        return np.asarray(entry.mean + entry.scale * random.standard_normal((m, *entry.shape)))
    if isinstance(entry, Categorical):
        return np.asarray(random.choice(np.array(entry.known or ("",), dtype=object), m))
    if entry.kind == "boolean":
        return np.asarray(random.choice(np.array(entry.words, dtype=object), m))
    numbers = entry.mean + entry.scale * random.standard_normal(m)
    if entry.kind == "date":
        return np.asarray((numbers * 86_400e6).astype("datetime64[us]"))
    return np.asarray(numbers)
