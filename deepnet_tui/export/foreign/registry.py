"""Readers of files that other programs wrote, by suffix. To add one: a function, and its entry here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from deepnet_tui.export.foreign.description import Description
from deepnet_tui.export.foreign.onnx_graph import read_onnx
from deepnet_tui.export.foreign.state_dict import read_state_dict
from deepnet_tui.model import Model

FOREIGN: dict[str, Callable[[Path, Description], Model]] = {".onnx": read_onnx, ".safetensors": read_state_dict}
