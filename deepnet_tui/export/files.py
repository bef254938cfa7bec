"""Writing a model to a file that is checked before it takes its name, and reading one back."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import is_folder, user_path
from deepnet_tui.common.text import quoted
from deepnet_tui.export.foreign.description import Description
from deepnet_tui.export.foreign.registry import FOREIGN
from deepnet_tui.export.format import ForeignFileError, Format, Verification, broken, refusal, regular_file
from deepnet_tui.export.output_path import output_path_for
from deepnet_tui.export.registry import FORMATS, format_of
from deepnet_tui.model import Model
from engine.storage.atomic import write_atomically, write_folder_atomically

OWN_FILES = re.compile(r"[Wb]\d+(_member\d+)?\.csv")


@dataclass(frozen=True)
class Receipt:
    """What was written: where, how many bytes, whether it was read back or run, and one sentence that says it."""

    path: Path
    size: int
    verified: bool
    largest_difference: float | None
    sentence: str


def export(
    model: Model,
    path: str | Path,
    overwrite: bool = False,
    format: str | None = None,  # noqa: A002
    sources: Iterable[str | Path] = (),
    best: bool = False,
    stage: Callable[[str], object] = lambda _: None,
) -> Receipt:
    """Write `model` to `path`, check the file, and only then give it its name.

    The ending of the path chooses the format; a path without one is a folder of CSV files. With `best` only the best
    network of an ensemble is written; a single one is the best there is. `stage` is called with what is done next; if
    it raises something, nothing is written. Raises InputError, in one sentence, for an
    unknown ending, a path that can't be written, one of `sources`, the files that the model was made from, or, without
    `overwrite`, a file that is there already; an older file is then left as it was.
    """
    entry = format_of(path, format)
    path = user_path(path)
    of = _networks(model, best)
    model = model.member(model.best_member) if best else model
    verdicts: list[Verification] = []

    def fill(temporary: Path) -> None:
        stage("Writing")
        entry.save(model, temporary)
        stage("Checking what was written")
        verdicts.append(entry.verify(model, temporary))
        stage("Giving it its name")

    try:
        path = _output_path(entry, path, overwrite, sources)
        if entry.folder:
            write_folder_atomically(path, fill)
        else:
            write_atomically(path, fill)
        files = list(path.iterdir()) if entry.folder else [path]
        size = sum(file.stat().st_size for file in files)
    except (OSError, UnicodeError) as error:
        raise refusal(error, path, "write") from None
    return _receipt(path, size, verdicts[0], of, entry.note(model))


def check_path(path: str | Path, overwrite: bool = False, sources: Iterable[str | Path] = ()) -> Path:
    """The file that `export` would write. Raises InputError where it would refuse to: nothing is trained in vain."""
    return _output_path(format_of(path), user_path(path), overwrite, sources)


def load(path: str | Path, description: Description | None = None) -> Model:
    """The model in a file of any complete format, or in one of another program that `description` adds to.

    Nothing in the file is run. Raises InputError, also for a description of a file that has all of it.
    """
    path = user_path(path)
    openable = ", ".join(suffix for suffix, entry in FORMATS.items() if entry.load)
    entry = next((FORMATS[s] for s in sorted(FORMATS, key=len, reverse=True) if path.name.lower().endswith(s)), None)
    if entry is None or entry.load is None:
        raise InputError(f"{path} is not a file that holds a whole model; those end in {openable}", "path")
    regular_file(path)
    try:
        model = entry.load(path)
    except ForeignFileError:
        return FOREIGN[path.suffix.lower()](path, description or Description())
    except OSError as error:
        raise refusal(error, path, "read") from None
    except MemoryError:
        raise broken(path, "there is not enough memory for it") from None
    if description is not None and not description.is_empty:
        raise InputError(f"{path} is a model of deepnet-tui, which says all about itself", "path")
    return model


def _output_path(entry: Format, path: Path, overwrite: bool, sources: Iterable[str | Path]) -> Path:
    entry.ready(path)
    if entry.folder and is_folder(path):
        _check_own(path)
    return output_path_for(path, overwrite, sources, folder=entry.folder)


def _check_own(folder: Path) -> None:
    """Raise InputError for a folder that holds anything but an export."""
    try:
        foreign = [name for name in os.listdir(folder) if not OWN_FILES.fullmatch(name)]  # noqa: PTH208  names only
    except OSError as error:
        raise refusal(error, folder, "write") from None
    if foreign:
        said = f"it holds {quoted(min(foreign))}, which is no part of an export; choose another folder"
        raise InputError(f"can't replace {folder}: {said}", "path")


def _networks(model: Model, best: bool) -> str:
    """Which networks are written, with a comma before it; "" for a single one. People count them from 1."""
    members = model.network.ensemble
    if members == 1:
        return ""
    if best:
        return f", the best of {members} networks (number {model.best_member + 1})"
    return f", an ensemble of {members} networks"


def _receipt(path: Path, size: int, verdict: Verification, of: str, note: str) -> Receipt:
    what = f"saved {path} ({_bytes(size)}){of}"
    if not verdict.verified:
        sentence = f"{what}, not verified: {verdict.how}"
    elif verdict.largest_difference is None:
        sentence = f"{what}, verified: {verdict.how}"
    else:
        sentence = f"{what}, verified: {verdict.how}, largest difference {verdict.largest_difference:.0e}"
        if verdict.largest > 1.0 and verdict.largest_difference:
            sentence += f", {verdict.largest_difference / verdict.largest:.0e} of the largest prediction"
    sentence = sentence.replace(" 0e+00", " 0") + (f"; {note}" if note else "")
    return Receipt(path, size, verdict.verified, verdict.largest_difference, sentence)


def _bytes(size: int) -> str:
    if size < 1000:
        return f"{size} bytes"
    value, unit = (size / 1e3, "kB") if size < 1e6 else (size / 1e6, "MB")
    return f"{value:.3g} {unit}"
