"""`python -m engine.compiled.native TYPE FOLDER NICENESS` compiles the kernel into a cache, at that priority."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from engine.compiled.native.compiler import done_file
from engine.compiled.native.kernel.iterations import load


def main(dtype: str, folder: Path, niceness: int) -> None:
    """Compile, and say that it is done, even if nobody waits for it any more."""
    if hasattr(os, "nice"):
        os.nice(niceness)
    load(dtype, folder)
    done = done_file(dtype, folder)
    done.touch()
    done.with_suffix(".lock").unlink(missing_ok=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
