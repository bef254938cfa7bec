"""What an activation provides for exports: its text in C, NumPy and PyTorch, and its ONNX nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


class GraphBuilder(Protocol):
    """What an activation needs to add itself to an ONNX graph."""

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add a node; returns the name of its output."""

    def number(self, value: float) -> str:
        """Add a constant; returns its name."""


@dataclass(frozen=True)
class Code:
    """An activation in other languages.

    `c` is an expression in z, `numpy` one in Z, `torch` one that makes a module. `onnx(graph, z)` adds nodes and
    returns the name of the result; it uses only operators that onnxruntime has in float64.
    """

    c: str
    numpy: str
    torch: str
    onnx: Callable[[GraphBuilder, str], str]
