"""NPY, NPZ and HDF5: arrays under names, their declared sizes checked before anything is made room for."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted, listed, quoted
from deepnet_tui.data.readers.pandas_hdf5 import PandasBlock, columns_of, is_pandas_table, pandas_blocks
from deepnet_tui.data.readers.prechecks.hdf5 import check_heaps
from deepnet_tui.data.readers.table import (
    ProgressCallback,
    ReadRequest,
    Table,
    check_memory,
    check_names,
    import_optional,
)
from engine.arrays import Array

CLASS_NAMES = ("list_classes", "classes", "class_names", "labels_names")
TARGETS = ("y", "target", "label", "labels", "class")
LARGEST_LENGTH = 2**48
PIECE = 16 * 1024**2  # bytes between two reports
LAST_LETTER, FIRST_HALF, LAST_HALF, REPLACEMENT = 0x10FFFF, 0xD800, 0xDFFF, 0xFFFD  # in Unicode
LARGEST_EXPANSION = 1_100  # deflate can't do more than 1,032 to 1


def read_npy(request: ReadRequest) -> Table:
    """One array: (m, k) gives the columns column1 to column<k>; a structured one its fields."""
    with request.path.open("rb") as raw:
        array = _read_npy(request.path, request.path.name, raw, request.size, request.progress)
    return _table(request.path, {"column": array})


def read_npz(request: ReadRequest) -> Table:
    """Arrays by name, such as x and y, all of the same length."""
    path = request.path
    arrays: dict[str, Array] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            check_zip(path, members)
            check_names(path, [_name_of(member) for member in members])
            for number, member in enumerate(members):

                def progress(fraction: float, what: str, done: int = number) -> None:
                    request.progress((done + fraction) / len(members), what)

                with archive.open(member) as raw:
                    arrays[_name_of(member)] = _read_npy(path, _name_of(member), raw, member.file_size, progress)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise InputError(f"{path} is not a whole NPZ file: {error}", "source") from None
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise InputError(f"{path} is not a whole NPZ file: {error}", "source") from None
    return _table(path, arrays)


def _name_of(member: zipfile.ZipInfo) -> str:
    return member.filename.removesuffix(".npy")


def check_zip(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse a zip whose directory promises more than the memory bound, or more than deflate can hold.

    Python's reader never gives more bytes of a member than the directory promises.
    """
    check_memory(path, sum(member.file_size for member in members))
    for member in members:
        if member.file_size > LARGEST_EXPANSION * max(member.compress_size, 1):
            raise InputError(f"{path}: {member.filename!r} is damaged: its sizes contradict each other", "source")


def _read_npy(path: Path, name: str, raw: IO[bytes], size: int, progress: ProgressCallback) -> Array:
    """One array from an .npy stream of `size` bytes, without pickles and not larger than it says."""
    try:
        version = np.lib.format.read_magic(raw)
        reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, columns_first, dtype = reader(raw)
    except Exception:  # the header is a Python literal: parsing a damaged one can raise almost anything
        raise InputError(f"{path}: {quoted(name)} is not a NumPy array", "source") from None
    if dtype.hasobject:
        raise InputError(f"{path}: {quoted(name)} holds pickled Python objects, which are never opened", "source")
    if not dtype.itemsize:
        raise InputError(f"{path}: {quoted(name)} holds values of no size ({dtype.str})", "source")
    if max(shape, default=0) > LARGEST_LENGTH:
        raise InputError(f"{path}: {quoted(name)} declares {max(shape):.0e} rows, more than any file holds", "source")
    needed = math.prod(shape) * dtype.itemsize
    check_memory(path, needed)
    if needed > size or min(shape, default=0) < 0:
        raise InputError(f"{path}: {quoted(name)} is cut short", "source")
    array = np.empty(math.prod(shape), dtype)
    flat = array.view(np.uint8) if needed else np.empty(0, np.uint8)
    at = 0
    while at < needed:
        piece = raw.read(min(2**20, needed - at))
        if not piece:
            raise InputError(f"{path}: {quoted(name)} is cut short", "source")
        flat[at : at + len(piece)] = np.frombuffer(piece, np.uint8)
        at += len(piece)
        if at % PIECE < len(piece):
            progress(at / needed, "reading")
    return array.reshape(shape, order="F" if columns_first else "C")


