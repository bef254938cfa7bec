"""The nodes and constants of an ONNX graph while it is built."""

from __future__ import annotations

import re
from typing import Any

import numpy as np


class Graph:
    """Nodes and constants in the order they are added. Names of the columns are kept free for the inputs."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self.prefix = ""
        while any(name.startswith(self.prefix) and self._own(name[len(self.prefix) :]) for name in columns):
            self.prefix += "_"
        self.columns: dict[str, str] = {}  # values in float64 that stand for columns, in place of inputs of their own
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    @staticmethod
    def _own(name: str) -> bool:
        return re.fullmatch(r"([Wb]|node|constant)\d+|label|probabilities|prediction", name) is not None

    def add(self, operator: str, *inputs: str, output: str = "", domain: str = "", **attributes: Any) -> str:
        """Add a node and return the name of its output."""
        from onnx import helper

        output = self.prefix + (output or f"node{len(self.nodes)}")
        node = helper.make_node(operator, inputs, [output], domain=domain, **attributes)
        self.nodes.append(node)
        return output

    def number(self, value: float) -> str:
        """Add a number and return its name."""
        return self.constant(np.float64(value))

    def constant(self, value: Any, name: str = "") -> str:
        """Add a constant and return its name."""
        from onnx import numpy_helper

        name = self.prefix + (name or f"constant{len(self.constants)}")
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name
