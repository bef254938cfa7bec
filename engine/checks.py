"""Checks data before training begins; each error says in one sentence what can't be trained on."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.arrays import Array
from engine.spec import NetworkSpec, SpecError, TrainingSpec
from engine.storage import memmap

BLOCK = 4_000_000  # elements checked at once, so that data on disk are never read whole


class DataError(ValueError):
    """Data that can't be trained on. `field` is the argument concerned: X, Y, validation, sample_weight ..."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def check_specs(network: object, training: object = None) -> None:
    """Raise SpecError unless these are a NetworkSpec and a TrainingSpec (or None)."""
    if not isinstance(network, NetworkSpec):
        raise SpecError("network", f"network must be a NetworkSpec, not {network!r}")
    if not isinstance(training, TrainingSpec | None):
        raise SpecError("training", f"training must be a TrainingSpec, not {training!r}")


def examples(network: NetworkSpec, X: npt.ArrayLike, Y: npt.ArrayLike, where: str = "") -> tuple[Array, Array]:
    """X (n0, m) and Y (nL, m) as numeric arrays that fit the network; copied only if necessary.

    `where` names the part in messages, such as "validation ". Raises DataError.
    """
    X, Y = inputs(network, X, where), _numeric(f"{where}Y", Y)
    if Y.shape[0] != network.outputs:
        hint = "; give a row of 0 and 1 for each class (one-hot)" if network.labels == "one-hot" else ""
        rows, outputs = _count(Y.shape[0], "row"), _count(network.outputs, "output")
        raise DataError("Y", f"{where}Y has {rows}, the network has {outputs}{hint}")
    if Y.shape[1] != X.shape[1]:
        raise DataError("Y", f"{where}X has {X.shape[1]:,} examples, {where}Y has {Y.shape[1]:,}")
    _finite(f"{where}Y", Y)
    _labels(network, Y, where)
    return X, Y


def inputs(network: NetworkSpec, X: npt.ArrayLike, where: str = "", *, finite: bool = True) -> Array:
    """X (n0, m) as a numeric array with as many rows as the network has inputs. Raises DataError."""
    X = _numeric(f"{where}X", X)
    if X.shape[0] != network.inputs:
        expected = _count(network.inputs, "input")
        hint = "; features stand in rows, examples in columns" if X.shape[1] == network.inputs else ""
        raise DataError("X", f"{where}X has {_count(X.shape[0], 'feature')}, the network expects {expected}{hint}")
    if X.shape[1] == 0:
        raise DataError("X", f"{where}X is empty: there must be at least one example")
    if finite:
        _finite(f"{where}X", X)
    return X


def check_validation(network: NetworkSpec, validation: Any) -> tuple[Array, Array] | None:
    """The validation X and Y, checked as `examples` does, or None. Raises DataError."""
    if validation is None:
        return None
    try:
        X, Y = validation
    except (TypeError, ValueError):
        raise DataError("validation", "validation must be a pair (X, Y)") from None
    return examples(network, X, Y, "validation ")


def check_weights(sample_weight: npt.ArrayLike | None, m: int) -> Array | None:
    """Sample weights (m,) as float64, or None. Raises DataError unless they are >= 0 with a positive sum."""
    if sample_weight is None:
        return None
    try:
        weight = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError("sample_weight", "sample_weight must hold one number for each example") from None
    if weight.size != m or weight.shape not in ((m,), (1, m), (m, 1)):
        raise DataError("sample_weight", f"sample_weight has the shape {weight.shape} for {m:,} examples")
    weight = weight.ravel()
    if not np.isfinite(weight).all() or (weight < 0).any() or not weight.any():
        raise DataError("sample_weight", "sample_weight must be finite, at least 0, and above 0 somewhere")
    return weight


def parameters_for(network: NetworkSpec, parameters: Mapping[str, Any]) -> dict[str, Array]:
    """The given parameters W1, b1, ... as arrays; names, shapes and values are checked. Raises DataError."""
    if not isinstance(parameters, Mapping):
        raise DataError("parameters", "parameters must be a dictionary from W1, b1, ... to arrays")
    if unknown := [name for name in parameters if name not in network.shapes]:
        expected = ", ".join(network.shapes)
        raise DataError("parameters", f"parameter {unknown[0]} is not one of this network's; expected {expected}")
    checked = {}
    for name, shape in network.shapes.items():
        if name not in parameters:
            raise DataError("parameters", f"parameter {name} is missing; expected {', '.join(network.shapes)}")
        try:
            value = np.asarray(parameters[name])
        except ValueError:
            raise DataError("parameters", f"parameter {name} is ragged; expected the shape {shape}") from None
        if value.shape != shape:
            raise DataError("parameters", f"parameter {name} has the shape {value.shape}, expected {shape}")
        if value.dtype.kind not in "fiu" or not np.isfinite(value).all():
            raise DataError("parameters", f"parameter {name} must hold finite numbers only")
        checked[name] = value
    return checked


def starting_parameters(network: NetworkSpec, dtype: str, parameters: Mapping[str, Any]) -> dict[str, Array]:
    """`parameters_for`, which must be in the range of `dtype`, too."""
    checked = parameters_for(network, parameters)
    check_range(dtype, {f"parameter {name}": value for name, value in checked.items()})
    return checked


