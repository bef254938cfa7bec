"""What a file format is, how a copy is compared with its model, and what the system's refusals mean."""

from __future__ import annotations

import errno
import importlib.util
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import one_line
from deepnet_tui.model import Model
from engine.arrays import Array

LARGEST_TEXT = 400_000_000  # bytes of a text that is read as a whole
TOLERANCE = 1e-6
PARTS = ("network", "inputs", "targets", "classes", "preparation", "scalings", "best", "threshold")


class ForeignFileError(InputError):
    """A whole file that holds no model of deepnet-tui, and may hold one of another program."""


@dataclass(frozen=True)
class Verification:
    """Whether a file was read back or run, the largest difference found, and how, or why not.

    `largest` is the size of the largest prediction where the difference is in the unit of the target.
    """

    verified: bool
    largest_difference: float | None
    how: str
    largest: float = 1.0


@dataclass(frozen=True)
class Format:
    """One file format.

    `suffix` chooses it. A `complete` one holds the whole model, so that `load` opens it again. `save` writes a
    file (or, with `folder`, into an empty folder) and `verify` reads or runs it; it raises InputError if the
    copy does not agree with the model. `ready` raises InputError where `save` can't make a file
    of that path that is of use, `check_size` where it can't hold that many parameters. `note` says of a model what a
    file of it takes in another form than it was trained on, or "".
    """

    name: str
    suffix: str
    title: str
    complete: bool
    save: Callable[[Model, Path], None]
    verify: Callable[[Model, Path], Verification]
    load: Callable[[Path], Model] | None = None
    folder: bool = False
    ready: Callable[[Path], object] = lambda _path: None
    check_size: Callable[[int], None] = lambda _size: None
    note: Callable[[Model], str] = lambda _model: ""


def reopened(load: Callable[[Path], Model], model: Model, path: Path) -> Verification:
    """Compare `model` with its copy at `path`: everything must be equal, bit for bit."""
    copy = load(path)
    for name, value in model.parameters.items():
        if copy.parameters[name].dtype != value.dtype or copy.parameters[name].tobytes() != value.tobytes():
            raise disagreement(name)
    for part in PARTS:
        if getattr(copy, part) != getattr(model, part):
            raise disagreement(part)
    if model.test_vectors is None:
        return Verification(True, 0.0, "read back")
    difference = largest_difference(copy.outputs(model.test_vectors.prepared), model.test_vectors.outputs)
    return Verification(True, difference, "read back")


def installed(package: str) -> Any:
    """A package that runs a file, or a Verification that says why it can't be had."""
    if importlib.util.find_spec(package) is None:
        return Verification(False, None, f"{package} is not installed")
    try:
        return importlib.import_module(package)
    except Exception as error:  # one that was built for another NumPy raises whatever it likes
        said = one_line(error) or type(error).__name__
        return Verification(False, None, f"{package} is installed but can't be imported ({said})")


def disagreement(what: str) -> InputError:
    """The error for a copy that differs."""
    return InputError(f"the file that was written holds other values for {what} than the model; it was not kept")


def largest_difference(found: Array, expected: Array) -> float:
    """The largest absolute difference of two arrays of one shape, 0 for empty ones."""
    if found.shape != expected.shape:
        raise disagreement("the test vectors")
    return float(np.abs(found - expected).max(initial=0.0))


def agreed(difference: float, expected: Array) -> float:
    """`difference`, the largest one to `expected`; raises InputError if it is more than rounding can explain.

    That is 1e-6 of the largest value above 1: large weights blow up the rounding of sums whose order differs,
    while a mistake in a file shows at once.
    """
    if not difference <= TOLERANCE * max(1.0, float(np.abs(expected).max(initial=0.0))):
        raise InputError(f"the file that was written predicts differently, by up to {difference:.2g}; it was not kept")
    return difference


def refusal(error: OSError | ValueError, path: Path, action: str) -> InputError:
    """One plain sentence for what the system answered when `path` was to be read or written."""
    number = getattr(error, "errno", None)
    folder = path.parent
    sentences = {
        errno.ENOSPC: f"the disk that holds {folder} is full",
        errno.EDQUOT: f"your disk quota for {folder} is used up",
        errno.EACCES: "you have no permission",
        errno.EPERM: "the system does not permit it",
        errno.EROFS: f"{folder} is on a read-only file system",
        errno.EISDIR: "it is a folder; name a file",
        errno.ENOTDIR: "a part of the path is a file, not a folder",
        errno.ENAMETOOLONG: "the name is too long",
        errno.ELOOP: "its links lead in a circle",
        errno.EFBIG: "the file would be too large for this file system",
        errno.EIO: "the disk reports an error",
    }
    if number == errno.ENOENT:
        made = f"no file can be made in {folder}"
        missing = made if folder.is_dir() else f"the folder {folder} is not there; make it first"
        gone = "the file is not there" if action == "read" else missing
        return InputError(f"can't {action} {path}: {gone}", "path")
    if isinstance(error, UnicodeError) and _is_text(str(path)):
        return InputError(f"can't {action} {path}: a name or a word holds half a character, such as \\ud800", "path")
    if not isinstance(error, OSError):
        return InputError(f"can't {action} {str(path)!r}: this is not a valid path", "path")
    reason = sentences.get(number or 0) or (error.strerror or str(error)).lower()
    return InputError(f"can't {action} {path}: {reason}", "path")


def _is_text(text: str) -> bool:
    try:
        os.fsencode(text)
    except UnicodeError:
        return False
    return True


def regular_file(path: Path) -> int:
    """The size of the file at `path` in bytes. Raises InputError unless it is an ordinary file."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise refusal(error, path, "read") from None
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"can't read {path}: it is a folder; name a file", "path")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"can't read {path}: it is not an ordinary file", "path")
    return os.stat_result(status).st_size


def text_of(path: Path) -> str:
    """The whole text of a file in UTF-8, at most LARGEST_TEXT bytes of it."""
    size = regular_file(path)
    if size > LARGEST_TEXT:
        raise broken(path, f"it has {size:,} bytes, more than the {LARGEST_TEXT:,} that are allowed")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise broken(path, "it is not text in UTF-8") from None


def broken(path: Path, why: str) -> InputError:
    """The error for a file that holds no model that can be used."""
    return InputError(f"{path} can't be opened as a model: {why}", "path")
