"""safetensors: one tensor a parameter, under its name; the rest of the model as JSON in the metadata."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.export.format import ForeignFileError, Format, Verification, broken, regular_file, reopened
from deepnet_tui.export.model_json import from_text, model_from_json, model_to_json, network_of, to_text
from deepnet_tui.model import Model

LARGEST_HEADER = 100_000_000  # bytes, the format's own limit
DTYPES = ("F64", "F32")


def save(model: Model, path: Path) -> None:
    """Write the file. The library stores memory as it lies, hence the contiguous copies."""
    from safetensors.numpy import save as to_bytes

    arrays = {name: np.ascontiguousarray(value) for name, value in model.parameters.items()}
    path.write_bytes(to_bytes(arrays, metadata={"model": to_text(model_to_json(model)), "format": "np"}))


def load(path: Path) -> Model:
    """Read the file; types and shapes are compared with the network before a tensor is read.

    Raises InputError for whatever is not such a file, ForeignFileError for one that another program wrote.
    """
    from safetensors import SafetensorError, safe_open

    size = regular_file(path)
    try:
        with path.open("rb") as file:
            header = int.from_bytes(file.read(8), "little")
        if size < 8 or header > min(size - 8, LARGEST_HEADER):
            raise InputError(f"its header claims {header:,} bytes, the file has {size:,}")
        with safe_open(path, framework="np") as archive:
            metadata = archive.metadata() or {}
            if "model" not in metadata:
                raise ForeignFileError("it carries no model of deepnet-tui")
            document = from_text(metadata["model"])
            shapes = network_of(document).shapes
            stored = set(archive.keys())
            for name, shape in shapes.items():
                if name not in stored:
                    raise InputError(f"the tensor {name} is missing")
                tensor = archive.get_slice(name)
                if tuple(tensor.get_shape()) != shape:
                    raise InputError(f"{name} has the shape {tuple(tensor.get_shape())}, the network needs {shape}")
                if tensor.get_dtype() not in DTYPES:
                    raise InputError(f"{name} holds {tensor.get_dtype()}, not F64 or F32 numbers")
            parameters = {name: archive.get_tensor(name) for name in shapes}
        return model_from_json(document, parameters)
    except ForeignFileError:
        raise
    except InputError as error:
        raise broken(path, str(error)) from None
    except (SafetensorError, OSError, ValueError) as error:
        raise broken(path, f"it is not a whole safetensors file ({error})") from None


def verify(model: Model, path: Path) -> Verification:
    """Read the file and compare."""
    return reopened(load, model, path)


SAFETENSORS = Format("safetensors", ".safetensors", "safetensors, the whole model", True, save, verify, load)