def _numeric(name: str, values: npt.ArrayLike) -> Array:
    field = _field(name)
    ma = sys.modules.get("numpy.ma")  # nobody has a masked array without it, and it takes a while to load
    if ma is not None and isinstance(values, ma.MaskedArray) and (masked := int(ma.getmaskarray(values).sum())):
        raise DataError(field, f"{name} has {_count(masked, 'masked value')}; fill or remove them")
    try:
        array = values if isinstance(values, np.memmap) else np.asarray(values)
    except ValueError:
        raise DataError(field, f"{name} is ragged: its rows have different lengths") from None
    if array.dtype.kind not in "fiubO":
        raise DataError(field, f"{name} must hold real numbers, not {array.dtype}")
    if array.ndim != 2:
        raise DataError(field, f"{name} must have two dimensions (rows, examples), not {array.ndim}")
    if array.dtype.kind == "O":
        return _from_objects(name, array)
    odd = array.dtype.kind == "b" or not array.dtype.isnative or array.dtype == np.float16
    if odd and not (field == "X" and memmap.mapping(array)):  # data on disk are converted row by row
        array = array.astype(np.float32 if array.dtype == np.float16 else np.dtype(np.float64))
    return array


def _from_objects(name: str, array: Array) -> Array:
    """Objects as float64: numbers of any kind, and missing values as nan, which another check finds."""
    numbers, odd = np.full(array.shape, np.nan), []
    for place, value in np.ndenumerate(array):
        if value is None or type(value).__name__ == "NAType":  # pandas.NA
            continue
        try:
            if isinstance(value, str | bytes):
                raise TypeError
            numbers[place] = float(value)
        except (TypeError, ValueError, OverflowError):
            odd.append(place)
    if odd:
        (row, column), objects = odd[0], _count(len(odd), "object")
        kind = "is not a number" if len(odd) == 1 else "are not numbers"
        first = f"the first ({array[row, column]!r}) in row {row}, example {column}"
        raise DataError(_field(name), f"{name} holds {objects} that {kind}, {first}")
    return numbers


def _field(name: str) -> str:
    """The argument that a message about `name` belongs to."""
    return "parameters" if name.startswith("parameter") else name.split()[-1]


def _blocks(array: Array) -> Iterator[Array]:
    """The array in contiguous pieces; the memory of pages read from disk is released again."""
    axis = int(array.flags.f_contiguous and not array.flags.c_contiguous)
    step = max(1, BLOCK * array.shape[axis] // max(array.size, 1))
    for i in range(0, array.shape[axis], step):
        yield array[:, i : i + step] if axis else array[i : i + step]
        memmap.release(array)


def _finite(name: str, array: Array) -> None:
    if array.dtype.kind != "f":
        return
    with np.errstate(over="ignore", invalid="ignore"):
        if all(np.isfinite(block.sum(dtype=np.float64)) for block in _blocks(array)):
            return
    bad = sum(int(block.size - np.isfinite(block).sum()) for block in _blocks(array))
    if not bad:
        return
    axis = int(array.flags.f_contiguous and not array.flags.c_contiguous)
    offset = 0
    for block in _blocks(array):
        if not np.isfinite(block).all():
            row, column = (int(i) for i in np.argwhere(~np.isfinite(block))[0])
            row, column = (row, column + offset) if axis else (row + offset, column)
            value = array[row, column]
            raise DataError(
                _field(name),
                f"{name} holds {_count(bad, 'value')} that {'is' if bad == 1 else 'are'} not finite, the first "
                f"({value}) in row {row}, example {column}; remove or replace them",
            )
        offset += block.shape[axis]


def _labels(network: NetworkSpec, Y: Array, where: str) -> None:
    labels = network.labels
    if network.loss_function.for_amounts and (lowest := min(float(block.min()) for block in _blocks(Y))) < 0:
        said = f"must hold numbers from 0 for the loss {network.loss_name}; the lowest is {lowest:g}"
        raise DataError("Y", f"{where}Y {said}")
    if labels == "numbers":
        return
    if not all(((block == 0) | (block == 1)).all() for block in _blocks(Y)):
        places = np.argwhere((Y != 0) & (Y != 1))
        row, column = (int(i) for i in places[0])
        others = f"{_count(len(places), 'other value')}, the first ({Y[row, column]:g}) in row {row}, example {column}"
        raise DataError("Y", f"{where}Y must hold 0 and 1 only for the task {network.task}; it has {others}")
    if labels == "one-hot" and not (Y.sum(axis=0) == 1).all():
        column = int(np.argmax(Y.sum(axis=0) != 1))
        raise DataError("Y", f"{where}Y must have exactly one 1 for each example; example {column} has not")


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def check_range(dtype: str, arrays: Mapping[str, Array]) -> None:
    """Raise DataError if an array holds a number too large for `dtype`; the keys are the names used in messages."""
    limit = np.finfo(dtype).max
    for name, array in arrays.items():
        if array.dtype.kind != "f" or array.dtype.itemsize <= np.dtype(dtype).itemsize:
            continue
        largest = max(np.abs(block).max() for block in _blocks(array))
        if largest > limit:
            rest = "; scale it or use float64" if dtype == "float32" else "; scale it"
            raise DataError(_field(name), f"{name} holds {largest!s}, which is too large for {dtype}{rest}")


def check_weight_sum(dtype: str, weight: Array | None) -> None:
    """Raise DataError if the sum of the weights (m,) is too large or too small to divide by in `dtype`."""
    limits = np.finfo(dtype)
    with np.errstate(over="ignore"):
        total = float(limits.max) / 2 if weight is None else float(weight.sum())
    if not float(limits.tiny) <= total <= float(limits.max):
        raise DataError("sample_weight", f"the weights add up to {total:g}, too far from 1 for {dtype}; scale them")