def read_hdf5(request: ReadRequest) -> Table:
    """The data sets at the root: those of the same length are columns, a short list of words the class names.

    The columns of a table of pandas count, too. `train_set_x` and `test_set_x` are both called x, so that a test file
    fits its training file. Links to other files are not followed. Whatever is left out is noted.
    """
    path = request.path
    h5py = import_optional("h5py", path)
    arrays: dict[str, Array] = {}
    left_out: dict[str, str] = {}
    check_heaps(path)
    try:
        with h5py.File(path, "r") as file:
            items: dict[str, Any] = {}
            blocks: dict[str, PandasBlock] = {}
            for name in file:
                if _is_group(h5py, file, name) and is_pandas_table(file[name]):
                    found, why_not = _pandas_table(h5py, file, str(name))
                    blocks |= found
                    items |= {key: block.values for key, block in found.items()}
                    left_out |= why_not
                    continue
                why = _left_out(h5py, file, name)
                plain = _plain_name(str(name))
                if not why and plain in items:
                    first = items[plain].name[1:]
                    why = f"{first!r} is read as {plain!r} already; give the other part in a file of its own"
                if why:
                    left_out[str(name)] = why
                else:
                    items[plain] = file[name]
            declared = sum(float(item.size) * max(item.dtype.itemsize, 8) for item in items.values())
            check_memory(path, declared)
            for number, (name, item) in enumerate(items.items()):
                pieces, start = [], 0
                for piece in _pieces(item):
                    pieces.append(piece)
                    start += len(piece)
                    if piece.dtype.kind == "O":
                        declared += sum(len(word) for word in piece)
                        check_memory(path, declared)
                    request.progress((number + start / len(item)) / len(items), "reading")
                array = np.concatenate(pieces) if len(pieces) > 1 else pieces[0]
                for column, values in (columns_of(blocks[name], array) if name in blocks else {name: array}).items():
                    if column in arrays:
                        left_out[column] = "another array of the file is called so"
                    arrays.setdefault(column, values)
    except InputError:
        raise
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} can't be read as HDF5: {error}", "source") from None
    if not arrays:
        reasons = [f": {quoted(name)} was left out: {why}" for name, why in left_out.items()]
        raise InputError(f"{path} has no arrays at its root that can be read{''.join(reasons[:1])}", "source")
    return _table(path, arrays, left_out)


def _is_group(h5py: Any, file: Any, name: str) -> bool:
    return isinstance(file.get(name, getlink=True), h5py.HardLink) and isinstance(file[name], h5py.Group)


def _pandas_table(h5py: Any, file: Any, name: str) -> tuple[dict[str, PandasBlock], dict[str, str]]:
    """The blocks of a table of pandas by a name that nothing else at the root has, and what is left out and why."""
    try:
        blocks, left_out = pandas_blocks(h5py, file[name])
    except ValueError as error:
        return {}, {name: str(error)}
    return {f"{name}/{number}": block for number, block in enumerate(blocks)}, left_out


def _left_out(h5py: Any, file: Any, name: str) -> str:
    """Why something at the root of an HDF5 file is no column, or "" if it is one."""
    link = file.get(name, getlink=True)
    if isinstance(link, h5py.ExternalLink):
        return "it is a link out of the file, which is never followed"
    if not isinstance(link, h5py.HardLink):
        return "it is a link to something else in the file"
    item = file[name]
    if isinstance(item, h5py.Group):
        inside = f", which holds {listed(item, 3)}" if len(item) else ""
        return f"it is a group{inside}; only arrays at the root are read"
    if not isinstance(item, h5py.Dataset):
        return "it is no array"
    if item.external or item.is_virtual:
        return "its values are stored outside the file, which is never opened"
    if not item.shape or not item.size:
        return "it has no rows"
    if item.dtype.kind == "O" and (not h5py.check_string_dtype(item.dtype) or len(item.shape) > 1):
        return "it holds lists, references or a table of words"
    return ""


