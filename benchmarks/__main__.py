"""`python -m benchmarks` times the six workloads, or does the part that its first word names."""

from __future__ import annotations

import sys

from benchmarks import compare, memory, quality, race, scaling, startup
from benchmarks.scale import command as scale
from benchmarks.tables import command as tables

PARTS = {
    "scaling": scaling.main,
    "memory": memory.main,
    "quality": quality.main,
    "race": race.main,
    "startup": startup.main,
    "scale": scale.main,
    "tables": tables.main,
}


def main() -> None:
    arguments = sys.argv[1:]
    if arguments and arguments[0] in PARTS:
        PARTS[arguments[0]](arguments[1:])
    else:
        compare.main(arguments)


if __name__ == "__main__":
    main()
