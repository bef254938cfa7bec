"""Exporting a model, and opening what was exported: one module a format, every file checked.

receipt = export(model, "moons.onnx")
print(receipt.sentence)
model = load("moons.npz")
"""

from deepnet_tui.export.files import Receipt, check_path, export, load
from deepnet_tui.export.format import Format
from deepnet_tui.export.registry import FORMATS, check_size, format_of

__all__ = ["FORMATS", "Format", "Receipt", "check_path", "check_size", "export", "format_of", "load"]
