"""Plain characters in place of drawn ones, where a terminal has none: the one table for the app and the command line.

The command line writes through an error handler of Python's codecs: what ASCII can't hold is looked up here. The app
changes every line that it draws (`drawing/filters/plain.py`).
"""

from __future__ import annotations

import codecs
import io
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

VARIABLE = "DEEPNET_TUI_CHARACTERS"  # plain or unicode: what somebody knows better than this module
WITHOUT_DRAWING = ("linux", "vt52", "vt100", "vt102", "vt220", "ansi", "cons25", "sun")  # values of TERM
ASCII_LOCALES = ("C", "POSIX")
COERCED = ("C.UTF-8", "C.utf8", "UTF-8")  # what Python puts into LC_CTYPE where the locale is C

HANDLER, ESCAPING_HANDLER = "deepnet-signs", "deepnet-ascii"

SIGNS = dict(
    zip(
        "▁▂▃▄▅▆▇█▀░▒▓▏▎▍▌▋▊▉▐▔▕▖▗▘▝▚▞▙▛▜▟←↑→↓▸▾▴◂▼▲△■□●○◉◎◆◇★✓✗…·•−–‖‹›×±²∞√≤≥ΣαβελᵀΔ∂ł¥°“”‘’▪▫▵◃▹ ",
        "_.:-=+*#\",%&||||||||~|..'':/####<^>v>v^<vA^#=*ob@Xx*+x~.*--=<>x~2~V<>SabelTDdlY'\"\"''=o^<> ",
        strict=True,
    )
)
LONGER = {"…": "...", "±": "+-", "∞": "inf", "≤": "<=", "≥": ">="}  # on the command line, where there is room
CORNERS = "+"


def wants_plain(environ: Mapping[str, str], encoding: str | None, *, terminal: bool) -> bool:
    """Whether plain characters are called for.

    That is so where `encoding` can't hold others and, for a `terminal`, where TERM or the locale says so. A locale
    that nobody has set says nothing: in containers that is common, and their terminals are fine.
    """
    said = environ.get(VARIABLE, "").lower()
    if said in ("plain", "unicode"):
        return said == "plain"
    if not _is_utf(encoding):
        return True
    if not terminal:
        return False
    if environ.get("TERM", "") in WITHOUT_DRAWING:
        return True
    ctype = environ.get("LC_CTYPE", "")
    names = (environ.get("LC_ALL"), "" if ctype in COERCED else ctype, environ.get("LANG"))
    return next((name for name in names if name), "") in ASCII_LOCALES


def make_plain(stream: object, environ: Mapping[str, str]) -> bool:
    """Let a stream write plain characters where they are called for, and say whether it does."""
    if not isinstance(stream, io.TextIOWrapper):
        return False
    plain = wants_plain(environ, stream.encoding, terminal=_is_terminal(stream))
    if plain:
        letters = _is_utf(stream.encoding) and environ.get("TERM") in WITHOUT_DRAWING
        stream.reconfigure(encoding="ascii", errors=HANDLER if letters else ESCAPING_HANDLER)
    else:
        stream.reconfigure(errors="replace")
    return plain


def plain_cells(text: str) -> str:
    """The text in ASCII, every character as wide as it was: what the app draws."""
    if text.isascii():
        return text
    return "".join(character if character.isascii() else _cell(character) for character in text)


@lru_cache(4096)
def _sign(character: str) -> str | None:
    """The ASCII character for one that is drawn, None for one that is no drawing."""
    if character in SIGNS:
        return SIGNS[character]
    code = ord(character)
    if 0x2800 <= code <= 0x28FF:
        return _braille(code - 0x2800)
    if 0x2500 <= code <= 0x257F:
        return _box(unicodedata.name(character))
    return None


def _box(name: str) -> str:
    words = set(name.replace("-", " ").split())
    if words & {"ARC", "DIAGONAL"}:
        return "x" if "CROSS" in words else CORNERS
    across, down = words & {"HORIZONTAL", "LEFT", "RIGHT"}, words & {"VERTICAL", "UP", "DOWN"}
    return CORNERS if across and down else "-" if across else "|"


def _braille(dots: int) -> str:
    """A sign that lies where most of the dots do; the rows of a cell have two dots each."""
    rows = tuple(row for row, bits in enumerate((0x09, 0x12, 0x24, 0xC0)) if dots & bits)
    match rows:
        case ():
            return " "
        case (0,) | (0, 1):
            return "'"
        case (1,) | (2,) | (1, 2):
            return "-"
        case (3,) | (2, 3):
            return "."
        case _:
            return ":" if dots.bit_count() <= 4 else "#"


@lru_cache(4096)
def _cell(character: str) -> str:
    from rich.cells import cell_len

    width = cell_len(character)
    known = _sign(character) or _base(character)
    return known if known is not None and len(known) == width else "?" * width


def _base(character: str) -> str | None:
    """The letter without its accent, None where there is none of one character."""
    base = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode("ascii")
    return base if len(base) == 1 else None


def _replaced(error: UnicodeError, *, letters: bool) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    parts = []
    for character in error.object[error.start : error.end]:
        known = LONGER.get(character) or _sign(character)
        if known is not None:
            parts.append(known.encode("ascii"))
        elif letters:
            parts.append(character.encode("utf-8", "replace"))
        else:
            base = _base(character)
            parts.append(character.encode("unicode_escape") if base is None else base.encode("ascii"))
    return b"".join(parts), error.end


def _is_utf(encoding: str | None) -> bool:
    return (encoding or "").lower().startswith("utf")


def _is_terminal(stream: io.TextIOWrapper) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # it is closed
        return False


codecs.register_error(HANDLER, lambda error: _replaced(error, letters=True))
codecs.register_error(ESCAPING_HANDLER, lambda error: _replaced(error, letters=False))
