"""The process that reads damaged files: bounded memory, and every outcome on a line of its own.

`python -m tests.fuzz.child READER[,READER...] SEED FIRST COUNT` writes the number of each file before it reads it, so
that whoever started the process knows which file ended it. A reader that takes ten times as long gets a tenth of them.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import resource
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.fuzz.readers import READERS, Reader

MEMORY = 3 * 2**30  # bytes of address space, libraries included
MOST_MEMORY = 600_000  # KiB by which one file may raise the highest use of memory
MOST_SECONDS = 2.0


def main(names: str, seed: int, first: int, count: int) -> None:
    """Read `count` damaged files with each of the readers, beginning with number `first`."""
    answers = os.fdopen(os.dup(1), "w")
    with open(os.devnull, "w") as nothing:  # noqa: PTH123  what readers print is of no interest
        os.dup2(nothing.fileno(), 1)
    faulthandler.enable()
    several = names.split(",")
    for name in several:
        reader = READERS[name]
        wanted = count // 10 if reader.slow and len(several) > 1 else count
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            good = reader.good()
            for content in good:  # what is imported late is imported now, so that its time and memory do not count
                reader.check(reader.written(folder, content))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.RLIM_INFINITY))
            for number in range(first, first + wanted):
                print(json.dumps({"reader": name, "number": number}), file=answers, flush=True)
                said = outcome(reader, folder, reader.damaged(good, f"{seed} {name} {number}"))
                print(json.dumps(said), file=answers, flush=True)


def outcome(reader: Reader, folder: Path, content: bytes) -> dict[str, object]:
    """What became of one file: read, refused, or a finding that says where."""
    path = reader.written(folder, content)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        with contextlib.redirect_stderr(None), contextlib.redirect_stdout(None):
            reader.check(path)
        found = "read"
    except reader.errors as error:
        found = "refused"
        if not str(error).strip() or not str(error).isprintable() or len(str(error)) > 3000:
            return {"finding": "sentence", "where": f"{str(error)[:300]!r} ({len(str(error))} letters)"}
    except BaseException as error:  # whatever it is, it is a finding
        frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        ours = next((frame for frame in reversed(frames) if "/deepnet_tui/" in frame or "/engine/" in frame), "")
        return {"finding": type(error).__name__, "where": ours, "last": frames[-1], "said": str(error)[:200]}
    seconds = time.process_time() - began
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if seconds > MOST_SECONDS:
        return {"finding": "slow", "where": f"{seconds:.1f} s ({found})"}
    if grown > MOST_MEMORY:
        return {"finding": "memory", "where": f"{grown // 1024} MiB ({found})"}
    return {"outcome": found}


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
