"""How long until something is there: `python -m benchmarks.startup`.

Two pairs, each run in turn so that both meet the same machine: the app against an empty Textual app, from the start
of the process to the first screen painted in a terminal of 120x36; and `--help` against an empty typer app. The
median of the ratios must not exceed 2.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path

ALLOWED = 2.0
ROUNDS = 15
ROWS, COLUMNS = 36, 120
QUIET = 0.4  # seconds without output after which the first screen counts as complete
LONGEST = 30.0

EMPTY_APP = """
from textual.app import App
class Empty(App):
    def compose(self):
        from textual.widgets import Static
        yield Static("ready")
Empty().run()
"""
EMPTY_TYPER = """
import typer
app = typer.Typer()
@app.command()
def main() -> None:
    "An empty command."
app()
"""


def first_screen(command: list[str], mark: bytes) -> float:
    """Seconds from the start of `command` in a terminal until it has written `mark`."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        os.execv(command[0], command)  # noqa: S606  the commands are written above
    began = time.perf_counter()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    shown = b""
    found = None
    try:
        while found is None:
            if time.perf_counter() - began > LONGEST:
                raise SystemExit(f"{' '.join(command)} showed no {mark!r} within {LONGEST:g} s")
            if select.select([terminal], [], [], QUIET)[0]:
                shown += os.read(terminal, 65536)
                if mark in shown:
                    found = time.perf_counter() - began
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)
    return found


def whole(command: list[str]) -> float:
    """Seconds that `command` takes from start to end."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  the command is this repository's own
    return time.perf_counter() - began


def compare(name: str, ours: Callable[[], float], empty: Callable[[], float], rounds: int) -> float:
    """Print the medians of both and the median of the ratios, and return that."""
    for once in (ours, empty):  # byte code and disk cache
        once()
    pairs = [(ours(), empty()) for _ in range(rounds)]
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    mine, theirs = (statistics.median(column) * 1e3 for column in zip(*pairs, strict=True))
    print(f"{name:24} {mine:7.0f} ms   empty {theirs:7.0f} ms   ratio {ratio:.2f}   allowed {ALLOWED:.2f}")
    return ratio


def main(rounds: int = ROUNDS) -> int:
    """Measure both pairs; 0 if they are within what is allowed."""
    program = str(Path(sys.executable).with_name("deepnet-tui"))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DEEPNET_TUI_HOME"] = folder
        app, command = Path(folder, "empty_app.py"), Path(folder, "empty_typer.py")
        app.write_text(EMPTY_APP)
        command.write_text(EMPTY_TYPER)
        ratios = [
            compare(
                "first painted screen",
                lambda: first_screen([program], b"Architecture"),
                lambda: first_screen([sys.executable, str(app)], b"ready"),
                rounds,
            ),
            compare(
                "--help",
                lambda: whole([program, "--help"]),
                lambda: whole([sys.executable, str(command), "--help"]),
                rounds,
            ),
        ]
    return int(max(ratios) > ALLOWED)


if __name__ == "__main__":
    sys.exit(main())
