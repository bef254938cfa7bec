"""Colours that people with every kind of colour vision can tell apart, as arrays (levels, 3) of bytes.

Blue and orange differ for all common kinds of colour blindness; classes follow Okabe and Ito (2008), numbers a ramp
from dark violet over green to yellow, whose lightness rises steadily.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
RGB = tuple[int, int, int]

LEVELS = 48  # enough to look smooth; few enough that neighbouring cells often share a style
BLUE, ORANGE = {True: (34, 104, 176), False: (104, 168, 228)}, {True: (200, 114, 20), False: (244, 170, 84)}  # if dark
LIGHT_BLUE, LIGHT_ORANGE = (176, 218, 255), (255, 214, 150)
DEEP_BLUE, DEEP_ORANGE = (8, 54, 120), (140, 58, 0)
CLASSES: tuple[RGB, ...] = (
    (0, 114, 178),
    (230, 159, 0),
    (0, 158, 115),
    (204, 121, 167),
    (86, 180, 233),
    (213, 94, 0),
    (240, 228, 66),
    (150, 150, 150),
    (110, 80, 180),
    (140, 90, 50),
)
RAMP = ((52, 20, 92), (54, 80, 140), (36, 138, 141), (94, 200, 98), (240, 230, 60))
WEAKEST = 0.07  # of the way from the background to black or white
SHADES = " ░▒▓"
TEXTURES = SHADES + ".:-=+*"  # as many as there are colours for classes


def _mixed(colors: tuple[RGB, ...], levels: int = LEVELS) -> Bytes:
    """A ramp through these colours."""
    at = np.linspace(0, len(colors) - 1, levels)
    channels = [np.interp(at, np.arange(len(colors)), channel) for channel in np.array(colors, float).T]
    mixed: Bytes = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    return mixed


@cache
def diverging(dark: bool) -> Bytes:
    """Orange over the background's own grey to blue: low to high, class 0 to class 1, negative to positive."""
    return _mixed((ORANGE[dark], (28, 33, 42) if dark else (246, 245, 241), BLUE[dark]))


@cache
def strokes(dark: bool, background: RGB) -> Bytes:
    """The same for lines and text, which need more contrast than areas: the weakest is just seen on `background`."""
    ends = ((255, 160, 50), (92, 172, 255)) if dark else ((170, 80, 0), (0, 80, 160))
    ink = 255 if dark else 0
    red, green, blue = (round(part + WEAKEST * (ink - part)) for part in background)
    return _mixed((ends[0], (red, green, blue), ends[1]))


@cache
def rising() -> Bytes:
    """From low to high."""
    return _mixed(RAMP)


@cache
def classes(count: int, dark: bool) -> Bytes:
    """(count * LEVELS, 3): for each class from the background's grey to its colour, lighter on a light background."""
    background = (28, 33, 42) if dark else (246, 245, 241)
    ramps = [_mixed((background, CLASSES[index % len(CLASSES)])) for index in range(count)]
    return np.vstack(ramps) if dark else (np.vstack(ramps) * 0.7 + 255 * 0.3).astype(np.uint8)


def ink(labels: str, label: int, dark: bool) -> RGB:
    """The colour of an example of this class, to be seen on the map; `labels` are "binary" or "one-hot"."""
    if labels == "binary":
        return ((LIGHT_ORANGE, LIGHT_BLUE) if dark else (DEEP_ORANGE, DEEP_BLUE))[label]
    color = np.array(CLASSES[label % len(CLASSES)], float)
    toward = np.array((255, 255, 255) if dark else (0, 0, 0), float)
    red, green, blue = np.rint(color + (0.5 if dark else 0.35) * (toward - color)).astype(int)
    return (int(red), int(green), int(blue))
