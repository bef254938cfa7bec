"""Copying: the chain, its limits, and that nobody says more than is known."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import pytest

from deepnet_tui.terminal import clipboard as module
from deepnet_tui.terminal.clipboard import MOST_BASE64, SCREEN_CHUNK, Clipboard, osc52

TEXT = "iteration\tcost\n0\t0.7\n"


def script(folder: Path, body: str) -> str:
    path = folder / "program.py"
    path.write_text(body)
    return str(path)


def test_a_configured_command_gets_the_text_and_no_shell_sees_it(tmp_path: Path) -> None:
    program = script(tmp_path, "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read()); print('noise')")
    target = tmp_path / "it's; $(rm) copied"
    sent: list[str] = []
    board = Clipboard([sys.executable, program, str(target)], tmp_path, {"TMUX": "x"})
    assert board.copy(TEXT, sent.append).startswith("Copied 3 lines with ")
    assert target.read_text() == TEXT
    assert not sent


def test_a_command_that_fails_is_named_and_the_chain_goes_on(tmp_path: Path) -> None:
    sent: list[str] = []
    failing = script(tmp_path, "raise SystemExit(3)")
    said = Clipboard([sys.executable, failing], tmp_path, {}).copy(TEXT, sent.append)
    assert "failed with exit code 3; Sent 3 lines to the terminal" in said
    assert "can't be run" in Clipboard(["no-such-program"], tmp_path, {}).copy(TEXT, sent.append)
    assert len(sent) == 2


def test_a_command_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.3)
    hanging = script(tmp_path, "import time; time.sleep(60)")
    sent: list[str] = []
    assert "took longer than 0.3 s" in Clipboard([sys.executable, hanging], tmp_path, {}).copy(TEXT, sent.append)
    assert sent


def test_nothing_is_said_to_be_copied_that_only_a_terminal_knows(tmp_path: Path) -> None:
    sent: list[str] = []
    said = Clipboard([], tmp_path, {"TERM": "xterm-256color"}).copy(TEXT, sent.append)
    assert "copied" not in said.lower()
    assert "Sent 3 lines to the terminal" in said
    assert sent == ["\x1b]52;c;" + base64.b64encode(TEXT.encode()).decode() + "\x07"]


def test_a_second_copy_of_the_same_text_is_a_file(tmp_path: Path) -> None:
    board = Clipboard([], tmp_path / "copied", {})
    board.copy(TEXT, lambda _: None)
    said = board.copy(TEXT, lambda _: None)
    (path,) = (tmp_path / "copied").iterdir()
    assert said == f"3 lines, in {path}"
    assert path.read_text() == TEXT + "\n"


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [("x" * MOST_BASE64, {}, "too much for a terminal's clipboard"), (TEXT, {"TERM": "linux"}, "has no clipboard")],
)
def test_what_no_terminal_takes_is_a_file(text: str, environ: dict[str, str], said: str, tmp_path: Path) -> None:
    sent: list[str] = []
    assert said in Clipboard([], tmp_path, environ).copy(text, sent.append)
    assert not sent
    assert [path.read_text() for path in tmp_path.iterdir()] == [text + "\n"]


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "can't be written" in Clipboard([], tmp_path / "file", {}).copy(TEXT, None)


def test_gnu_screen_hands_on_pieces_that_it_takes() -> None:
    sequence = osc52("word " * 500, screen=True)
    assert sequence is not None
    pieces = [piece.removeprefix("\x1bP") for piece in sequence.split("\x1b\\") if piece]
    assert max(map(len, pieces)) <= SCREEN_CHUNK
    assert "".join(pieces) == osc52("word " * 500)
