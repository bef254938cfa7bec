"""Starts the app of one visitor. The server gives what it needs to know as JSON, the only argument."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from deepnet_tui.browser.visit import guard, landlock
from deepnet_tui.common.confinement import confine

LARGEST_FILE = 200_000_000  # bytes
NICE = 5


def main(told: dict[str, Any]) -> int:
    """Confine this process to `folder`, and run the app in it on `source`."""
    folder, offered = Path(told["folder"]), [Path(path) for path in told["offered"]]
    _limit(told["memory"])
    confine(folder, offered)
    landlock.restrict(str(folder), guard.readable_places(offered))
    guard.install(offered)
    from deepnet_tui.app import DeepnetApp

    source, fresh = told["source"], bool(told["fresh"])
    if fresh and source.endswith(".toml"):
        from deepnet_tui.experiment import Experiment

        source = Experiment.read(source)
    app = DeepnetApp(source, target=told["target"], fresh=fresh)
    app.run()
    return app.return_code or 0


def _limit(memory: int | None) -> None:
    """Give way to other programs, and keep within `memory` bytes."""
    try:
        import resource
    except ImportError:  # Windows
        return
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    if memory is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
