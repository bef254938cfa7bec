"""Examples as small images."""

from __future__ import annotations

import numpy as np

from deepnet_tui.data.load import load
from deepnet_tui.drawing.thumbnails import image_of, pixels, scaled, thumbnail
from deepnet_tui.experiment import Experiment
from tests.deepnet_tui.evaluate.trained import trained


def test_a_picture_shows_the_examples_own_pixels() -> None:
    case, _ = trained("digits", 1)
    block = image_of(case.dataset)
    assert block is not None
    raw = case.dataset.table["image"]
    part = case.dataset.train
    image = pixels(block, part.X[:, 3])
    np.testing.assert_allclose(image[:, :, 0] * 16, raw[part.rows[3]])
    assert scaled(image, 20, 20).shape == (16, 16, 3)
    np.testing.assert_allclose(scaled(image, 4, 4)[0, 0, 0], image[:2, :2, 0].mean())
    assert len(thumbnail(scaled(image, 20, 20)).lines()) == 8
    assert thumbnail(image, plain=True).lines()[3][0].text != " " * 8
    assert image_of(load(Experiment.default("moons").data)) is None
