"""The legend of Boundary: its colours and marks, in a line that fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from rich.cells import cell_len, set_cell_size
from textual.content import Content

from deepnet_tui.drawing import palettes
from deepnet_tui.evaluate.decision_map import value_range

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset

TRAIN, VALIDATION = "•", "○"
CLASS_MARKS = (("•", "○"), ("▪", "▫"), ("▴", "▵"), ("◆", "◇"))  # of a class: train, validation
PLAIN_MARKS = (("x", "o"), ("X", "O"))  # of two classes without colour; validation in capitals


def plain_mark(labels: str, label: int, validation: bool) -> str:
    """The mark of an example without colour: x and o, or 0, 1, 2 ...; for validation X and O, or a, b, c ..."""
    if labels == "binary":
        return PLAIN_MARKS[validation][label]
    if labels == "one-hot":
        return chr(ord("a") + label % 26) if validation else str(label % 10)
    return VALIDATION if validation else TRAIN


def mark(labels: str, label: int, validation: bool, classes: int, *, plain: bool) -> str:
    """The mark of an example on the map: of its own for every class, and hollow or another for validation."""
    if plain or (labels == "one-hot" and classes > len(CLASS_MARKS)):
        return plain_mark(labels, label, validation)
    return CLASS_MARKS[0 if labels == "numbers" else label][validation]


def legend(dataset: Dataset, room: int, *, dark: bool, plain: bool) -> list[Content]:
    """The classes or the range of values, and the marks, in at most `room` columns."""
    has_validation = dataset.validation is not None
    if plain and dataset.labels == "binary":
        zero, one = dataset.classes
        return [Content(f"x {zero} (light)  o {one} (dense)  {'X O validation' if has_validation else ''}")]
    count = len(dataset.classes)
    lettered = dataset.labels == "one-hot" and (plain or count > len(CLASS_MARKS))
    if lettered:
        marks = " letters: validation" if has_validation else ""
    elif dataset.labels != "numbers":
        marks = " hollow: validation" if has_validation else ""
    else:
        marks = f" {TRAIN} train" + (f"  {VALIDATION} validation" if has_validation else "")
    left = room - len(marks)
    if dataset.labels == "numbers":
        return [*_values(dataset, left, plain), Content(marks)]
    signs = [_sign(dataset.labels, label, count, dark, plain) for label in range(count)]
    space = 2 if left >= len(signs) * 8 else 1
    numbered = tuple(f"{label} {name}" for label, name in enumerate(dataset.classes))
    known = lettered and dataset.classes != tuple(map(str, range(len(signs))))  # the marks are numbers
    names = fitted(numbered if known else dataset.classes, left // len(signs) - 1 - 2 * space + 1)
    parts = [part for sign, name in zip(signs, names, strict=True) for part in _class(sign, name, space)]
    return [*parts, Content(marks)]


def _class(sign: Content, name: str, space: int) -> tuple[Content, Content]:
    return sign, Content(f"{' ' * (space - 1)}{name}{' ' * space}")


def fitted(names: tuple[str, ...], room: int) -> list[str]:
    """The names cut to `room` cells, or numbers where they could then not be told apart."""
    cut = [name if cell_len(name) <= room else set_cell_size(name, max(0, room)).rstrip() for name in names]
    return cut if len(set(cut)) == len(cut) and all(cut) else [str(number) for number in range(len(names))]


def _sign(labels: str, label: int, count: int, dark: bool, plain: bool) -> Content:
    if plain:
        return Content(palettes.TEXTURES[label % len(palettes.TEXTURES)])
    sign = "■" if labels == "one-hot" and count > len(CLASS_MARKS) else CLASS_MARKS[label][0]
    return Content.styled(sign, css(np.array(palettes.ink(labels, label, dark))))


def _values(dataset: Dataset, room: int, plain: bool) -> list[Content]:
    low, high = dataset.scaling.unbounded(np.array(value_range(dataset)))
    ramp = palettes.rising()
    places = np.linspace(0, palettes.LEVELS - 1, 8).astype(int)
    bar = [Content(palettes.SHADES)] if plain else [Content.styled("■", css(ramp[at])) for at in places]
    start, end = f" {low:.4g} ", f" {high:.4g}"
    count = len(dataset.targets)
    title = f"{dataset.target} (1 of {count})" if count > 1 else dataset.target
    name = set_cell_size(title, max(0, min(cell_len(title), room - len(start) - len(bar) - len(end))))
    return [Content(f"{name}{start}"), *bar, Content(end)]


def css(color: Any) -> str:
    """A colour as it is written in styles."""
    return "#{:02x}{:02x}{:02x}".format(*(int(part) for part in color))
