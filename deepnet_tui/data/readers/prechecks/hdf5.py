"""What is looked at in an HDF5 file before the HDF5 library opens it: heaps of words over which it would never end."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

from deepnet_tui.common.errors import InputError

SIGNATURE = b"GCOL"  # of a heap that words of different length are kept in
HEAD = 16  # bytes before the first word of a heap, and before each word
MOST_BYTES = 2**30  # that are searched for heaps; they stand near the beginning


def check_heaps(path: Path) -> None:
    """Raise InputError for a heap, one word of which says that the next one begins where it begins itself.

    The library goes from word to word by these lengths, and would do so for ever, where nothing can stop it.
    """
    if not path.stat().st_size:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        most = min(len(content), MOST_BYTES)
        at = content.find(SIGNATURE, 0, most)
        while at >= 0:
            if _is_endless(content, at):
                raise InputError(f"{path} can't be read as HDF5: the heap of words at byte {at:,} is damaged", "source")
            at = content.find(SIGNATURE, at + len(SIGNATURE), most)


def _is_endless(content: mmap.mmap, at: int) -> bool:
    if at + HEAD > len(content):
        return False
    (size,) = struct.unpack_from("<Q", content, at + 8)
    place, end = at + HEAD, min(at + size, len(content))
    while place + HEAD <= end:
        number, _, _, length = struct.unpack_from("<HHIQ", content, place)
        step = (length if number == 0 else HEAD + (length + 7) // 8 * 8) % 2**64
        if step == 0:
            return True
        place += step
    return False
