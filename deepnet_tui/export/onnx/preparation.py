"""From raw columns to the inputs of a network, as nodes of an ONNX graph: those of all columns side by side."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from deepnet_tui.data.plane.transforms import TRANSFORMS
from deepnet_tui.data.preparation.encoders import STEEP
from deepnet_tui.data.preparation.entries import Block, Categorical, Entry, Numeric
from deepnet_tui.data.values.words import FALSE_WORDS, MISSING, TRUE_WORDS
from deepnet_tui.export.onnx.matrix import matrix_code
from deepnet_tui.export.onnx.nodes import Graph
from deepnet_tui.model import Model

PLAIN = {"false", "true", "0", "1"}
NARROW = 1e-6  # a column is read as float32 if its rounding moves no input by more than this


def column_type(entry: Entry) -> int:
    """The type of the graph's input for a column: words, float32 where that is exact enough, else float64."""
    from onnx import TensorProto

    if isinstance(entry, Categorical) or (isinstance(entry, Numeric) and _spelled(entry)):
        return int(TensorProto.STRING)
    largest, finest = abs(entry.mean) + 3 * abs(entry.scale), abs(entry.scale)
    if isinstance(entry, Numeric):
        largest = max([largest, *map(abs, entry.edges)])
        finest = min([finest, *np.diff(entry.edges).tolist(), *(period / 2 / np.pi for period in entry.periods)])
    return int(TensorProto.FLOAT if largest * 2**-24 <= NARROW * finest else TensorProto.DOUBLE)


def _spelled(entry: Numeric) -> bool:
    """Whether a boolean column is read as words, because it says more than false and true."""
    return entry.kind == "boolean" and not {word.lower() for word in entry.words} <= PLAIN


class _Layout:
    """What each of the first columns side by side is scaled with, and what is made of them besides.

    A column of numbers is one of them until its bins and the like are added; `order` says where the inputs then are.
    """

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.fill: list[float] = []
        self.mean: list[float] = []
        self.scale: list[float] = []
        self.clip: list[float] = []
        self.bins: list[tuple[int, float, float]] = []  # the column, the lower edge and the width of each
        self.waves: list[tuple[int, float]] = []  # the column and the period of each
        self.missing: list[int] = []
        for entry in entries:
            self._add(entry)
        firsts = len(self.fill)
        sines = firsts + len(self.bins)
        cosines = sines + len(self.waves)
        starts = {"first": 0, "bin": firsts, "sine": sines, "cosine": cosines, "missing": cosines + len(self.waves)}
        self.order: list[int] = []
        counts = dict.fromkeys(starts, 0)
        for kind in (kind for entry in entries for kind in _kinds(entry)):
            self.order.append(starts[kind] + counts[kind])
            counts[kind] += 1

    def _add(self, entry: Entry) -> None:
        here, count = len(self.fill), _kinds(entry).count("first")
        self.fill += [entry.fill if isinstance(entry, Numeric) else math.nan] * count
        self.mean += [0.0 if isinstance(entry, Categorical) else entry.mean] * count
        self.scale += [1.0 if isinstance(entry, Categorical) else entry.scale] * count
        self.clip += [entry.clip if isinstance(entry, Numeric) else 0.0] * count
        if isinstance(entry, Numeric):
            self.bins += [(here, low, high - low) for low, high in zip(entry.edges, entry.edges[1:], strict=False)]
            self.waves += [(here, period) for period in entry.periods]
            self.missing += [here] * entry.missing


def _kinds(entry: Entry) -> list[str]:
    """What each input of an entry is, in their order."""
    if isinstance(entry, Block):
        return ["first"] * entry.size
    if isinstance(entry, Categorical):
        return ["first"] * (len(entry.categories) + entry.other + entry.width)
    waves = ["sine", "cosine"] * len(entry.periods)
    return ["first", *["bin"] * entry.bins, *waves, *["missing"] * entry.missing]


def prepared(graph: Graph, model: Model) -> str:
    """Nodes from the raw columns to the inputs (N, n0): all to float64, side by side, filled, scaled; then what else
    is made of numbers, and all in the order of the inputs."""
    from onnx import TensorProto

    entries = model.preparation.entries
    layout = _Layout(entries)
    X = graph.add("Concat", *(part for entry in entries for part in _firsts(graph, entry)), axis=1)
    gone = graph.add("IsNaN", X)
    X = graph.add("Where", gone, graph.constant(layout.fill), X)
    Z = graph.add("Div", graph.add("Sub", X, graph.constant(layout.mean)), graph.constant(layout.scale))
    parts = [_clipped(graph, Z, np.array(layout.clip)) if any(layout.clip) else Z]
    if layout.bins:
        columns, lows, widths = (np.array(values) for values in zip(*layout.bins, strict=True))
        from_low = graph.add("Sub", _columns(graph, X, columns), graph.constant(lows))
        share = graph.add("Clip", graph.add("Div", from_low, graph.constant(widths)), graph.number(0), graph.number(1))
        parts.append(graph.add("Sub", share, graph.number(0.5)))
    if layout.waves:
        columns, periods = (np.array(values) for values in zip(*layout.waves, strict=True))
        turns = graph.add("Div", _columns(graph, X, columns), graph.constant(periods))
        turns = graph.add("Sub", turns, graph.add("Floor", turns))
        angle = graph.add("Mul", turns, graph.number(2 * np.pi))
        parts += [graph.add("Sin", angle), graph.add("Cos", angle)]
    if layout.missing:
        marks = _columns(graph, gone, np.array(layout.missing))
        parts.append(graph.add("Cast", marks, to=TensorProto.DOUBLE))
    inputs = parts[0]
    if len(parts) > 1:
        inputs = _columns(graph, graph.add("Concat", *parts, axis=1), np.array(layout.order))
    return _with_transforms(graph, model, X, inputs) if model.preparation.transforms else inputs


