"""What looking at the boundary costs: `python -m benchmarks.boundary`.

The app runs in a (pseudo) terminal of 120 x 36, trains, and shows the view Parameters or the view Boundary in turn,
so that drawing is paid for in full. Printed are iterations a second; what the boundary keeps of the speed without it,
and of the engine's own; and the boundary's frames a second.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from pathlib import Path
from typing import Any

SETTLE, MEASURE, ROUNDS = 1.5, 3.0, 3
SOURCES = ("moons", "spiral", "breast_cancer", "digits")


def engine_speed(source: str) -> float:
    """Iterations a second of the engine by itself."""
    from deepnet_tui.data.load import load

    experiment = endless(source)
    trainer = experiment.trainer(load(experiment.data))
    trainer.report()
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < MEASURE / 2:
        trainer.advance(200)
        count += 200
    return count / (time.perf_counter() - began)


def endless(source: str) -> Any:
    """The default experiment without an end."""
    from deepnet_tui.experiment import Experiment

    return Experiment.default(source).replace("training", iterations=10**9)


def child(source: str, view: str, result: str) -> None:
    """In the terminal: run the app, measure, write {"speed", "frames"} to `result`."""
    from deepnet_tui.app import DeepnetApp
    from deepnet_tui.widgets.views.boundary.view import Boundary

    app = DeepnetApp(endless(source))

    def frames() -> int:
        return sum(pane.frames for pane in app.main.query(Boundary))

    def begin() -> None:
        if not (app.workbench.ready and app.workbench.snapshot):
            app.set_timer(0.1, begin)
            return
        app.main.run_worker(app.main.show_view(view))
        app.workbench.start()
        app.set_timer(SETTLE, measure)

    def measure() -> None:
        start = (app.workbench.training_run.pulse, frames())

        def end() -> None:
            (first, began), drawn = start
            last, now = app.workbench.training_run.pulse
            numbers = {"speed": (last - first) / (now - began), "frames": (frames() - drawn) / (now - began)}
            Path(result).write_text(json.dumps(numbers))
            app.workbench.pause()
            app.exit()

        app.set_timer(MEASURE, end)

    app.call_later(begin)
    app.run()


def in_terminal(source: str, view: str) -> dict[str, float]:
    """Run `child` in a pseudo terminal whose output is read and thrown away."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [sys.executable, "-m", "benchmarks.boundary", source, view, str(result)]
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        process = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, env=environment)  # noqa: S603  the command is this repository's own
        os.close(follower)

        def drain() -> None:
            try:
                while os.read(leader, 65536):
                    pass
            except OSError:
                pass

        threading.Thread(target=drain, daemon=True).start()
        process.wait(timeout=120)
        numbers: dict[str, float] = json.loads(result.read_text())
        return numbers


def main() -> None:
    """The table."""
    print(
        f"{'data':<14}{'engine it/s':>12}{'Parameters':>12}{'Boundary':>12}{'kept':>8}{'of engine':>12}{'frames/s':>10}"
    )
    for source in SOURCES:
        alone = engine_speed(source)
        plain, looked = [], []
        for _ in range(ROUNDS):
            plain.append(in_terminal(source, "parameters")["speed"])
            looked.append(in_terminal(source, "boundary"))
        without = statistics.median(plain)
        speed = statistics.median(numbers["speed"] for numbers in looked)
        frames = statistics.median(numbers["frames"] for numbers in looked)
        speeds = f"{alone:>12,.0f}{without:>12,.0f}{speed:>12,.0f}"
        print(f"{source:<14}{speeds}{speed / without:>8.0%}{speed / alone:>12.0%}{frames:>10.1f}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        child(*sys.argv[1:])
    else:
        main()
