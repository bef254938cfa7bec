"""A raster of colours as a PNG file, without a library for pictures."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from deepnet_tui.drawing.palettes import Bytes

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(pixels: Bytes) -> bytes:
    """The file for pixels (rows, columns, 3) of red, green and blue."""
    rows, columns, _ = pixels.shape
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    lines = np.concatenate([np.zeros((rows, 1), np.uint8), pixels.reshape(rows, -1).astype(np.uint8)], axis=1)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
