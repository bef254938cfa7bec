"""The console script in a real terminal: start, train, quit, and the terminal is clean."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PATIENCE = 60.0
TMUX = shutil.which("tmux")
SCRIPT = Path(sys.executable).with_name("deepnet-tui")

pytestmark = [
    pytest.mark.skipif(TMUX is None, reason="tmux is not installed"),
    pytest.mark.skipif(not SCRIPT.exists(), reason="the console script is not installed"),
]


class Terminal:
    """A terminal of 80 x 24 with a shell in it."""

    def __init__(self, folder: Path, home: Path) -> None:
        self._socket = folder / "tmux"
        self._run("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "-s", "test", "sh")
        self._run("set-option", "-g", "status", "off")
        self.type(f"export DEEPNET_TUI_HOME='{home}' PS1='$ '; cd '{folder}'; stty -a | tail -1; clear")

    def _run(self, *words: str) -> str:
        command = [str(TMUX), "-S", str(self._socket), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def type(self, line: str) -> None:
        """A line with Enter."""
        self._run("send-keys", "-l", line)
        self._run("send-keys", "Enter")

    def paste(self, text: str) -> None:
        """A paste, in brackets if the program has asked for them."""
        self._run("set-buffer", text)
        self._run("paste-buffer", "-p")

    def press(self, *keys: str) -> None:
        """Keys by tmux's names."""
        self._run("send-keys", *keys)

    def text(self) -> str:
        """What can be read."""
        return self._run("capture-pane", "-p")

    def asks(self, what: str) -> str:
        """One of tmux's own variables about the pane."""
        return self._run("display-message", "-p", f"#{{{what}}}").strip()

    def until(self, condition: Callable[[str], bool], what: str) -> str:
        """Wait for something to be read."""
        end = time.monotonic() + PATIENCE
        while not condition(text := self.text()):
            if time.monotonic() > end:
                pytest.fail(f"waited in vain for {what}:\n{text}")
            time.sleep(0.02)  # between two looks at another process
        return text

    def close(self) -> None:
        """End the terminal and what runs in it."""
        subprocess.run([str(TMUX), "-S", str(self._socket), "kill-server"], capture_output=True, check=False)


@pytest.fixture
def terminal(tmp_path: Path, home: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path, home)
    yield terminal
    terminal.close()


def test_starts_trains_and_leaves_the_terminal_clean(terminal: Terminal, tmp_path: Path) -> None:
    terminal.until(lambda text: text.strip() == "$", "the shell")
    terminal.type(f"{SCRIPT} moons; echo ended with $?")
    terminal.until(lambda text: "○ ready" in text, "the app with its data")
    assert terminal.asks("alternate_on") == "1"
    terminal.press("Space")
    terminal.until(lambda text: "finished" in text, "the end of the training")
    text = terminal.until(lambda text: "train with penalty 0." in text and "W1" in text, "the cost and the parameters")
    assert max(map(len, text.splitlines())) <= 80
    terminal.press("e")
    terminal.until(lambda text: "moons.npz" in text, "the export dialog")
    terminal.press("Enter")
    terminal.until(lambda text: "Enter saves here" in text, "the field")
    terminal.press("Enter")
    terminal.until(lambda text: "verified" in text, "the saved file")
    assert (tmp_path / "moons.npz").is_file()
    terminal.press("C-q")
    text = terminal.until(lambda text: "ended with 0" in text, "the end")
    assert "deepnet  moons" not in text, "the app's screen is still there"
    assert terminal.asks("alternate_on") == "0"
    assert terminal.asks("cursor_flag") == "1"
    assert terminal.asks("mouse_any_flag") == "0"
    terminal.type("echo typed")
    terminal.until(lambda text: "\ntyped" in text, "an echo")


def test_quitting_while_training_asks_and_leaves_no_process(terminal: Terminal, tmp_path: Path) -> None:
    terminal.until(lambda text: text.strip() == "$", "the shell")
    experiment = tmp_path / "long.toml"
    experiment.write_text('[data]\nsource = "moons"\n[training]\niterations = 1000000000\n')
    terminal.type(f"{SCRIPT} {experiment}; echo ended with $?")
    terminal.until(lambda text: "○ ready" in text, "the app with its data")
    terminal.press("Space")
    terminal.until(lambda text: "● training" in text, "the training")
    terminal.press("C-q")
    terminal.until(lambda text: "Stop the training and quit?" in text, "the question")
    terminal.press("y")
    terminal.until(lambda text: "ended with 0" in text, "the end")
    pid = int(terminal.asks("pane_pid"))
    children = subprocess.run(["ps", "-o", "comm=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    assert "deepnet-tui" not in children.stdout
    assert os.path.exists(tmp_path / "home" / "runs")  # noqa: PTH110  what was trained is kept


def test_suspending_pasting_and_plain_characters(terminal: Terminal, tmp_path: Path) -> None:
    terminal.until(lambda text: text.strip() == "$", "the shell")
    experiment = tmp_path / "long.toml"
    experiment.write_text('[data]\nsource = "moons"\n[training]\niterations = 1000000000\n')
    terminal.type(f"LANG=C sh -c '{SCRIPT} {experiment}; echo ended with $?'")  # a script that starts it
    text = terminal.until(lambda text: "o ready" in text, "the app with its data")
    assert text.isascii()
    terminal.press("Space")
    terminal.until(lambda text: "* training" in text and "|:" in text, "the training and its curve")
    terminal.paste("d e x Q\na q\x1b[A")
    text = terminal.until(lambda text: "runs no keys" in text, "what a paste does")
    assert "* training" in text
    terminal.press("C-z")
    terminal.until(lambda _: terminal.asks("alternate_on") == "0", "the shell")
    terminal.until(lambda text: "Stopped" in text, "the script has stopped, too")
    assert terminal.asks("mouse_any_flag") == "0"
    assert terminal.asks("cursor_flag") == "1"
    terminal.type("fg")
    text = terminal.until(lambda text: "the training goes on" in text and "* training" in text, "the app again")
    assert text.isascii()
    terminal.press("C-q")
    terminal.until(lambda text: "Stop the training and quit?" in text, "the question")
    terminal.press("y")
    terminal.until(lambda text: "ended with" in text, "the end")
    assert terminal.asks("mouse_any_flag") == "0"
    terminal.type(f"clear; TERM=dumb {SCRIPT}; env -u TERM {SCRIPT}; echo that was all")
    text = terminal.until(lambda text: "\nthat was all" in text, "two refusals")
    assert "TERM is dumb" in text
    assert "TERM is not set" in text
