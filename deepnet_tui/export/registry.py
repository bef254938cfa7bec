"""The file formats, by the ending that chooses each. To add one: a module with a `Format`, and its entry here."""

from __future__ import annotations

import os
from pathlib import Path

from deepnet_tui.common.errors import InputError
from deepnet_tui.export.c.header import C
from deepnet_tui.export.c.program import C_PROGRAM
from deepnet_tui.export.format import Format
from deepnet_tui.export.formats.csv_file import CSV, CSV_FOLDER
from deepnet_tui.export.formats.json_file import JSON
from deepnet_tui.export.formats.npz_file import NPZ
from deepnet_tui.export.formats.python_file import PYTHON, PYTORCH
from deepnet_tui.export.formats.safetensors_file import SAFETENSORS
from deepnet_tui.export.onnx.onnx_file import ONNX, ONNX_MATRIX

_ENTRIES = (NPZ, SAFETENSORS, JSON, ONNX, ONNX_MATRIX, PYTHON, C, C_PROGRAM, PYTORCH, CSV, CSV_FOLDER)
FORMATS: dict[str, Format] = {entry.suffix: entry for entry in _ENTRIES}


def format_of(path: str | Path, format: str | None = None) -> Format:  # noqa: A002
    """The format that the ending of `path` names, or `format` (".npz" or "npz"). Raises InputError."""
    if format is not None:
        for entry in FORMATS.values():
            if format in (entry.suffix, entry.name, entry.suffix.lstrip(".")):
                return entry
        raise InputError(f"the format {format!r} is unknown; choose one of {_endings()}", "format")
    if not os.fspath(path):
        raise InputError("the name of a file is needed", "path")
    if os.fspath(path) == "-":
        raise InputError("an export can't go to the standard output; give the path of a file", "path")
    name = Path(path).name.lower()
    if name in FORMATS:
        raise InputError(f"can't write {str(path)!r}: a name is needed before {name}", "path")
    if os.fspath(path).endswith(("/", os.sep)) or "." not in name.lstrip("."):
        return FORMATS[CSV_FOLDER.suffix]
    fitting = [suffix for suffix in FORMATS if name.endswith(suffix)]
    if not fitting:
        raise InputError(f"no format belongs to the ending of {str(path)!r}; choose one of {_endings()}", "path")
    return FORMATS[max(fitting, key=len)]


def check_size(path: str | Path, size: int) -> None:
    """Raise InputError where the format of `path` can't hold a network of `size` parameters."""
    format_of(path).check_size(size)


def _endings() -> str:
    return ", ".join(suffix for suffix, entry in FORMATS.items() if not entry.folder) + ", or no ending for a folder"
