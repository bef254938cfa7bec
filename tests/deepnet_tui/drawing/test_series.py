"""Curves in one chart can be told apart, by colour-blind eyes and without colour too."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from textual.color import Color

from deepnet_tui.drawing.color.data_colors import ON_DARK, ON_LIGHT
from deepnet_tui.drawing.series import series_style
from deepnet_tui.drawing.theme import contrast

SEEN = {  # Machado, Oliveira and Fernandes (2009), severity 1
    "all cones": np.eye(3),
    "no long": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no middle": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no short": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(color: Any, eyes: str) -> Any:
    """CIELAB of a colour as such eyes see it."""
    part = np.array(color) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    xyz = XYZ @ np.clip(np.array(SEEN[eyes]) @ linear, 0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eyes", SEEN)
@pytest.mark.parametrize("colors", [ON_DARK, ON_LIGHT], ids=["dark", "light"])
def test_any_two_colours_differ_for_every_kind_of_colour_vision(colors: Any, eyes: str) -> None:
    seen = [lab(color, eyes) for color in colors]
    assert min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)) > 20


@pytest.mark.parametrize(
    ("colors", "background"), [(ON_DARK, "#12161d"), (ON_DARK, "#2e3440"), (ON_LIGHT, "#eff1f5"), (ON_LIGHT, "#fbfbf9")]
)
def test_every_colour_is_seen_on_its_background(colors: Any, background: str) -> None:
    assert all(contrast(Color(*color), Color.parse(background)) > 3 for color in colors)


def test_sixty_four_curves_differ_in_colour_or_mark() -> None:
    for ansi in (False, True):
        assert len({series_style(index, ansi=ansi) for index in range(64)}) == 64
    assert len({series_style(index).marker for index in range(8)}) == 8
    assert series_style(3) == series_style(3, dark=True), "a curve keeps its look"
