"""Words in messages: values and names out of a file as they are quoted, counted and listed in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Self

MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"  # combining, of any letter
TOWER = re.compile(f"({MARK}{{4}})({MARK}+)")


class Advice(str):
    """A sentence that says what to type on the command line. `in_app` says what to do in the app instead."""

    in_app: str

    def __new__(cls, text: str, in_app: str) -> Self:
        """The sentence for the command line, and that for the app."""
        advice = super().__new__(cls, text)
        advice.in_app = in_app
        return advice


READING_OPTION = re.compile(
    r"--(skip|comment|sheet|missing|separator|encoding|decimal)\b(?: ('[^']*'|[A-Za-z]+(?=\.)))?"
)


def in_app(text: str) -> str:
    """A sentence as the app says it: how a file is read stands in an experiment there, and is no option."""
    return text.in_app if isinstance(text, Advice) else READING_OPTION.sub(_setting, text)


def _setting(option: re.Match[str]) -> str:
    name, value = option.groups()
    quoted_value = "" if value is None else value if value[0] == "'" else repr(value)
    said = f"{name} = {quoted_value}" if value else name
    return f"{said} in the section [data] of an experiment"


def printable(text: str) -> str:
    """The text with an escape such as \\x1b for whatever can't be printed, or steers the terminal or the direction.

    This makes foreign text safe on the command line and in messages; the lines of the app go through
    `drawing/control_filter.py`. Of marks that stand above each other on one
    letter, those after the fourth are escaped, too.
    """
    if text.isascii() or not TOWER.search(text):
        if text.isprintable():
            return text
    else:
        text = TOWER.sub(lambda found: found[1] + "".join(map(_escape, found[2])), text)
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def printable_lines(text: str) -> str:
    """Several lines, each as `printable` has it."""
    return "\n".join(map(printable, text.split("\n")))


def shortened(text: str, most: int) -> str:
    """The text without its middle where it is longer than `most`: how it begins and ends says what it is about."""
    return text if len(text) <= most else f"{text[: most * 2 // 3]} ... {text[-most // 3 + 5 :]}"


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def quoted(value: object, most: int = 60) -> str:
    """A value out of a file as it stands in a sentence: a long one is cut."""
    if isinstance(value, str):
        return printable(repr(value if len(value) <= most else value[: most - 3] + "..."))
    text = printable(str(value))
    return text if len(text) <= most else text[: most - 3] + "..."


def one_line(error: object, most: int = 200) -> str:
    """What an error of a library says, on one line and cut after `most` characters."""
    return " ".join(str(error).split())[:most]


def listed(names: Iterable[str], most: int = 20) -> str:
    """The first names with commas between them, each cut where it is long."""
    names = list(names)
    shown = [printable(name if len(name) <= 60 else name[:57] + "...") for name in names[:most]]
    return ", ".join(shown) + (", ..." if len(names) > most else "")


def did_you_mean(name: str, names: Iterable[str], most: int = 1, show: Callable[[str], str] = str) -> str:
    """`did you mean x or y?`: those of the names that are nearest, "" where none is near."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(names), most)
    return f"did you mean {' or '.join(map(show, near))}?" if near else ""


def counted(count: int, what: str, several: str = "") -> str:
    """`1 row`, `2 rows`; `several` where the plural is no mere s."""
    return f"{count:,} {what if count == 1 else several or what + 's'}"
