"""Colours that people with every kind of colour vision can tell apart, as arrays (levels, 3) of bytes.

Areas and strokes are made of the palette of all data; numbers are shown by a ramp from dark violet over green to
yellow, whose lightness rises steadily.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from deepnet_tui.drawing.color.data_colors import BLUE, ON_DARK, ON_LIGHT, ORANGE, RGB, data_colors, mixed

Bytes = npt.NDArray[np.uint8]

LEVELS = 48  # enough to look smooth; few enough that neighbouring cells often share a style
BACKGROUND = {True: (28, 33, 42), False: (246, 245, 241)}  # of images, if dark
RAMP = ((52, 20, 92), (54, 80, 140), (36, 138, 141), (94, 200, 98), (240, 230, 60))
WEAKEST = 0.07  # of the way from the background to black or white
SHADES = " ░▒▓"
TEXTURES = SHADES + ".:-=+*"  # as many as there are colours


def _mixed(colors: tuple[RGB, ...], levels: int = LEVELS) -> Bytes:
    """A ramp through these colours."""
    at = np.linspace(0, len(colors) - 1, levels)
    channels = [np.interp(at, np.arange(len(colors)), channel) for channel in np.array(colors, float).T]
    mixed: Bytes = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    return mixed


@cache
def diverging(dark: bool) -> Bytes:
    """Orange over the background's own grey to blue: low to high, class 0 to class 1, negative to positive."""
    colors = ON_LIGHT if dark else ON_DARK  # areas are deep where their examples are light
    return _mixed((colors[ORANGE], BACKGROUND[dark], colors[BLUE]))


@cache
def strokes(dark: bool, background: RGB) -> Bytes:
    """The same for lines and text, which need more contrast than areas: the weakest is just seen on `background`."""
    colors = data_colors(dark=dark)
    ink = 255 if dark else 0
    red, green, blue = (round(part + WEAKEST * (ink - part)) for part in background)
    return _mixed((colors[ORANGE], (red, green, blue), colors[BLUE]))


@cache
def rising() -> Bytes:
    """From low to high."""
    return _mixed(RAMP)


@cache
def classes(count: int, dark: bool) -> Bytes:
    """(count * LEVELS, 3): for each class from the background's grey to its colour, paler than that of its examples."""
    background, colors = BACKGROUND[dark], data_colors(dark=dark)
    areas = [mixed(colors[index % len(colors)], background, 0.35) for index in range(count)]
    return np.vstack([_mixed((background, area)) for area in areas])


def ink(labels: str, label: int, dark: bool) -> RGB:
    """The colour of an example of this class, to be seen on the map; `labels` are "binary" or "one-hot"."""
    colors = data_colors(dark=dark)
    color = colors[(ORANGE, BLUE)[label]] if labels == "binary" else colors[label % len(colors)]
    return mixed(color, (255, 255, 255) if dark else (0, 0, 0), 0.6 if dark else 0.4)
