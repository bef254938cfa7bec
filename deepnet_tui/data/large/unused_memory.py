"""Memory that a large table leaves behind: what is freed in small pieces stays with the process until asked for."""

from __future__ import annotations

import sys


def give_back() -> None:
    """Hand memory that is not used any more back to the system, where the C library and pyarrow can do so."""
    pyarrow = sys.modules.get("pyarrow")
    if pyarrow is not None:
        pyarrow.default_memory_pool().release_unused()
    if sys.platform == "linux":
        import ctypes

        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc
        if trim is not None:
            trim(0)
