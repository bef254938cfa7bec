"""What colours the terminal has, as far as it says so."""

from __future__ import annotations

from collections.abc import Mapping

PLAIN_TERMINALS = ("vt52", "vt100", "vt102", "vt220", "vt320")
PLAIN_ENDINGS = ("-m", "-mono", "-vt100")


def has_no_color(environ: Mapping[str, str]) -> bool:
    """Whether the terminal shows no colours, or none are wanted (NO_COLOR)."""
    if environ.get("NO_COLOR"):
        return True
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return False
    term = environ.get("TERM", "")
    return term in PLAIN_TERMINALS or term.endswith(PLAIN_ENDINGS) or _known_colors(term) in range(8)


def _known_colors(term: str) -> int | None:
    """How many colours the system's list of terminals gives it; None where it is not listed, or there is no list."""
    try:
        import curses

        curses.setupterm(term or None)
        return max(0, curses.tigetnum("colors"))
    except Exception:  # no curses, no such terminal, no standard output: nothing is known
        return None
