"""A trained network with all that it takes to use it elsewhere: parameters, preparation, labels, test vectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import quoted
from deepnet_tui.common.version import __version__
from deepnet_tui.data.preparation.checks import check_entry, check_transforms
from deepnet_tui.data.preparation.entries import Block, Categorical, Numeric, numbers_of
from deepnet_tui.data.preparation.inverse import UNKNOWN, raw_rows
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.targets.scale import PLAIN, TargetScale
from engine.arrays import Array
from engine.spec import NetworkSpec, TrainingSpec

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from engine import Trainer

Parameters = Mapping[str, Array]
RawRow = Mapping[str, Any]
HALF = 0.5
LARGEST_VECTORS = 20_000  # numbers in all test vectors together


@dataclass(frozen=True)
class TestVectors:
    """A few examples to check a copy of the model with: `raw` rows, `prepared` (n0, k) and `outputs` (nL, k)."""

    raw: tuple[RawRow, ...]
    prepared: Array
    outputs: Array


@dataclass(frozen=True)
class Prediction:
    """What a model predicts for m rows.

    Classes: `labels` (m,) are the original ones, `probabilities` (m, classes) follow the order of the model's
    classes, `values` is None. Numbers: `values` (m,) in the target's own unit, the other two are None; of several
    targets `values` is (m, targets).
    `unknown` and `filled` count, by column, the words the model never saw and the missing values filled in,
    `missing` the missing values of columns of words that had none in training; `first_unknown` is the first such word.
    """

    labels: Array | None
    probabilities: Array | None
    values: Array | None
    unknown: Mapping[str, int] = field(default_factory=dict)
    filled: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, int] = field(default_factory=dict)
    first_unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    """A trained network.

    `inputs` names the network's inputs, `classes` the labels (binary: the one called 0, then the one called 1;
    empty for a number), `preparation` turns raw rows into inputs. `scaling` says which value an
    output for a number stands for; `further_targets` names the targets of the outputs after the first, each with its
    scale. `reading` is how the training file is written as far as it was given, for new files
    of that kind.

    The parameters of an ensemble have a leading axis for its networks, and the outputs are the mean of theirs; `best`
    is the number, from 0, of the one with the lowest loss, None if that is not known. Of two classes the second is
    predicted where its probability is above `threshold`. Raises InputError for parameters that do not fit.
    """

    network: NetworkSpec
    parameters: Parameters
    name: str = "model"
    inputs: tuple[str, ...] = ()
    target: str = "target"
    classes: tuple[str, ...] = ()
    preparation: Preparation = field(default_factory=Preparation)
    scaling: TargetScale = PLAIN
    further_targets: Mapping[str, TargetScale] = field(default_factory=dict)
    training: TrainingSpec | None = None
    metrics: Mapping[str, Any] | None = None
    iterations: int = 0
    version: str = __version__
    test_vectors: TestVectors | None = None
    reading: Mapping[str, str] = field(default_factory=dict)
    best: int | None = None
    threshold: float = HALF

    def __post_init__(self) -> None:
        inputs = self.inputs or self.preparation.inputs or _numbered("x", self.network.inputs)
        preparation = self.preparation
        if not preparation.entries:
            preparation = Preparation(tuple(Numeric(name) for name in inputs))
        classes = self.classes
        if self.network.labels == "numbers":
            classes = ()
        elif not classes:
            classes = _numbered("", max(2, self.network.outputs))
        object.__setattr__(self, "inputs", tuple(inputs))
        object.__setattr__(self, "preparation", preparation)
        object.__setattr__(self, "classes", tuple(classes))
        self._check()
        object.__setattr__(self, "parameters", {name: self.parameters[name] for name in self.network.shapes})

    def _check(self) -> None:
        network = self.network
        if self.further_targets:
            self._check_targets()
        elif network.labels != "one-hot" and network.outputs != 1:
            raise InputError(f"a model for the task {network.task} has one output, not {network.outputs:,}", "outputs")
        if self.classes and len(self.classes) != max(2, network.outputs):
            wanted = max(2, network.outputs)
            raise InputError(f"the model has {len(self.classes):,} labels but {wanted:,} classes", "classes")
        if not len(self.inputs) == len(self.preparation.inputs) == network.inputs:
            raise InputError(
                f"the network has {network.inputs:,} inputs, but {len(self.inputs):,} are named and the "
                f"preparation makes {len(self.preparation.inputs):,}",
                "inputs",
            )
        if len(set(self.preparation.columns)) < len(self.preparation.columns):
            raise InputError("two columns of the model have the same name", "inputs")
        if self.threshold != HALF:
            check_threshold(network, self.threshold)
        if self.best is not None and (network.ensemble == 1 or not 0 <= self.best < network.ensemble):
            raise InputError(f"the model has no network number {self.best}: it has {network.ensemble}", "best")
        numbers = [number for entry in self.preparation.entries for number in numbers_of(entry)]
        if not np.isfinite(numbers).all():
            raise InputError("a number in the preparation of the model is not finite", "preparation")
        try:
            for scaling in self.scalings:
                scaling.check()
            for entry in self.preparation.entries:
                check_entry(entry)
            check_transforms(self.preparation.entries, self.preparation.transforms)
        except ValueError as error:
            raise InputError(str(error), "preparation") from None
        check_parameters(network, self.parameters)

    def _check_targets(self) -> None:
        network = self.network
        if network.labels != "numbers":
            raise InputError("a model has several targets only if they are numbers", "target")
        if self.target in self.further_targets:
            raise InputError("two targets of the model have the same name", "target")
        if network.outputs != len(self.targets):
            raise InputError(f"the model has {len(self.targets):,} targets but {network.outputs:,} outputs", "outputs")

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of all targets, in the order of the outputs."""
        return (self.target, *self.further_targets)

    @property
    def scalings(self) -> tuple[TargetScale, ...]:
        """The scale of every target."""
        return (self.scaling, *self.further_targets.values())

    @classmethod
    def on(cls, dataset: Dataset, network: NetworkSpec, parameters: Mapping[str, Array], **more: Any) -> Self:
        """The model that a network with these parameters is on the data set; `more` are other fields."""
        dataset = dataset.for_loss(network.loss_function)
        return cls(
            network=network,
            parameters=parameters,
            name=dataset.name,
            inputs=dataset.inputs,
            target=dataset.target,
            classes=dataset.classes,
            preparation=dataset.preparation,
            scaling=dataset.scaling,
            further_targets=dataset.further_targets,
            **more,
        )

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        trainer: Trainer,
        metrics: Mapping[str, Any] | None = None,
        threshold: float = HALF,
    ) -> Self:
        """The model that `trainer` holds now, with test vectors from the first training examples."""
        model = cls.on(
            dataset,
            trainer.network,
            trainer.parameters,
            training=trainer.training,
            metrics=metrics,
            iterations=trainer.iteration,
            reading=dataset.reading,
            best=trainer.best_member(),
            threshold=threshold,
        )
        return model.with_test_vectors(dataset.train.X)

    def with_test_vectors(self, X: Array) -> Self:
        """The same model with test vectors: the first examples of `X` (n0, m) as raw rows, and, where a column
        can be missing or hold an unknown word, a row with just that."""
        entries = self.preparation.entries
        k = min(4, X.shape[1], max(1, LARGEST_VECTORS // self.network.inputs))
        rows = raw_rows(entries, np.asarray(X[:, :k], dtype=np.float64))
        if rows and any(not isinstance(entry, Block) for entry in entries):
            rows.append({e.name: rows[0][e.name] if isinstance(e, Block) else None for e in entries})
        if rows and any(isinstance(entry, Categorical) for entry in entries):
            rows.append({e.name: UNKNOWN if isinstance(e, Categorical) else rows[0][e.name] for e in entries})
        prepared = self.preparation.apply(self.as_columns(rows)).X if rows else np.empty((self.network.inputs, 0))
        return replace(self, test_vectors=TestVectors(tuple(rows), prepared, self.outputs(prepared)))

    @property
    def best_member(self) -> int:
        """The number of the network with the lowest loss; 0 of a single one. Raises InputError if it is not known."""
        if self.network.ensemble == 1:
            return 0
        if self.best is None:
            raise InputError("it is not known which network of this ensemble is the best", "best")
        return self.best

    def member(self, k: int) -> Self:
        """The model of network `k` alone, whose metrics are not known. Raises InputError if there is no such one."""
        if not 0 <= k < self.network.ensemble:
            raise InputError(f"the model has no network number {k}: it has {self.network.ensemble}", "best")
        if self.network.ensemble == 1:
            return self
        vectors = self.test_vectors
        parameters = {name: np.ascontiguousarray(value[k]) for name, value in self.parameters.items()}
        alone = replace(
            self, network=self.network.member, parameters=parameters, best=None, metrics=None, test_vectors=None
        )
        if vectors is not None:
            vectors = replace(vectors, outputs=alone.outputs(vectors.prepared))
        return replace(alone, test_vectors=vectors)

    def outputs(self, X: Array) -> Array:
        """The network's outputs (nL, m) for prepared inputs `X` (n0, m), in float64 whatever it was trained in."""
        from engine.predictor import predict

        parameters = {name: np.asarray(value, dtype=np.float64) for name, value in self.parameters.items()}
        return predict(self.network, parameters, np.asarray(X, dtype=np.float64))

    def predict(self, rows: Any, first_row: int = 1) -> Prediction:
        """Labels and probabilities, or values, for raw rows.

        `rows` is a data frame, a mapping of columns, or a sequence of mappings, one a row; more columns than
        the model needs are ignored. Raises InputError for a missing column and a value that can't be read.
        """
        if isinstance(rows, Sequence):
            rows = self.as_columns(rows)
        prepared = self.preparation.apply(rows, first_row)
        found = self.interpret(self.outputs(prepared.X))
        return replace(
            found,
            unknown=prepared.unknown,
            filled=prepared.filled,
            missing=prepared.missing,
            first_unknown=prepared.first_unknown,
        )

    def interpret(self, outputs: Array) -> Prediction:
        """Outputs (nL, m) as labels with probabilities, or as values. A probability of the threshold gives class 0."""
        if self.network.labels == "numbers":
            values = [scaling.values(row) for scaling, row in zip(self.scalings, outputs, strict=True)]
            return Prediction(None, None, np.stack(values, axis=1) if self.further_targets else values[0])
        two = self.network.labels == "binary"
        probabilities = np.vstack([1.0 - outputs, outputs]).T if two else outputs.T
        places = (outputs[0] > self.threshold).astype(int) if two else probabilities.argmax(axis=1)
        labels = np.array(self.classes, dtype=object)[places]
        return Prediction(labels, np.ascontiguousarray(probabilities), None)

    def as_columns(self, rows: Iterable[RawRow]) -> dict[str, Array]:
        """Rows, each a mapping from column to value, as columns. Raises InputError where a row lacks one."""
        rows = list(rows)
        columns: dict[str, Array] = {}
        for entry in self.preparation.entries:
            for number, row in enumerate(rows, start=1):
                if entry.name not in row:
                    raise InputError(f"row {number:,} has no column {entry.name!r}, which the model needs", entry.name)
            if isinstance(entry, Block):
                try:
                    values = [np.asarray(row[entry.name], dtype=np.float64).ravel() for row in rows]
                    columns[entry.name] = np.array(values).reshape(len(rows), -1)
                except (TypeError, ValueError, OverflowError):
                    message = f"column {quoted(entry.name)} must hold as many numbers in every row"
                    raise InputError(message, entry.name) from None
                continue
            cells = [row[entry.name] for row in rows]
            if isinstance(entry, Numeric) and all(type(cell) is float or cell is None for cell in cells):
                columns[entry.name] = np.array(cells, dtype=np.float64)
            else:
                columns[entry.name] = np.empty(len(rows), dtype=object)
                columns[entry.name][:] = cells
        return columns


def check_parameters(network: NetworkSpec, parameters: Parameters) -> None:
    """Raise InputError unless there is one finite float array of the right shape for each of the network's."""
    for name, shape in network.shapes.items():
        if name not in parameters:
            raise InputError(f"the parameter {name} is missing", name)
        value = parameters[name]
        if value.dtype.kind != "f":
            raise InputError(f"{name} holds {value.dtype}, not floating-point numbers", name)
        if value.shape != shape:
            raise InputError(f"{name} has the shape {value.shape}, the network needs {shape}", name)
        if not np.isfinite(value).all():
            raise InputError(f"{name} holds a value that is not a finite number", name)
    extra = sorted(set(parameters) - set(network.shapes))
    if extra:
        raise InputError(f"the parameter {extra[0]} does not belong to the network", extra[0])


def check_threshold(network: NetworkSpec, threshold: float) -> None:
    """Raise InputError for a threshold that is no probability, or not for two classes."""
    if not 0.0 <= threshold <= 1.0:
        raise InputError(f"the threshold must be from 0 to 1, not {threshold:g}", "threshold")
    if network.labels != "binary":
        raise InputError(f"a threshold is for two classes; this model's task is {network.task}", "threshold")


def _numbered(prefix: str, count: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{number}" for number in range(count))