def _pieces(item: Any) -> Iterator[Array]:
    """A data set some rows at a time; words of any length a few at a time: many may point to the same long one."""
    text = item.dtype.kind == "O"
    values = item.asstr("utf-8", "replace") if text else item
    step = 100 if text else max(1, PIECE * len(item) // max(item.size * item.dtype.itemsize, 1))
    if not text and item.chunks:
        step = -(-step // item.chunks[0]) * item.chunks[0]  # no chunk is unpacked twice
    for start in range(0, len(item), step):
        yield values[start : start + step]


def _plain_name(name: str) -> str:
    for start in ("train_set_", "test_set_", "train_", "test_"):
        if name.startswith(start) and len(name) > len(start):
            return name[len(start) :]
    return name


def _table(path: Path, arrays: dict[str, Array], left_out: Mapping[str, str] | None = None) -> Table:
    """Columns out of arrays; a lone target and its class names are recognised."""
    left_out = dict(left_out or {})
    arrays = {name: _with_sound_text(path, name, array) for name, array in arrays.items()}
    named = next((name for name in CLASS_NAMES if name in arrays), "")
    m = max((len(array) for name, array in arrays.items() if array.ndim and name != named), default=0)
    classes = _words(arrays[named]) if named else ()
    if named and arrays[named].ndim == 1 and len(arrays[named]) < m and len(set(classes)) == len(classes):
        del arrays[named]
    else:
        classes = ()
        m = max((len(array) for array in arrays.values() if array.ndim), default=0)
    columns: dict[str, Array] = {}
    for name, array in arrays.items():
        if array.ndim == 0 or len(array) != m:
            found = counted(len(array), "row") if array.ndim else "a single value"
            left_out[name] = f"it has {found} where the longest has {counted(m, 'row')}"
            continue
        native = array.astype(array.dtype.newbyteorder("="), copy=False)
        for column, values in _columns(path, name, native):
            if column in columns:
                raise InputError(f"{path} has two columns called {quoted(column)}; each needs its own name", "source")
            columns[column] = values
    check_names(path, list(columns))
    if not m:
        raise InputError(f"{path} has no rows", "source")
    if sum(values.size for values in columns.values()) * 8 > 2**31:
        check_memory(path, sum(values.size for values in columns.values()) * 8)
    target = next((name for name in columns if name.lower() in TARGETS and columns[name].ndim == 1), None)
    notes = tuple(f"{quoted(name)} was left out: {why}." for name, why in left_out.items())
    return Table(columns, target if target and len(columns) > 1 else None, classes, notes, left_out=left_out)


def _with_sound_text(path: Path, name: str, array: Array) -> Array:
    """The array, with a mark for halves of letters; raises InputError for text that has numbers no letter has.

    Python crashes or raises all kinds of errors for them, wherever they are looked at first.
    """
    if array.dtype.names and any(array.dtype[field].base.kind in "UV" for field in array.dtype.names):
        array = array.copy()
        for field in array.dtype.names or ():
            array[field] = _with_sound_text(path, field, array[field])
    if array.dtype.kind != "U" or not array.size:
        return array
    native = np.array(array, array.dtype.newbyteorder("="), order="C", copy=True)
    codes = native.reshape(-1).view(np.uint32)
    if codes.max() > LAST_LETTER:
        raise InputError(f"{path}: {quoted(name)} is damaged: it holds text with letters that do not exist", "source")
    codes[(codes >= FIRST_HALF) & (codes <= LAST_HALF)] = REPLACEMENT
    return native


def _columns(path: Path, name: str, array: Array) -> Iterator[tuple[str, Array]]:
    if array.dtype.names:
        for field in array.dtype.names:
            yield from _columns(path, field, array[field])
    elif array.dtype.kind not in "biufSUMO":
        raise InputError(f"{path}: {quoted(name)} holds values of the kind {array.dtype}, which can't be used", name)
    elif array.ndim == 1:
        yield name, np.char.decode(array, "utf-8", "replace") if array.dtype.kind == "S" else array
    elif array.ndim == 2 and array.shape[1] == 1:
        yield from _columns(path, name, array[:, 0])
    elif array.ndim == 2 and array.dtype != np.uint8:
        for number in range(array.shape[1]):
            yield f"{name}{number + 1}", array[:, number]
    else:
        yield name, array


def _words(array: Array) -> tuple[str, ...]:
    return tuple(
        word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word) for word in array.ravel()[:10_000]
    )
