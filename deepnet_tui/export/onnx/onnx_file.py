"""ONNX files: the graph that `graph.py` builds, with the model's JSON inside, so that the file opens here again."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import one_line
from deepnet_tui.data.preparation.entries import Block, Entry, Numeric
from deepnet_tui.data.preparation.numbers import to_numbers
from deepnet_tui.export.dates import as_days
from deepnet_tui.export.format import (
    ForeignFileError,
    Format,
    Verification,
    agreed,
    broken,
    installed,
    largest_difference,
    regular_file,
    reopened,
)
from deepnet_tui.export.model_json import from_text, model_from_json, network_of
from deepnet_tui.export.onnx.graph import DOCUMENT, DTYPE, PREFIX, build
from deepnet_tui.export.onnx.matrix import MATRIX, held, matrix_of
from deepnet_tui.export.onnx.precheck import refuse_oversized
from deepnet_tui.model import HALF, Model

MAX_BYTES = 1_900_000_000  # bytes; protobuf allows 2 GiB


def ready(_path: Path) -> Any:
    """The package onnx. Raises InputError where it is not there."""
    try:
        import onnx
    except ImportError:
        raise InputError("ONNX files need one more package: pip install 'deepnet-tui[onnx]'", "format") from None
    return onnx


def check_size(size: int) -> None:
    """Raise InputError for more parameters than one file can hold."""
    if size * 8 > MAX_BYTES:
        raise InputError(f"a network of {size:,} parameters is too large for one ONNX file", "format")


def save(model: Model, path: Path) -> None:
    """Write the graph with an input for each column. Raises InputError, see `_save`."""
    _save(model, path, matrix=False)


def save_matrix(model: Model, path: Path) -> None:
    """Write the graph with one float32 matrix for all columns. Raises InputError, see `_save`."""
    _save(model, path, matrix=True)


def _save(model: Model, path: Path, matrix: bool) -> None:
    """Build the graph, let ONNX's full checker look at it, and write it. Raises InputError without onnx."""
    onnx = ready(path)
    check_size(model.network.size)
    for name in (*model.preparation.columns, *model.classes):
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:
            raise InputError(f"the name {name!r} can't be written in UTF-8, which ONNX needs", "format") from None
    if "" in model.preparation.columns and not matrix:
        raise InputError("a column without a name can't be an input of an ONNX graph; give it one", "format")
    onnx_model = build(model, matrix)
    try:
        onnx.checker.check_model(onnx_model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise InputError(f"ONNX's checker refuses the graph: {one_line(error, 300)}", "format") from None
    path.write_bytes(onnx_model.SerializeToString())


def load(path: Path) -> Model:
    """Read the model's JSON and its parameters; the graph itself is not looked at.

    Raises InputError; ForeignFileError for a file that another program wrote.
    """
    onnx = ready(path)
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped, unused-ignore]
    from onnx import numpy_helper

    if regular_file(path) > MAX_BYTES + 100_000_000:
        raise broken(path, "it is larger than an ONNX file can be")
    try:
        refuse_oversized(path)
        whole = onnx.load(str(path), format="protobuf", load_external_data=False)
        props = {item.key: item.value for item in whole.metadata_props}
        if DOCUMENT not in props:
            raise ForeignFileError("it carries no model of deepnet-tui")
        if not isinstance(props[DOCUMENT], str):
            raise InputError("its model is not text in UTF-8")
        document, dtype, prefix = from_text(props[DOCUMENT]), props.get(DTYPE, "float64"), props.get(PREFIX, "")
        if dtype not in ("float64", "float32"):
            raise InputError(f"its parameters are of the unknown type {dtype}")
        stored = {item.name: item for item in whole.graph.initializer}
        parameters = {}
        for name, shape in network_of(document).shapes.items():
            tensor = stored.get(prefix + name)
            if tensor is None:
                raise InputError(f"the parameter {name} is missing")
            if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.data_type != onnx.TensorProto.DOUBLE:
                raise InputError(f"{name} does not hold float64 numbers inside the file")
            if math.prod(tensor.dims) != math.prod(shape) or len(tensor.raw_data) != 8 * math.prod(shape):
                raise InputError(f"{name} has the shape {tuple(tensor.dims)}, the network needs {shape}")
            parameters[name] = numpy_helper.to_array(tensor).reshape(shape).astype(dtype)
        return model_from_json(document, parameters)
    except ForeignFileError:
        raise
    except InputError as error:
        raise broken(path, str(error)) from None
    except (DecodeError, ValueError, OSError) as error:
        raise broken(path, f"it is not a whole ONNX file ({error})") from None


