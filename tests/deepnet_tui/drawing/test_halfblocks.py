"""Every pixel of a half-block image is drawn in its colour."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.segment import Segment

from deepnet_tui.drawing.halfblocks import HalfBlockImage


def cells(line: list[Segment]) -> list[tuple[str, Any, Any]]:
    """Character, colour and ground of every cell."""
    return [
        (character, *((segment.style.color, segment.style.bgcolor) if segment.style else (None, None)))
        for segment in line
        for character in segment.text
    ]


@given(st.integers(1, 12), st.integers(1, 4), st.integers(0, 99), st.booleans())
@settings(max_examples=60, deadline=None)
def test_half_blocks_show_every_pixel_in_its_colour(width: int, height: int, seed: int, glyphs: bool) -> None:
    random = np.random.default_rng(seed)
    palette = random.integers(0, 256, (5, 3)).astype(np.uint8)
    places = random.integers(-1, 5, (2 * height, width))
    over: Any = {(int(random.integers(width)), 0): ("•", (1, 2, 3))} if glyphs else {}
    lines = HalfBlockImage(places, palette, over).lines()
    assert len(lines) == height
    for row, line in enumerate(lines):
        drawn = cells(line)
        assert len(drawn) == width
        for column, (character, front, back) in enumerate(drawn):
            if (column, row) in over:
                assert character == "•"
                assert tuple(front.triplet) == (1, 2, 3)
                continue
            pixels = {"▀": (front, back), "▄": (back, front), " ": (back, back)}[character]
            for pixel, place in zip(pixels, places[2 * row : 2 * row + 2, column], strict=True):
                expected = None if place < 0 else tuple(palette[place].tolist())
                assert (None if pixel is None else tuple(pixel.triplet)) == expected


def test_without_colour_there_are_shades() -> None:
    shades = np.array([0, 1, 2, 3])
    picture = HalfBlockImage(
        np.array([[0, 1, 2, 3, -1]] * 2), np.zeros((4, 3), np.uint8), {(1, 0): ("x", None)}, plain=shades
    )
    assert [segment.text for segment in picture.lines()[0]] == [" x▒▓ "]
