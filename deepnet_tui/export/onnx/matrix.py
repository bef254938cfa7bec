"""All columns of a model as one float32 matrix (N, columns), for programs that can pass nothing else to ONNX.

A number is itself, NaN where it is missing; a boolean 0 or 1, a date the days since 1970-01-01, a block its numbers in
row-major order. A word is its place among the categories and then the rare words, counted from 0; everything else,
NaN too, is an unknown word, so that a missing one must be given by the place of the empty word.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from deepnet_tui.data.preparation.entries import Block, Categorical, Entry
from deepnet_tui.data.preparation.numbers import to_numbers
from deepnet_tui.data.values.words import lookup_word, to_word
from deepnet_tui.export.onnx.nodes import Graph
from deepnet_tui.model import Model
from engine.arrays import Array

MATRIX = "X"
UNKNOWN = -1.0


def matrix_width(model: Model) -> int:
    """The number of its columns."""
    return sum(_width(entry) for entry in model.preparation.entries)


def _width(entry: Entry) -> int:
    return entry.size if isinstance(entry, Block) else 1


def matrix_columns(graph: Graph, model: Model) -> dict[str, str]:
    """Add the nodes that cut the matrix into the columns of the model, in float64; gives their names."""
    from onnx import TensorProto

    whole = graph.add("Cast", MATRIX, to=TensorProto.DOUBLE)
    found: dict[str, str] = {}
    at = 0
    for entry in model.preparation.entries:
        places = graph.constant(np.arange(at, at + _width(entry), dtype=np.int64))
        found[entry.name] = graph.add("Gather", whole, places, axis=1)
        at += _width(entry)
    return found


def matrix_code(graph: Graph, column: str, count: int) -> str:
    """Nodes from a column (N, 1) to the place of its word, `count` for an unknown one."""
    from onnx import TensorProto

    count_ = graph.number(count)
    known = graph.add("And", graph.add("GreaterOrEqual", column, graph.number(0)), graph.add("Less", column, count_))
    return graph.add("Cast", graph.add("Where", known, column, count_), to=TensorProto.INT64)


def matrix_of(model: Model, columns: dict[str, Any]) -> Array:
    """The matrix (N, columns) for raw `columns`, in float32."""
    parts = []
    for entry in model.preparation.entries:
        values = columns[entry.name]
        if isinstance(entry, Block):
            parts.append(np.asarray(values, dtype=np.float64).reshape(len(values), -1))
        elif isinstance(entry, Categorical):
            places = {word: place for place, word in enumerate(entry.known)}
            parts.append(np.array([[lookup_word(to_word(value), places, int(UNKNOWN))] for value in values], float))
        else:
            parts.append(to_numbers(values, entry)[:, np.newaxis])
    largest = np.finfo(np.float32).max
    return np.clip(np.concatenate(parts, axis=1), -largest, largest).astype(np.float32)


def held(model: Model, matrix: Array, columns: dict[str, Any]) -> dict[str, Any]:
    """The columns as the matrix holds them; words and booleans are exact there."""
    found = dict(columns)
    at = 0
    for entry in model.preparation.entries:
        part = matrix[:, at : at + _width(entry)].astype(np.float64)
        at += _width(entry)
        if isinstance(entry, Block):
            found[entry.name] = part
        elif entry.kind == "numeric":
            found[entry.name] = part[:, 0]
        elif entry.kind == "date":
            moments = np.where(np.isnan(part[:, 0]), 0.0, part[:, 0]) * 86_400e6
            dates = np.round(moments).astype(np.int64).astype("datetime64[us]")
            found[entry.name] = np.where(np.isnan(part[:, 0]), np.datetime64("NaT"), dates)
    return found