def _with_transforms(graph: Graph, model: Model, X: str, inputs: str) -> str:
    """The inputs, and those that are made of the columns X, which are filled in but not scaled."""
    first, at = {}, 0
    for entry in model.preparation.entries:
        first[entry.name] = np.array([at])
        at += _kinds(entry).count("first")
    parts = [
        TRANSFORMS[each.kind].onnx(graph, *(_columns(graph, X, first[name]) for name in each.columns))
        for each in model.preparation.transforms
    ]
    return graph.add("Concat", inputs, *parts, axis=1)


def _firsts(graph: Graph, entry: Entry) -> list[str]:
    """The numbers of a column as float64, its words as inputs."""
    from onnx import TensorProto

    if isinstance(entry, Categorical):
        return _words(graph, entry)
    if entry.name in graph.columns:
        return [graph.columns[entry.name]]
    name = entry.name
    if isinstance(entry, Numeric) and _spelled(entry):
        name = graph.add("LabelEncoder", name, domain="ai.onnx.ml", **_truth(entry))
    return [graph.add("Cast", name, to=TensorProto.DOUBLE)]


def _words(graph: Graph, entry: Categorical) -> list[str]:
    from onnx import TensorProto

    count, parts = len(entry.categories), []
    if not (count or entry.other or entry.statistics):
        return []
    if entry.name in graph.columns:
        code = matrix_code(graph, graph.columns[entry.name], len(entry.known))
    else:
        code = graph.add("LabelEncoder", entry.name, domain="ai.onnx.ml", **_codes(entry))
    if count:
        hot = graph.add("Equal", code, graph.constant(np.arange(count, dtype=np.int64)[np.newaxis]))
        parts.append(graph.add("Cast", hot, to=TensorProto.DOUBLE))
    if entry.other:
        other = graph.add("GreaterOrEqual", code, graph.constant(np.int64(count)))
        parts.append(graph.add("Cast", other, to=TensorProto.DOUBLE))
    if entry.statistics:
        table = graph.constant(np.array([*entry.statistics, (0.0,) * entry.width]))
        found = graph.add("Gather", table, code, axis=0)
        parts.append(graph.add("Squeeze", found, graph.constant(np.array([1], dtype=np.int64))))
    return parts


def _clipped(graph: Graph, Z: str, clip: Any) -> str:
    """Z, clipped smoothly where the clip of a column is above 0."""
    size = graph.constant(np.where(clip > 0, clip, 1.0))
    t = graph.add("Clip", graph.add("Div", Z, size), graph.number(-STEEP), graph.number(STEEP))
    root = graph.add("Sqrt", graph.add("Add", graph.number(1.0), graph.add("Mul", t, t)))
    smooth = graph.add("Div", graph.add("Mul", size, t), root)
    return smooth if (clip > 0).all() else graph.add("Where", graph.constant(clip > 0), smooth, Z)


def _columns(graph: Graph, X: str, places: Any) -> str:
    return graph.add("Gather", X, graph.constant(places.astype(np.int64)), axis=1)


def _codes(entry: Categorical) -> dict[str, Any]:
    """Word -> place in the list of known words, behind its end for an unknown one."""
    places = {word: place for place, word in enumerate(entry.known)}
    if "" in entry.known:
        places |= dict.fromkeys(sorted(MISSING - places.keys()), places[""])
    return {"keys_strings": list(places), "values_int64s": list(places.values()), "default_int64": len(entry.known)}


def _truth(entry: Numeric) -> dict[str, Any]:
    """Word -> 0 or 1 in the spellings the app knows; anything else counts as missing."""
    truth: dict[str, float] = {}
    for words, value in ((FALSE_WORDS, 0.0), (TRUE_WORDS, 1.0)):
        truth |= {spelling: value for word in sorted(words) for spelling in (word, word.title(), word.upper())}
    truth |= {entry.words[1]: 1.0, entry.words[0]: 0.0}
    for word in MISSING:
        truth.pop(word, None)
    return {"keys_strings": list(truth), "values_floats": list(truth.values()), "default_float": math.nan}
