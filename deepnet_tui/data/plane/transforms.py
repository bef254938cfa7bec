"""Further inputs made of columns of numbers: x1^2, x1 x2, sin(x1). To add one: an entry of TRANSFORMS."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from deepnet_tui.common.errors import InputError
from engine.arrays import Array
from engine.ops.code import GraphBuilder


@dataclass(frozen=True)
class TransformKind:
    """A function of `count` columns: in NumPy, in the texts of C and Python, and as nodes of ONNX.

    `name`, that of the input, and `c` have the columns as {0} and {1}, `python` as x and y.
    """

    count: int
    name: str
    compute: Callable[..., Any]
    c: str
    python: str
    onnx: Callable[..., str]


def _sine(x: Array) -> Array:
    import numpy as np

    return np.asarray(np.sin(x))


def _product(graph: GraphBuilder, x: str, y: str = "") -> str:
    return graph.add("Mul", x, y or x)


TRANSFORMS: dict[str, TransformKind] = {
    "square": TransformKind(1, "{0}^2", lambda x: x * x, "{0} * {0}", "x * x", _product),
    "product": TransformKind(2, "{0} {1}", lambda x, y: x * y, "{0} * {1}", "x * y", _product),
    "sine": TransformKind(1, "sin({0})", _sine, "sin({0})", "np.sin(x)", lambda g, x: g.add("Sin", x)),
}


@dataclass(frozen=True)
class Transform:
    """One input: a kind of TRANSFORMS, of the values of columns as they are, missing ones filled in.

    Raises ValueError for a kind that there is not, and another number of columns than it takes.
    """

    kind: str
    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        kind = TRANSFORMS.get(self.kind)
        if kind is None or not all(isinstance(name, str) for name in self.columns):
            raise ValueError(f"the transform {self.kind!r:.40} is unknown")
        if len(self.columns) != kind.count:
            raise ValueError(f"the transform {self.kind} takes {kind.count} columns, not {len(self.columns)}")

    @property
    def name(self) -> str:
        return TRANSFORMS[self.kind].name.format(*self.columns)

    def values(self, columns: dict[str, Array]) -> Array:
        """The inputs (m,) from the numbers (m,) of the columns by name."""
        return TRANSFORMS[self.kind].compute(*(columns[name] for name in self.columns))  # type: ignore[no-any-return]


PLANE = ("x1", "x2")
OF_THE_PLANE: dict[str, Transform] = {
    transform.name: transform
    for transform in (
        Transform("square", ("x1",)),
        Transform("square", ("x2",)),
        Transform("product", PLANE),
        Transform("sine", ("x1",)),
        Transform("sine", ("x2",)),
    )
}
"""Those of the two-dimensional sets, by name."""


def transforms_named(names: Iterable[str]) -> tuple[Transform, ...]:
    """The transforms of these names; spaces, * and the brackets of sin may be left out, and `all` means all.

    Raises InputError for a name that there is not, or that is there twice.
    """
    plain = {_plain(name): transform for name, transform in OF_THE_PLANE.items()}
    found: list[Transform] = []
    for name in names:
        if _plain(name) not in (*plain, "all"):
            raise InputError(f"there is no transform {name!r}; choose among {', '.join(OF_THE_PLANE)}", "transform")
        for transform in plain.values() if _plain(name) == "all" else (plain[_plain(name)],):
            if transform in found:
                raise InputError(f"the transform {transform.name} is there twice", "transform")
            found.append(transform)
    return tuple(found)


def _plain(name: str) -> str:
    kept = "".join(letter for letter in name.lower().replace("²", "^2").replace("**", "^") if letter not in " *()·")
    return "x1x2" if kept == "x2x1" else kept
