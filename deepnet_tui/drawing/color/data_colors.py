"""The one palette of data: classes, curves, the two sides of a boundary, in the terminal, in reports and notebooks.

Ten colours on dark and ten on light backgrounds, the same hue in the same place where there is one. Each can be seen on
its background, and any two differ for every kind of colour vision, by more than 20 in CIELAB (tests/.../test_series.py
measures it). The first two are calm, as most pictures need no more: blue for what is trained, positive or the second of
two classes, orange for its counterpart.
"""

from __future__ import annotations

RGB = tuple[int, int, int]

ON_DARK: tuple[RGB, ...] = (
    (110, 168, 228),
    (240, 170, 80),
    (161, 199, 137),
    (233, 38, 171),
    (49, 245, 255),
    (238, 223, 28),
    (138, 110, 255),
    (197, 103, 54),
    (239, 250, 212),
    (140, 128, 113),
)
ON_LIGHT: tuple[RGB, ...] = (
    (0, 96, 172),
    (190, 96, 0),
    (126, 145, 84),
    (189, 100, 161),
    (61, 34, 176),
    (75, 55, 38),
    (153, 110, 249),
    (157, 30, 3),
    (123, 11, 88),
    (161, 125, 122),
)
ON_TERMINAL = (6, 3, 2, 5, 4, 1, 7, 8)  # numbers of terminal colours, for themes that use those
BLUE, ORANGE, GREEN = 0, 1, 2  # places in the lists


def data_colors(*, dark: bool) -> tuple[RGB, ...]:
    """The palette for such a background."""
    return ON_DARK if dark else ON_LIGHT


def mixed(one: RGB, other: RGB, share: float) -> RGB:
    """`one` with this share of `other`."""
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(one, other, strict=True))
    return red, green, blue


def hex_color(color: RGB) -> str:
    """As it is written in CSS and SVG."""
    return "#{:02x}{:02x}{:02x}".format(*color)
