"""NumPy archive: one array a parameter, under its name, and the rest of the model as JSON under `model`."""

from __future__ import annotations

import math
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import one_line
from deepnet_tui.export.format import Format, Verification, broken, regular_file, reopened
from deepnet_tui.export.model_json import from_text, model_from_json, model_to_json, network_of, to_text
from deepnet_tui.model import Model
from engine.arrays import Array

DOCUMENT = "model"
LARGEST_DOCUMENT = 100_000_000  # bytes
LAST_LETTER = 0x10FFFF  # of Unicode; Python breaks over others
HEADER = 10_000  # bytes of an array's header at most
BOMB_SIZE, BOMB_RATIO = 10_000_000, 100  # what unpacks to more bytes and more times its size is refused
DAMAGED = (  # what zipfile and NumPy's parser of headers answer to bytes that nobody wrote
    *(zipfile.BadZipFile, zlib.error, struct.error, tokenize.TokenError, OSError, EOFError, MemoryError),
    *(ArithmeticError, AttributeError, LookupError, RuntimeError, SyntaxError, TypeError, ValueError),
)


def save(model: Model, path: Path) -> None:
    """Write the archive, uncompressed and without pickles."""
    arrays: dict[str, Array] = {name: np.ascontiguousarray(value) for name, value in model.parameters.items()}
    arrays[DOCUMENT] = np.array(to_text(model_to_json(model)))
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, value, allow_pickle=False)


def load(path: Path) -> Model:
    """Read the archive. No more memory is taken than the network described in it needs.

    Raises InputError for whatever is not such an archive.
    """
    regular_file(path)
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if len(set(names)) < len(names):
                raise InputError("it holds two arrays of the same name")
            text = _read(archive, DOCUMENT, None)
            if text.dtype.kind != "U" or text.size != 1:
                raise InputError(f"its array {DOCUMENT!r} is not a text")
            if text.reshape(-1).view(np.uint32).max(initial=0) > LAST_LETTER:
                raise InputError(f"its array {DOCUMENT!r} has letters that do not exist")
            document = from_text(str(text.reshape(())))
            shapes = network_of(document).shapes
            parameters = {name: _read(archive, name, shape) for name, shape in shapes.items()}
    except InputError as error:
        raise broken(path, str(error)) from None
    except DAMAGED as error:
        said = one_line(error)
        raise broken(path, f"it is not a whole NumPy archive ({said or type(error).__name__})") from None
    try:
        return model_from_json(document, parameters)
    except InputError as error:
        raise broken(path, str(error)) from None


def _read(archive: zipfile.ZipFile, name: str, shape: tuple[int, ...] | None) -> Array:
    """One array; its header is looked at before any memory is taken. `shape` None is for the document."""
    try:
        member = archive.getinfo(f"{name}.npy")
    except KeyError:
        raise InputError(f"the array {name} is missing") from None
    largest = LARGEST_DOCUMENT if shape is None else HEADER + 8 * math.prod(shape)
    if member.file_size > largest:
        raise InputError(f"the array {name} unpacks to {member.file_size:,} bytes; {largest:,} are allowed")
    if member.file_size > BOMB_SIZE and member.file_size > BOMB_RATIO * member.compress_size:
        raise InputError(f"the array {name} unpacks to {member.file_size:,} bytes, far more than is plausible")
    with archive.open(member) as stream:
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise InputError(f"the array {name} is in the unknown NumPy format {version[0]}.{version[1]}")
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        found, fortran, dtype = read(stream, max_header_size=HEADER)
        if dtype.hasobject:
            raise InputError(f"the array {name} holds Python objects (a pickle), which are never opened")
        if shape is not None and found != shape:
            raise InputError(f"{name} has the shape {found}, the network needs {shape}")
        if shape is not None and (dtype.kind != "f" or dtype.itemsize not in (4, 8)):
            raise InputError(f"{name} holds {dtype}, not float64 or float32 numbers")
        size = math.prod(found) * dtype.itemsize
        raw = stream.read(size) if 0 <= size <= largest else b""
        if len(raw) != size:
            raise InputError(f"the array {name} breaks off")
    value = np.frombuffer(raw, dtype=dtype).reshape(found, order="F" if fortran else "C")
    return np.array(value, dtype=dtype.newbyteorder("="), order="C")


def verify(model: Model, path: Path) -> Verification:
    """Read the archive and compare."""
    return reopened(load, model, path)


NPZ = Format("npz", ".npz", "NumPy archive, the whole model", True, save, verify, load)
