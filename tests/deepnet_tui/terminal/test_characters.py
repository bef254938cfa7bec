"""Plain characters: which are called for, and that nothing else reaches a terminal that has no others."""

from __future__ import annotations

import io
import re
import unicodedata
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

import deepnet_tui
from deepnet_tui.drawing.filters.plain import PlainFilter
from deepnet_tui.terminal.characters import ESCAPING_HANDLER, SIGNS, make_plain, plain_cells, wants_plain

SOURCES = Path(deepnet_tui.__file__).parent
UTF = "utf-8"


@pytest.mark.parametrize(
    ("environ", "encoding", "terminal", "plain"),
    [
        ({}, UTF, True, False),  # as in most containers
        ({"LANG": "en_US.UTF-8", "TERM": "xterm-256color"}, UTF, True, False),
        ({"LANG": "C"}, UTF, True, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, UTF, True, True),  # Python has put the second one there itself
        ({"LANG": "C", "LC_CTYPE": "de_DE.UTF-8"}, UTF, True, False),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, UTF, True, True),
        ({"LANG": "C"}, UTF, False, False),  # a file of predictions stays what it is
        ({"TERM": "linux", "LANG": "en_US.UTF-8"}, UTF, True, True),
        ({"LANG": "en_US.UTF-8"}, "ascii", False, True),  # PYTHONIOENCODING
        ({"LANG": "C", "DEEPNET_TUI_CHARACTERS": "unicode"}, UTF, True, False),
        ({"DEEPNET_TUI_CHARACTERS": "plain"}, UTF, False, True),
    ],
)
def test_when_characters_are_plain(environ: dict[str, str], encoding: str, terminal: bool, plain: bool) -> None:
    assert wants_plain(environ, encoding, terminal=terminal) is plain


def test_every_sign_that_the_program_draws_has_a_plain_one() -> None:
    texts = (path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py"))
    used = {sign for text in texts for sign in re.findall(r"[^\x00-\x7f]", text)}
    used |= {chr(code) for code in (*range(0x2500, 0x25A0), *range(0x2800, 0x2900))}  # boxes, blocks, braille
    letters = {sign for sign in used if sign.isalpha() and sign not in SIGNS} | set("£₦₩₪₫€₱₴₹₺₽₸฿")
    unknown = sorted(sign for sign in used - letters if plain_cells(sign) == "?")
    assert not unknown, f"add to SIGNS: {''.join(unknown)}"


def test_every_cell_stays_a_cell() -> None:
    characters = map(chr, (*range(32, 0x3000), *range(0x3000, 0x20000, 17)))
    known = [character for character in characters if unicodedata.category(character) not in ("Cn", "Cs", "Mn", "Me")]
    wrong = [character for character in known if character.isprintable() and _moved(character)]
    assert not wrong
    assert "".join(known).encode("ascii", ESCAPING_HANDLER)


def _moved(character: str) -> bool:
    plain = plain_cells(character)
    return not plain.isascii() or len(plain) != cell_len(character)


def test_a_stream_without_other_characters_writes_plain_ones() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    assert make_plain(stream, {"LANG": "en_US.UTF-8"})
    stream.write("┌─ cost 0.5 ± 0.1 … ⣿ café 中 \ud800\n")
    stream.flush()
    assert raw.getvalue() == b"+- cost 0.5 +- 0.1 ... # cafe \\u4e2d \\ud800\n"


def test_the_filter_of_the_app_keeps_widths_and_the_colours_of_images() -> None:
    style = Style(color="red", bgcolor="blue")
    lines = PlainFilter().apply([Segment("╭─ 中é…", style), Segment("▀▀", style), Segment("plain")], Color(0, 0, 0))
    assert [text for text, *_ in lines] == ["+- ??e~", "  ", "plain"]
    assert lines[1].style is not None
    assert lines[1].style.bgcolor == style.color
