"""Opening a model that was saved."""

from __future__ import annotations

from pathlib import Path

from deepnet_tui.export import load as load_model
from deepnet_tui.library.errors import check_path, raises_value_errors
from deepnet_tui.library.trained_model import TrainedModel


@raises_value_errors
def load(path: str | Path) -> TrainedModel:
    """The model in a file of any format that holds a whole one: .npz, .safetensors, .json and others.

    Nothing in the file is run. Raises InputError for a file that can't be read or holds no whole model.
    """
    check_path(path)
    return TrainedModel(load_model(path))
