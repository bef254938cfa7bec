"""Copying, also over SSH: a configured command, tmux, the terminal itself (OSC 52), or else a file.

It is never said that something was copied where nobody can know: a terminal doesn't answer OSC 52.
"""

from __future__ import annotations

import base64
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deepnet_tui.common.text import counted
from deepnet_tui.terminal.environment import in_screen, in_tmux

MOST_BASE64 = 74_994  # characters; longer ones are dropped by some terminals without a word
SCREEN_CHUNK = 250  # characters in one string that GNU screen hands on; it takes 256
PATIENCE = 3.0  # seconds for a command
WITHOUT = ("linux",)  # values of TERM that know no clipboard

Write = Callable[[str], object]


class Clipboard:
    """Copies texts, and gives a sentence on what is known to have happened. Its commands take time: use a thread.

    `command` is a program with its arguments, which reads the text; `folder` is where files go.
    """

    def __init__(self, command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> None:
        self._command, self._folder, self._environ = tuple(command), folder, environ
        self._sent: str | None = None  # what the terminal was sent last

    def copy(self, text: str, write: Write | None) -> str:
        """Copy; `write` sends characters to the terminal, None where there is none."""
        what, failed = amount(text), ""
        if self._command:
            if (error := _fed(self._command, text)) is None:
                return f"Copied {what} with {self._command[0]}"
            failed = f"{self._command[0]} {error}; "
        return failed + self._otherwise(text, what, write)

    def _otherwise(self, text: str, what: str, write: Write | None) -> str:
        if in_tmux(self._environ):
            if _fed(("tmux", "load-buffer", "-w", "-"), text) is None:
                return f"{what} in tmux's buffer (its prefix and ] paste), and sent to the terminal"
            if _fed(("tmux", "load-buffer", "-"), text) is None:
                return f"{what} in tmux's buffer: its prefix and ] paste"
        sequence = osc52(text, in_screen(self._environ))
        if write is None or self._environ.get("TERM") in WITHOUT:
            return self._written(text, f"this terminal has no clipboard: {what}")
        if sequence is None:
            return self._written(text, f"too much for a terminal's clipboard: {what}")
        if text == self._sent:
            self._sent = None
            return self._written(text, what)
        self._sent = text
        write(sequence)
        return f"Sent {what} to the terminal; if nothing arrives, copy again for a file"

    def _written(self, text: str, what: str) -> str:
        path = self._folder / f"{time.strftime('%Y%m%d-%H%M%S')}.txt"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            return f"{what}, and {path} can't be written: {error.strerror}"
        return f"{what}, in {path}"


def amount(text: str) -> str:
    """How much a text is, in lines."""
    return counted(text.count("\n") + 1, "line")


def osc52(text: str, screen: bool = False) -> str | None:
    """What puts a text on the clipboard of a terminal that allows it, None for more than it would take.

    GNU `screen` hands it on in pieces.
    """
    content = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    if len(content) > MOST_BASE64:
        return None
    sequence = f"\x1b]52;c;{content}\x07"
    if not screen:
        return sequence
    pieces = [sequence[at : at + SCREEN_CHUNK] for at in range(0, len(sequence), SCREEN_CHUNK)]
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


def _fed(command: Sequence[str], text: str) -> str | None:
    """Hand a command the text. None if it took it, else what went wrong; its output could spoil the screen."""
    try:
        done = subprocess.run(  # noqa: S603  no shell: a list of words out of the user's own configuration
            command,
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"took longer than {PATIENCE:g} s"
    except (OSError, ValueError) as error:
        return f"can't be run ({getattr(error, 'strerror', None) or error})"
    return None if done.returncode == 0 else f"failed with exit code {done.returncode}"
