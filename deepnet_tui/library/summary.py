"""The summary of a network: a row for each layer with its output shape and its parameters, and the totals."""

from __future__ import annotations

import math
from dataclasses import dataclass

from deepnet_tui.library.notebook import heading, lines, panel, table
from deepnet_tui.model import Model

HEADER = ("layer", "output shape", "parameters")


@dataclass(frozen=True)
class LayerRow:
    """One layer: its name, the shape of its output for m examples, and how many numbers are trained in it."""

    name: str
    shape: str
    parameters: int


@dataclass(frozen=True)
class ModelSummary:
    """The layers of a network from its inputs to its output; `print` shows a table, a notebook an HTML one.

    Of an ensemble of `members` networks the layers are those of one; `parameters` counts all of them, `size` is that
    in bytes.
    """

    title: str
    layers: tuple[LayerRow, ...]
    members: int
    parameters: int
    size: int

    @property
    def totals(self) -> tuple[str, ...]:
        """The lines below the table."""
        one = sum(layer.parameters for layer in self.layers)
        each = (f"networks: {self.members}, of {one:,} parameters each",) if self.members > 1 else ()
        return (*each, f"parameters: {self.parameters:,}", f"size: {_bytes(self.size)}")

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """The cells of the table, below HEADER."""
        return [
            (layer.name, layer.shape, f"{layer.parameters:,}" if layer.parameters else "--") for layer in self.layers
        ]

    def __str__(self) -> str:
        rows = [HEADER, *self.rows]
        widths = [max(len(row[place]) for row in rows) for place in range(len(HEADER))]
        width = max(sum(widths) + 6, len(self.title), *map(len, self.totals))
        widths[0] += width - sum(widths) - 6
        one, two, three = widths
        text = [f"{name:<{one}}   {shape:<{two}}   {count:>{three}}" for name, shape, count in rows]
        strong, weak = "=" * width, "-" * width
        return "\n".join([self.title, strong, text[0], weak, *text[1:], strong, *self.totals, strong])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return panel(heading(self.title), table(HEADER, self.rows), lines(self.totals))


def summary_of(model: Model) -> ModelSummary:
    """The summary of a model."""
    network = model.network
    columns = len(model.preparation.columns)
    word = "column" if columns == 1 else "columns"
    rows = [LayerRow(f"inputs, of {columns:,} {word}", f"(m, {network.inputs})", 0)]
    before = network.inputs
    for number, layer in enumerate((*network.hidden, None), start=1):
        units = network.outputs if layer is None else layer.units
        rows.append(LayerRow(_name(model, number), f"(m, {units})", units * before + units))
        before = units
    size = sum(value.nbytes for value in model.parameters.values())
    count = sum(math.prod(shape) for shape in network.shapes.values())
    return ModelSummary(f"{model.name}: {network.task}", tuple(rows), network.ensemble, count, size)


def _name(model: Model, number: int) -> str:
    network = model.network
    if number > len(network.hidden):
        return f"output: {network.loss_function.output}"
    layer = network.hidden[number - 1]
    dropout = f", dropout {layer.dropout:g} in training" if layer.dropout else ""
    return f"hidden {number}: {layer.activation}{dropout}"


def _bytes(size: int) -> str:
    if size < 1000:
        return f"{size} bytes"
    value, unit = (size / 1e3, "kB") if size < 1e6 else (size / 1e6, "MB")
    return f"{value:.3g} {unit}"
