"""Examples whose features are the pixels of an image, as small images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deepnet_tui.data.preparation.entries import Block
from deepnet_tui.drawing.halfblocks import HalfBlockImage
from engine.arrays import Array

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset

SMALLEST = 4  # pixels along an edge, below which nothing can be recognised
GREYS = 4  # shades without colour


def image_of(dataset: Dataset) -> Block | None:
    """The block of pixels (height, width) or (height, width, 1 to 4) that the features are, None if they aren't."""
    entries = dataset.preparation.entries
    block = entries[0] if len(entries) == 1 else None
    if not isinstance(block, Block) or len(block.shape) not in (2, 3) or min(block.shape[:2]) < SMALLEST:
        return None
    return block if len(block.shape) == 2 or block.shape[2] <= 4 else None


def pixels(block: Block, x: Array) -> Array:
    """The inputs x (n0,) of one example as (height, width, 3), each from 0 to 1."""
    values = np.asarray(x, dtype=np.float64).reshape(block.shape)
    low, high = float(values.min()), float(values.max())
    if low < 0.0 or high > 1.0:
        values = (values - low) / (high - low if high > low else 1.0)
    values = values[..., np.newaxis] if values.ndim == 2 else values
    color = values[..., :3] if values.shape[2] >= 3 else np.repeat(values[..., :1], 3, axis=2)
    return np.asarray(color)


def scaled(image: Array, width: int, height: int) -> Array:
    """The image (h, w, 3) as large as it fits into width x height pixels: repeated, or averaged where it shrinks."""
    tall, wide = image.shape[:2]
    scale = min(width / wide, height / tall)
    if scale >= 1:
        times = int(scale)
        return image.repeat(times, axis=0).repeat(times, axis=1)
    return _averaged(_averaged(image, max(1, int(tall * scale)), 0), max(1, int(wide * scale)), 1)


def _averaged(image: Array, size: int, axis: int) -> Array:
    return np.stack([part.mean(axis=axis) for part in np.array_split(image, size, axis=axis)], axis=axis)


def thumbnail(image: Array, plain: bool = False) -> HalfBlockImage:
    """The image (h, w, 3) in half blocks, or in shades where there is no colour."""
    tall, wide = image.shape[:2]
    if tall % 2:
        image = np.concatenate([image, image[-1:]])
    coarse = np.rint(image * 63).astype(np.uint8).reshape(-1, 3)  # so that neighbours often share a style
    palette, places = np.unique(coarse, axis=0, return_inverse=True)
    shades = np.minimum((palette.mean(axis=1) / 64 * GREYS).astype(int), GREYS - 1) if plain else None
    shown = np.rint(palette.astype(np.float64) * 255 / 63).astype(np.uint8)
    return HalfBlockImage(places.reshape(-1, wide), shown, plain=shades)
