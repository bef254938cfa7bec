"""Which terminal this is, as far as the environment tells it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from deepnet_tui.common.errors import InputError

DUMB = ("dumb", "unknown", "emacs")


def check_terminal(instead: str, environ: Mapping[str, str] | None = None) -> None:
    """Raises InputError, with what works `instead`, where the app can't be drawn: no terminal, or one that is dumb."""
    environ = os.environ if environ is None else environ
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.__stderr__ is not None and sys.__stderr__.isatty()):
        raise InputError(f"the app needs a terminal{instead}")
    if os.name == "nt":
        return
    name = environ.get("TERM", "")
    if not name:
        raise InputError(f"TERM is not set, so nothing is known of this terminal; set it, to xterm say{instead}")
    if name in DUMB:
        raise InputError(f"TERM is {name}: such a terminal can't move its cursor, which the app needs{instead}")


def in_tmux(environ: Mapping[str, str]) -> bool:
    """Whether tmux lies between the app and the terminal."""
    return bool(environ.get("TMUX"))


def in_screen(environ: Mapping[str, str]) -> bool:
    """Whether GNU screen lies between the app and the terminal."""
    return bool(environ.get("STY")) and not in_tmux(environ)


def in_vs_code(environ: Mapping[str, str]) -> bool:
    """Whether this is the terminal of VS Code, which keeps ctrl+p and ctrl+q to itself."""
    return environ.get("TERM_PROGRAM") == "vscode"


def over_ssh(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is on another machine."""
    return any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
