"""NPY, NPZ and HDF5: arrays under names, their declared sizes checked before anything is made room for."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from deepnet_tui.data.table import Source, Table, check_memory, check_names, need
from deepnet_tui.errors import InputError

Array = npt.NDArray[Any]
CLASS_NAMES = ("list_classes", "classes", "class_names", "labels_names")
TARGETS = ("y", "target", "label", "labels", "class")
LARGEST_EXPANSION = 1_100  # deflate can't do more than 1,032 to 1


def read_npy(source: Source) -> Table:
    """One array: (m, k) gives the columns column1 to column<k>; a structured one its fields."""
    with source.path.open("rb") as raw:
        array = _read_npy(source.path, source.path.name, raw, source.size)
    return _table(source.path, {"column": array})


def read_npz(source: Source) -> Table:
    """Arrays by name, such as x and y, all of the same length."""
    path = source.path
    arrays: dict[str, Array] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            check_zip(path, members)
            for number, member in enumerate(members):
                name = member.filename.removesuffix(".npy")
                with archive.open(member) as raw:
                    arrays[name] = _read_npy(path, name, raw, member.file_size)
                source.progress((number + 1) / len(members), "reading")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise InputError(f"{path} is not a whole NPZ file: {error}", "source") from None
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise InputError(f"{path} is not a whole NPZ file: {error}", "source") from None
    return _table(path, arrays)


def check_zip(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse a zip whose directory promises more than the memory bound, or more than deflate can hold.

    Python's reader never gives more bytes of a member than the directory promises.
    """
    check_memory(path, sum(member.file_size for member in members))
    for member in members:
        if member.file_size > LARGEST_EXPANSION * max(member.compress_size, 1):
            raise InputError(f"{path}: {member.filename!r} is damaged: its sizes contradict each other", "source")


def _read_npy(path: Path, name: str, raw: IO[bytes], size: int) -> Array:
    """One array from an .npy stream of `size` bytes, without pickles and not larger than it says."""
    try:
        version = np.lib.format.read_magic(raw)
        reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, columns_first, dtype = reader(raw)
    except Exception:  # the header is a Python literal: parsing a damaged one can raise almost anything
        raise InputError(f"{path}: {name!r} is not a NumPy array", "source") from None
    if dtype.hasobject:
        raise InputError(f"{path}: {name!r} holds pickled Python objects, which are never opened", "source")
    count = 1
    for length in shape:
        count *= length
    needed = count * dtype.itemsize
    check_memory(path, needed)
    if needed > size or min(shape, default=0) < 0:
        raise InputError(f"{path}: {name!r} is cut short", "source")
    array = np.empty(count, dtype)
    flat = array.view(np.uint8) if needed else np.empty(0, np.uint8)
    at = 0
    while at < needed:
        piece = raw.read(min(2**20, needed - at))
        if not piece:
            raise InputError(f"{path}: {name!r} is cut short", "source")
        flat[at : at + len(piece)] = np.frombuffer(piece, np.uint8)
        at += len(piece)
    return array.reshape(shape, order="F" if columns_first else "C")


def read_hdf5(source: Source) -> Table:
    """The data sets at the root: those of the same length are columns, a short list of words the class names.

    `train_set_x` and `test_set_x` are both called x, so that a test file fits its training file. Links to other
    files are not followed.
    """
    path = source.path
    h5py = need("h5py", path)
    arrays: dict[str, Array] = {}
    try:
        with h5py.File(path, "r") as file:
            for name in file:
                if not isinstance(file.get(name, getlink=True), h5py.HardLink):
                    continue
                item = file[name]
                if not isinstance(item, h5py.Dataset) or item.external or item.is_virtual or not item.shape:
                    continue
                check_memory(path, float(np.prod(item.shape, dtype=float)) * max(item.dtype.itemsize, 16))
                arrays[_plain_name(str(name))] = _read_words(path, item) if item.dtype.kind == "O" else item[:]
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} can't be read as HDF5: {error}", "source") from None
    source.progress(1.0, "reading")
    return _table(path, arrays)


def _read_words(path: Path, item: Any) -> Array:
    """Words of any length, a few at a time: many may point to the same long one."""
    text, pieces, memory = item.asstr("utf-8", "replace"), [], 0
    if len(item.shape) != 1:
        raise ValueError(f"{item.name} holds words in more than one dimension")
    for start in range(0, len(item), 100):
        pieces.append(text[start : start + 100])
        memory += sum(len(word) for word in pieces[-1])
        check_memory(path, memory)
    return np.concatenate(pieces) if pieces else np.empty(0, dtype=object)


def _plain_name(name: str) -> str:
    for start in ("train_set_", "test_set_", "train_", "test_"):
        if name.startswith(start) and len(name) > len(start):
            return name[len(start) :]
    return name


def _table(path: Path, arrays: dict[str, Array]) -> Table:
    """Columns out of arrays; a lone target and its class names are recognised."""
    classes = next((_words(arrays.pop(name)) for name in CLASS_NAMES if name in arrays), ())
    columns: dict[str, Array] = {}
    notes: list[str] = []
    m = max((len(array) for array in arrays.values() if array.ndim), default=0)
    for name, array in arrays.items():
        if array.ndim == 0 or len(array) != m:
            notes.append(f"{name!r} was left out: it does not have {m:,} rows like the rest.")
            continue
        for column, values in _columns(name, array):
            if column in columns:
                raise InputError(f"{path} has two columns called {column!r}; each needs its own name", "source")
            columns[column] = values
    check_names(path, list(columns))
    if not m:
        raise InputError(f"{path} has no rows", "source")
    if sum(values.size for values in columns.values()) * 8 > 2**31:
        check_memory(path, sum(values.size for values in columns.values()) * 8)
    target = next((name for name in columns if name.lower() in TARGETS and columns[name].ndim == 1), None)
    return Table(columns, target if target and len(columns) > 1 else None, classes, tuple(notes))


def _columns(name: str, array: Array) -> Iterator[tuple[str, Array]]:
    if array.dtype.names:
        for field in array.dtype.names:
            yield from _columns(field, array[field])
    elif array.dtype.kind not in "biufSUMO":
        raise InputError(f"{name!r} holds values of the kind {array.dtype}, which can't be used", name)
    elif array.ndim == 1:
        yield name, np.char.decode(array, "utf-8", "replace") if array.dtype.kind == "S" else array
    elif array.ndim == 2 and array.shape[1] == 1:
        yield from _columns(name, array[:, 0])
    elif array.ndim == 2 and array.dtype != np.uint8:
        for number in range(array.shape[1]):
            yield f"{name}{number + 1}", array[:, number]
    else:
        yield name, array


def _words(array: Array) -> tuple[str, ...]:
    return tuple(
        word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word) for word in array.ravel()[:10_000]
    )
