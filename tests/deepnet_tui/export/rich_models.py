"""Rich preparations to export: every part of them, drawn at random or written down, and rows that try them."""

from __future__ import annotations

from typing import Any

import numpy as np

from deepnet_tui.data.preparation.entries import Block, Categorical, Entry, Numeric
from deepnet_tui.data.preparation.preparation import Preparation

Row = dict[str, Any]

RICH = Preparation(
    (
        Numeric("age", fill=28.0, mean=28.0, scale=14.5, clip=3.0, edges=(1.0, 20.0, 28.5, 80.0), missing=True),
        Categorical(
            "city",
            ("", "Bari", "Rome"),
            other=True,
            rare=("Asti", "Como"),
            statistics=((0.1, -0.2), (0.3, 0.0), (-0.25, 0.5), (0.0625, 0.1), (-0.5, 0.7)),
        ),
        Numeric("alone", kind="boolean", fill=1.0, mean=0.5, scale=0.5, missing=True),
        Numeric("married", kind="boolean", words=("nein", "ja"), fill=0.0, mean=0.5, scale=0.5),
        Categorical("deck", ("A", "B"), other=True, rare=("C",)),
        Numeric(
            "since",
            kind="date",
            fill=17000.5,
            mean=17010.25,
            scale=230.0,
            clip=3.0,
            edges=(16000.0, 17000.0, 17200.5),
            periods=(7.0, 365.2425, 1.0),
            missing=True,
        ),
        Numeric("plain", fill=2.0, mean=1.0, scale=4.0),
        Block("patch", (2, 3), mean=0.1, scale=2.0),
        Categorical("sex", ("", "female", "male")),
        Categorical("code", (), other=True, rare=("a", "b"), statistics=((1.0,), (-1.0,))),
        Numeric("steep", mean=1.0, scale=1e-6, clip=3.0, edges=(1.0, 1.000001, 1.000002)),
    )
)
_PATCH = [0.5, 1.0, -2.0, 0.0, 3.25, 1.0]
RICH_ROWS: tuple[Row, ...] = (
    {
        "age": 22.0, "city": "Rome", "alone": "false", "married": "ja", "deck": "B", "since": "2016-07-29",
        "plain": 0.5, "patch": _PATCH, "sex": "male", "code": "a", "steep": 1.0000015,
    },
    {
        "age": None, "city": None, "alone": None, "married": None, "deck": None, "since": None,
        "plain": None, "patch": [0.0] * 6, "sex": None, "code": None, "steep": None,
    },
    {
        "age": 1e30, "city": "Oz", "alone": "true", "married": "nein", "deck": "Z", "since": "9999-12-31T23:59:59",
        "plain": -8.0, "patch": _PATCH, "sex": "other", "code": "z", "steep": -1e100,
    },
    {
        "age": -1e30, "city": "Como", "alone": "true", "married": "nein", "deck": "C", "since": "0001-01-01T06:00:00",
        "plain": 3.0, "patch": _PATCH, "sex": "female", "code": "b", "steep": 1e100,
    },
    {
        "age": 20.0, "city": "Bari", "alone": "true", "married": "nein", "deck": "A", "since": "2019-01-01T06:30:00",
        "plain": 3.0, "patch": _PATCH, "sex": "female", "code": "b", "steep": 1.000001,
    },
)  # fmt: skip


def drawn(seed: int) -> tuple[Preparation, tuple[Row, ...]]:
    """A preparation of a few columns with random fields, and rows that reach beyond what it knows."""
    random = np.random.default_rng(seed)
    entries: list[Entry] = []
    for number in range(int(random.integers(1, 6))):
        name, kind = f"c{number}", str(random.choice(["numeric", "date", "boolean", "words"]))
        entries.append(_words(random, name) if kind == "words" else _number(random, name, kind))
    rows = tuple({entry.name: _value(random, entry) for entry in entries} for _ in range(8))
    return Preparation(tuple(entries)), rows


def _number(random: np.random.Generator, name: str, kind: str) -> Numeric:
    mean, scale = float(random.normal()) * 10 ** float(random.integers(-3, 4)), 10 ** float(random.uniform(-3, 3))
    if kind == "boolean":
        return Numeric(name, kind, 1.0, 0.5, 0.5, missing=bool(random.integers(2)))
    if kind == "date":
        mean, scale = 17_000.0 + mean, 200.0
    count = int(random.integers(3, 19)) if random.integers(4) else 0
    edges = tuple(float(edge) for edge in np.unique(mean + scale * random.normal(size=count).round(3)))
    periods = tuple(p for p in (7.0, 365.2425, 1.0) if random.integers(2)) if kind == "date" else ()
    return Numeric(
        name,
        kind,
        mean,
        mean,
        scale,
        clip=float(random.choice([0.0, 3.0])),
        edges=edges if len(edges) > 1 else (),
        periods=periods,
        missing=bool(random.integers(2)),
    )


def _words(random: np.random.Generator, name: str) -> Categorical:
    words = [f"w{number}" for number in range(int(random.integers(1, 9)))] + [""] * int(random.integers(2))
    cut = int(random.integers(0, len(words) + 1))
    width = int(random.integers(0, 4))
    statistics = tuple(tuple(random.normal(size=width).tolist()) for _ in words) if width else ()
    if cut == len(words) and not statistics:
        return Categorical(name, tuple(words))
    return Categorical(name, tuple(words[:cut]), other=True, rare=tuple(words[cut:]), statistics=statistics)


def _value(random: np.random.Generator, entry: Entry) -> Any:
    if random.integers(5) == 0:
        return None
    if isinstance(entry, Categorical):
        return str(random.choice([*[word for word in entry.known if word], "unknown"]))
    assert isinstance(entry, Numeric)
    if entry.kind == "boolean":
        return str(random.choice(["true", "false"]))
    if entry.kind == "date":
        state = np.datetime64("2000-01-01", "s") + int(random.integers(0, 2_000_000_000))
        return str(state)
    if random.integers(5) == 0:
        return float(random.choice([1e100, -1e100, 1e30, -1e-300, 0.0]))
    if entry.edges and random.integers(2):
        return float(random.choice(entry.edges))
    return float(entry.mean + entry.scale * random.normal() * 3)
