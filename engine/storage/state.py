"""The state of a run, in memory and in a file with a version and a checksum, without pickle.

The file is an uncompressed .npz, written atomically: one entry for each array, and the rest as JSON text in `meta`.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from engine.arrays import Array
from engine.spec import LayerSpec, NetworkSpec, TrainingSpec
from engine.storage import memmap
from engine.storage.atomic import write_atomically

VERSION = 2  # which since then may have an ensemble, an internal part, a compiled path and learned input scales
READABLE = (1, 2)  # 1 is that of deepnet-tui 0.1
MAX_META = 2**24  # bytes of JSON
FINGERPRINT_VALUES = 2**20  # of X, at most
DISK_EXAMPLES = 16  # in the fingerprint of data on disk, where each may load megabytes


class StateError(ValueError):
    """A state that training can't continue from: damaged, of another version, or of other data."""


@dataclass(frozen=True)
class Stored:
    """The parts of a state."""

    network: NetworkSpec
    training: TrainingSpec
    numbers: dict[str, Any]
    arrays: dict[str, Array]


def pack(
    network: NetworkSpec, training: TrainingSpec, numbers: dict[str, Any], arrays: Mapping[str, Array]
) -> dict[str, Any]:
    """The state as one dictionary: plain values under `meta`, copies of the arrays under `arrays`."""
    meta = {"version": VERSION, "network": asdict(network), "training": asdict(training), "numbers": numbers}
    return {
        "meta": json.loads(json.dumps(meta)),
        "arrays": {name: np.array(array) for name, array in arrays.items()},
    }


def unpack(state: Mapping[str, Any]) -> Stored:
    """The parts of a state that `pack` made. Raises StateError if it is incomplete or of another version."""
    with reading():
        meta = state["meta"]
        version = meta["version"]
        if version not in READABLE:
            newer = isinstance(version, int) and version > VERSION
            more = "it was written by a newer version of this program, which can go on with it; " if newer else ""
            raise StateError(f"{more}the state has version {version}, this program reads {READABLE[0]} and {VERSION}")
        layers = tuple(LayerSpec(**layer) for layer in meta["network"]["hidden"])
        network = NetworkSpec(**{**meta["network"], "hidden": layers})
        training = TrainingSpec(**meta["training"])
        return Stored(network, training, dict(meta["numbers"]), dict(state["arrays"]))


@contextmanager
def reading() -> Iterator[None]:
    """Turn the errors that wrong values in a state cause into StateError."""
    try:
        yield
    except StateError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise StateError(f"the state is incomplete: {error}") from None


def expect(arrays: Mapping[str, Array], name: str, shape: tuple[int, ...] | None) -> None:
    """Raise StateError unless there is an array `name` of floating-point numbers in this shape (None: any)."""
    array = arrays.get(name)
    if not isinstance(array, np.ndarray) or (shape is not None and array.shape != shape):
        raise StateError(f"the state does not fit the data: {name} should have the shape {shape}")
    if array.dtype.kind != "f":
        raise StateError(f"the state is damaged: {name} does not hold numbers")


def expect_numbers(values: Mapping[str, Any], *names: str) -> None:
    """Raise StateError unless `values` has a number under each of these names."""
    for name in names:
        if name not in values:
            raise StateError(f"the state is incomplete: {name!r}")
        if not isinstance(values[name], int | float):
            raise StateError(f"the state is damaged: {name} is {values[name]!r}, not a number")


def fingerprint(X: Array, Y: Array, weight: Array | None = None) -> str:
    """Identifies data X (n0, m), Y (nL, m), weight (m,): a hash of their shapes and of evenly spaced examples."""
    m = X.shape[1]
    most = DISK_EXAMPLES if memmap.mapping(X) is not None else max(DISK_EXAMPLES, FINGERPRINT_VALUES // len(X))
    chosen = np.unique(np.linspace(0, m - 1, min(m, most)).astype(int))
    digest = hashlib.blake2b(f"{X.shape}|{Y.shape}|{weight is None}|".encode(), digest_size=16)
    for array in (X, Y, *(() if weight is None else (weight[None, :],))):
        digest.update(np.ascontiguousarray(array[:, chosen], np.float64).data)
        memmap.release(array)
    return digest.hexdigest()


def save(path: Path | str, state: Mapping[str, Any]) -> None:
    """Write a state to `path` atomically. Raises OSError."""
    meta = np.frombuffer(json.dumps(state["meta"]).encode(), np.uint8)
    arrays = {"meta": meta, **{f"array {name}": array for name, array in state["arrays"].items()}}
    arrays["checksum"] = np.frombuffer(_checksum(arrays), np.uint8)

    def fill(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.savez(file, **arrays)

    write_atomically(Path(path), fill)


def load(path: Path | str) -> dict[str, Any]:
    """Read a state that `save` wrote. Raises StateError if the file is damaged, OSError if it can't be opened."""
    file = Path(path).open("rb")  # noqa: SIM115  an OSError here means that there is no file, not that it is damaged
    try:
        with file:
            _expect_members(file)
            with np.load(file, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
    except Exception as error:  # zipfile and NumPy raise many kinds for a damaged archive
        raise StateError(f"{path} is not a whole state file: {error}") from None
    checksum = arrays.pop("checksum", np.zeros(0, np.uint8))
    if checksum.tobytes() != _checksum(arrays) or arrays.get("meta", checksum).size > MAX_META:
        raise StateError(f"{path} is damaged: its checksum does not fit")
    try:
        meta = json.loads(arrays.pop("meta").tobytes())
    except (KeyError, ValueError):
        raise StateError(f"{path} is damaged: its description cannot be read") from None
    return {"meta": meta, "arrays": {name.removeprefix("array "): array for name, array in arrays.items()}}


def _expect_members(file: BinaryIO) -> None:
    """Raise ValueError where the archive claims to hold more than the file does: a state is never compressed."""
    size = file.seek(0, 2)
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        if sum(member.file_size for member in archive.infolist()) > size:
            raise ValueError("it claims to be larger than it is")
    file.seek(0)


def _checksum(arrays: Mapping[str, Array]) -> bytes:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name}|{array.dtype.str}|{array.shape}|".encode())
        digest.update(array.tobytes())
    return digest.digest()
