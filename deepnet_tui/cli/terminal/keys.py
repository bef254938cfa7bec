"""`keys`: what this terminal sends for a key, what the app calls it, and which command has it."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from deepnet_tui import config
from deepnet_tui.commands.command import Command
from deepnet_tui.commands.rebinding import rebound
from deepnet_tui.common.errors import InputError

LEAVE = "ctrl+c"
ESCAPE_AFTER = 0.12  # seconds after which an escape that nothing follows is a key of its own
ON, OFF = "\x1b[?2004h\x1b[>25u", "\x1b[<u\x1b[?2004l"  # as the app asks: bracketed pastes, and kitty's names of keys
MOST_RAW, NAME_WIDTH = 22, 18


def keys() -> int:
    """Show what your terminal sends: press keys, and read what the app makes of them.

    Each line has what the terminal sent, the name of the key, as config.toml has it, and the command that has the key.
    Where nothing appears, a program around the app (an editor, tmux, screen) has taken the key. Ctrl+C leaves.

    \b
    Example:  deepnet-tui keys
    """
    if os.name == "nt" or not (sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError("keys needs a terminal whose keys it can show; docs/keys.md lists them all")
    commands = rebound(config.read().keys)
    head = f"{'sent':<{MOST_RAW}}  {'key':<{NAME_WIDTH}}  command"
    with _raw(sys.stdin.fileno()):
        print(f"Press any key to see what the terminal sends; {LEAVE} leaves.\r\n\r\n{head}", end="\r\n", flush=True)
        for raw, names in _pressed(sys.stdin.fileno()):
            for name in names:
                print(line(raw, name, commands), end="\r\n", flush=True)
                if name == LEAVE:
                    return 0
    return 0


def line(raw: str, name: str, commands: Iterable[Command]) -> str:
    """What is printed for a key."""
    sent = repr(raw)[1:-1]
    sent = sent if len(sent) <= MOST_RAW else sent[: MOST_RAW - 3] + "..."
    return f"{sent:<{MOST_RAW}}  {name:<{NAME_WIDTH}}  {meaning(name, commands)}"


def meaning(name: str, commands: Iterable[Command]) -> str:
    """The commands that a key has, by the place where it has them; at most three of them."""
    if name == "escape":
        return "back, out of whatever is open"
    if name == LEAVE:
        return "leaves here"
    if name == "paste":
        return "a paste, which runs no keys"
    found = [command for command in commands if name in command.keys.split(",")]
    if not found:
        return "none"
    said = [each.id + ("" if each.scope == "main" else f" ({each.group[0].lower()}{each.group[1:]})") for each in found]
    more = f" and {len(said) - 3} more" if len(said) > 3 else ""
    return ", ".join(said[:3]) + more


@contextmanager
def _raw(terminal: int) -> Iterator[None]:
    """A terminal that hands over every key as it is, and is put back afterwards, whatever happens."""
    import termios
    import tty

    before = termios.tcgetattr(terminal)
    try:
        tty.setraw(terminal, termios.TCSANOW)
        os.write(sys.stdout.fileno(), ON.encode("ascii"))
        yield
    finally:
        os.write(sys.stdout.fileno(), OFF.encode("ascii"))
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _pressed(terminal: int) -> Iterator[tuple[str, list[str]]]:
    """What arrives, and the names of the keys in it, until the terminal is gone."""
    from codecs import getincrementaldecoder

    decode = getincrementaldecoder("utf-8")("replace").decode
    reader = KeyReader()
    waiting = ""
    while True:
        ready, _, _ = select.select([terminal], [], [], ESCAPE_AFTER if waiting else None)
        if ready:
            data = os.read(terminal, 4096)
            if not data:
                return
            text = decode(data)
            waiting += text
            names = reader.feed(text)
        else:
            names = reader.rest()
        if names or not ready:
            yield waiting, names
            waiting = ""


class KeyReader:
    """Textual's own parser, so that the names are those that the app sees (private; checked with Textual 8.2.8)."""

    def __init__(self) -> None:
        from textual._xterm_parser import XTermParser

        self._parser = XTermParser()

    def feed(self, text: str) -> list[str]:
        """The keys that are complete now."""
        return self._names(self._parser.feed(text))

    def rest(self) -> list[str]:
        """The keys that are complete because nothing more has come."""
        return self._names(self._parser.tick())

    @staticmethod
    def _names(messages: Iterable[object]) -> list[str]:
        from textual import events

        names = []
        for message in messages:
            if isinstance(message, events.Key):
                names.append(message.key)
            elif isinstance(message, events.Paste):
                names.append("paste")
        return names
