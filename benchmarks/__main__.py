"""`python -m benchmarks` times the six workloads, or does the part that its first word names."""

from __future__ import annotations

import sys

from benchmarks import compare, latest, memory, quality, race, scaling, startup
from benchmarks.app import command as app
from benchmarks.limits import command as limits
from benchmarks.scale import command as scale
from benchmarks.tables import command as tables

PARTS = {
    "app": app.main,
    "scaling": scaling.main,
    "latest": latest.main,
    "limits": limits.main,
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