def feed(model: Model, columns: dict[str, Any], session: Any) -> dict[str, Any]:
    """The inputs for a session of onnxruntime, from raw `columns`."""
    types = {item.name: item.type for item in session.get_inputs()}
    fed: dict[str, Any] = {}
    for entry in model.preparation.entries:
        values, kind = columns[entry.name], types.get(entry.name, "tensor(string)")
        if kind == "tensor(string)":
            words = ["" if value is None else str(value) for value in values]
            fed[entry.name] = np.array(words, dtype=object)[:, np.newaxis]
        else:
            numbers = to_numbers(values, entry)[:, np.newaxis] if isinstance(entry, Numeric) else values
            if kind == "tensor(float)":
                largest = np.finfo(np.float32).max
                fed[entry.name] = np.clip(numbers, -largest, largest).astype(np.float32)
            else:
                fed[entry.name] = numbers.astype(np.float64)
    return fed


def verify(model: Model, path: Path) -> Verification:
    """Compare the graph with an input for each column with its model, see `_verify`."""
    return _verify(model, path, matrix=False)


def verify_matrix(model: Model, path: Path) -> Verification:
    """Compare the graph with one matrix for all columns with its model, see `_verify`."""
    return _verify(model, path, matrix=True)


def _verify(model: Model, path: Path, matrix: bool) -> Verification:
    """Open the file here, and let onnxruntime predict the raw test vectors where it is installed.

    The graph must agree with the model on the numbers as its inputs hold them (float32 or float64); the
    difference to what the model says about the numbers as they were is reported.
    """
    reopened(load, model, path)
    if model.test_vectors is None or not model.test_vectors.raw:
        return Verification(False, None, "the model has no test vectors")
    onnxruntime = installed("onnxruntime")
    if isinstance(onnxruntime, Verification):
        return onnxruntime
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    columns = model.as_columns(model.test_vectors.raw)
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        fed = {MATRIX: matrix_of(model, columns)} if matrix else feed(model, columns, session)
        answers = session.run(None, fed)
    except InputError:
        raise
    except Exception as error:  # the exceptions of onnxruntime have no base of their own
        return Verification(False, None, f"onnxruntime {onnxruntime.__version__} can't run it ({one_line(error)})")
    entries = model.preparation.entries
    if matrix:
        as_held = held(model, fed[MATRIX], columns)
    else:
        as_held = {entry.name: _as_held(entry, columns[entry.name], fed[entry.name]) for entry in entries}
    expected, exact = model.predict(as_held), model.predict(columns)
    if expected.values is not None and exact.values is not None:
        found, wanted = answers[0].T, np.atleast_2d(expected.values.T)
        for each, values in zip(found, wanted, strict=True):
            agreed(largest_difference(each, values), values)
        largest = float(np.abs(exact.values).max(initial=0.0))
        difference = largest_difference(found, np.atleast_2d(exact.values.T))
        return Verification(True, difference, "run by onnxruntime", largest)
    assert expected.probabilities is not None  # noqa: S101
    assert exact.probabilities is not None  # noqa: S101
    agreed(largest_difference(answers[1], expected.probabilities), expected.probabilities)
    shares = answers[1]  # of the graph itself: two probabilities that are all but equal may swap places
    places = shares.argmax(axis=1) if model.threshold == HALF else (shares[:, 1] > model.threshold).astype(int)
    if [str(label) for label in answers[0]] != [model.classes[place] for place in places]:
        raise InputError("the file that was written gives other labels than the model; it was not kept")
    return Verification(True, largest_difference(answers[1], exact.probabilities), "run by onnxruntime")


def _as_held(entry: Entry, raw: Any, fed: Any) -> Any:
    """The numbers as the inputs hold them; words, and dates and booleans, which are exact there, as they are."""
    if isinstance(entry, Block):
        return fed.astype(np.float64)
    return fed[:, 0].astype(np.float64) if entry.kind == "numeric" else raw


ONNX = Format(
    "onnx",
    ".onnx",
    "ONNX, raw columns in, predictions out, the whole model",
    True,
    save,
    verify,
    load,
    ready=ready,
    check_size=check_size,
    note=as_days,
)

ONNX_MATRIX = Format(
    "onnx-matrix",
    ".matrix.onnx",
    "ONNX, one float32 matrix in, the whole model",
    True,
    save_matrix,
    verify_matrix,
    load,
    ready=ready,
    check_size=check_size,
    note=as_days,
)
