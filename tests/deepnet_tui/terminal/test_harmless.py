"""Data that would steer a terminal do so nowhere."""

from __future__ import annotations

import io

from deepnet_tui.terminal.harmless import harmless

ROW = "pos\x1b[2J\x9b5m,0.5\té\r\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_not_steered_and_a_file_gets_all() -> None:
    terminal, file = Terminal(newline=""), io.StringIO(newline="")
    for stream in (terminal, file):
        harmless(stream).write(ROW)
        harmless(stream).flush()
    assert terminal.getvalue() == "pos\\x1b[2J\\x9b5m,0.5\té\r\n"
    assert file.getvalue() == ROW
