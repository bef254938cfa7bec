"""Colours can be told apart, by colour-blind eyes too."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from deepnet_tui.drawing import palettes


def luminance(color: Any) -> float:
    return float(np.array(color, float) @ [0.2126, 0.7152, 0.0722])


def seen(color: Any, missing: str) -> Any:
    """What a dichromat sees, by the simulation of Viénot, Brettel and Mollon (1999)."""
    linear = (np.array(color, float) / 255) ** 2.2
    lms = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
    reduce = {
        "red": np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]]),
        "green": np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]]),
    }[missing]
    back = np.linalg.inv(lms) @ reduce @ lms @ linear
    return 255 * np.clip(back, 0, 1) ** (1 / 2.2)


@pytest.mark.parametrize("missing", ["red", "green"])
@pytest.mark.parametrize("dark", [True, False])
def test_the_two_sides_differ_for_colour_blind_eyes(dark: bool, missing: str) -> None:
    ramp = palettes.diverging(dark)
    one, other = seen(ramp[0], missing), seen(ramp[-1], missing)
    assert np.linalg.norm(one - other) > 100
    for label, side in ((0, ramp[0]), (1, ramp[-1])):
        ink = palettes.ink("binary", label, dark)
        assert abs(luminance(ink) - luminance(side)) > 60, "an example must be seen on its own side"


def test_the_ramp_of_numbers_grows_lighter() -> None:
    light = [luminance(color) for color in palettes.rising()]
    assert all(after > before for before, after in itertools.pairwise(light))
