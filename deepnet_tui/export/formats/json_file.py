"""JSON: the whole model as text; numbers are written so that they read back exactly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.export.format import LARGEST_TEXT, Format, Verification, broken, reopened, text_of
from deepnet_tui.export.model_json import from_text, model_from_json, model_to_json, network_of, to_text
from deepnet_tui.model import Model
from engine.arrays import Array

DIGITS = 22  # bytes a number takes, about


def check_size(size: int) -> None:
    """Raise InputError for more parameters than can be read back."""
    if size * DIGITS > LARGEST_TEXT:
        raise InputError(f"a network of {size:,} parameters is too large for JSON; use .npz", "format")


def save(model: Model, path: Path) -> None:
    """Write the document, one line a member, with `parameters`: name -> rows, and `dtype`."""
    check_size(model.network.size)
    document = model_to_json(model)
    document["dtype"] = str(next(iter(model.parameters.values())).dtype)
    document["parameters"] = {name: value.tolist() for name, value in model.parameters.items()}
    lines = (f"{json.dumps(key)}: {to_text({'': value})[5:-1]}" for key, value in document.items())
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="ascii")


def load(path: Path) -> Model:
    """Read the text. Raises InputError for whatever is not such a file."""
    text = text_of(path)
    try:
        document = from_text(text)
        return model_from_json(document, parameters_of(document))
    except InputError as error:
        raise broken(path, str(error)) from None


def parameters_of(document: Mapping[str, Any]) -> dict[str, Array]:
    """The parameters of a document that holds them. Raises InputError."""
    raw, dtype = document.get("parameters"), document.get("dtype")
    if not isinstance(raw, dict) or dtype not in ("float64", "float32"):
        raise InputError("it has no parameters in float64 or float32")
    parameters = {}
    for name in network_of(document).shapes:
        if name not in raw:
            raise InputError(f"the parameter {name} is missing")
        try:
            with np.errstate(over="ignore"):  # a number too large becomes infinite and is refused as such
                parameters[name] = np.array(raw[name], dtype=np.float64).astype(dtype)
        except (TypeError, ValueError, OverflowError):
            raise InputError(f"{name} is not a table of numbers with rows of one length") from None
    return parameters


def verify(model: Model, path: Path) -> Verification:
    """Read the text and compare."""
    return reopened(load, model, path)


JSON = Format("json", ".json", "JSON, the whole model as text", True, save, verify, load, check_size=check_size)
