"""What the monkey does: a sequence of actions that a seed gives, each with the bytes that a terminal would send."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from textual.keys import _character_to_key

from deepnet_tui.commands.registry import COMMANDS

SIZES = ((40, 10), (80, 24), (100, 30), (120, 36), (200, 60), (63, 17), (1, 1), (5, 3), (300, 8))
SEQUENCES = {
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "insert": "\x1b[2~",
    "delete": "\x1b[3~",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "shift+tab": "\x1b[Z",
    "tab": "\t",
    "enter": "\r",
    "backspace": "\x7f",
    "space": " ",
    "f1": "\x1bOP",
    "shift+right": "\x1b[1;2C",
    "ctrl+left": "\x1b[1;5D",
    "alt+x": "\x1bx",
}
FUNCTION_KEYS = {f"f{n}": f"\x1bO{'PQRS'[n - 1]}" for n in (1, 2, 3, 4)} | {
    f"f{n}": f"\x1b[{code}~" for n, code in zip(range(5, 13), (15, 17, 18, 19, 20, 21, 23, 24), strict=True)
}
CHARACTERS = {_character_to_key(character): character for character in string.printable}
OTHER_KEYS = ("escape", "tab", "enter", "insert", "shift+right", "ctrl+left", "alt+x", *"qQ#~ß漢é1", "ctrl+a", "ctrl+z")
WORDS = (
    "table.csv",
    "0.5",
    "1e400",
    "-7",
    "8,4",
    "nan",
    "1..9",
    "relu",
    "model.npz",
    "moons.toml",
    "out",
    "xor",
    "100",
)
PASTES = (
    "0.01",
    "q\r\x11yes\r",
    "a" * 5000,
    "first\nsecond\nthird\n" * 100,
    "\x1b[31mred\x1b]0;title\x07\x1b[2J",
    "../../../../etc/passwd",
    "[bold]markup[/] [@click=app.quit]x[/]",
    "\u202eright to left \u0301\u0301\u0301\u0301\u0301\u0301 \U0001f469\u200d\U0001f469\u200d\U0001f467",
    "\x00\x01\x02\x7f\x80\x9b",
    "state:completed (((( \"' tag: * \\",
    "table.csv",
    "\x1b[<0;3;3M",
)
OPENERS: tuple[tuple[str, ...], ...] = (
    ("1",),
    ("2",),
    ("3",),
    ("4",),
    ("5",),
    ("6",),
    ("7",),
    ("0", "enter"),
    ("0", "tab", "tab", "enter"),
    ("?",),
    ("ctrl+p",),
    ("d",),
    ("d", "right"),
    ("d", "t", "a", "b", "l", "e", ".", "c", "s", "v", "enter"),
    ("e",),
    ("o",),
    ("w",),
    ("ctrl+s",),
    ("C",),
    ("C", "slash"),
    ("R",),
    ("F",),
    ("F", "space"),
    ("V",),
    ("V", "space"),
    ("5", "c"),
    ("5", "i"),
    ("5", "f"),
    ("3", "c"),
    ("6", "v"),
    ("t",),
    ("z",),
)  # the keys that lead to every screen and dialog
PAUSED = {"d", "e", "o", "R", "F", "V", "t"}  # what wants the training to be paused first


@dataclass(frozen=True)
class Action:
    """`kind` says what it is, `text` is what the terminal sends; a resize has a `size` instead, a wait nothing."""

    kind: str
    text: str = ""
    size: tuple[int, int] | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.size or repr(self.text[:60])}"


def key(name: str) -> Action:
    """A key by its name in Textual."""
    if name in SEQUENCES:
        return Action("key", SEQUENCES[name])
    if re.fullmatch("f[1-9][0-9]?", name):
        return Action("key", FUNCTION_KEYS[name])
    if name.startswith("ctrl+") and len(name) == 6:
        return Action("key", chr(ord(name[5]) - 96))
    return Action("key", "\x1b" if name == "escape" else CHARACTERS.get(name, name))


def names_of_keys() -> tuple[str, ...]:
    """All keys that mean something somewhere."""
    return tuple(sorted({name for command in COMMANDS for name in command.keys.split(",")}))


class Monkey:
    """Gives actions without end; those of the same seed are the same."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  nothing is secret here
        self._names = tuple(name for name in names_of_keys() if name != "ctrl+q")
        self._size = (80, 24)

    def actions(self) -> Iterator[Action]:
        """Episodes: back to the main screen, on to one of the screens, then anything."""
        openers: list[tuple[str, ...]] = []
        while True:
            if not openers:
                openers = self._random.sample(OPENERS, len(OPENERS))
            opener = openers.pop()
            yield Action("episode", " ".join(opener))
            for _ in range(4):
                yield key("escape")
            if self._size[0] < 40:
                yield self._resize()
            yield Action("pause" if opener[0] in PAUSED else "train")
            for name in opener:
                yield key(name)
            for _ in range(self._random.randint(5, 40)):
                yield from self._any()

    def _any(self) -> Iterator[Action]:
        kinds: dict[Callable[[], Iterator[Action]], int] = {
            self._bound: 60,
            self._other: 9,
            self._click: 9,
            self._wheel: 5,
            self._drag: 3,
            self._typed: 4,
            self._paste: 3,
            self._resized: 3,
            self._wait: 3,
        }
        [kind] = self._random.choices(list(kinds), list(kinds.values()))
        yield from kind()

    def _bound(self) -> Iterator[Action]:
        name = self._random.choice(self._names)
        for _ in range(self._random.choice((1, 1, 1, 2, 5))):
            yield key(name)

    def _other(self) -> Iterator[Action]:
        yield key("ctrl+q" if self._random.random() < 0.02 else self._random.choice(OTHER_KEYS))

    def _place(self) -> str:
        return f"{self._random.randint(1, self._size[0])};{self._random.randint(1, self._size[1])}"

    def _click(self) -> Iterator[Action]:
        place, button = self._place(), self._random.choice((0, 0, 0, 0, 2, 1))
        once = f"\x1b[<{button};{place}M\x1b[<{button};{place}m"
        yield Action("click", f"\x1b[<35;{place}M" + once * self._random.choice((1, 1, 2)))

    def _wheel(self) -> Iterator[Action]:
        turn = f"\x1b[<{self._random.choice((64, 65))};{self._place()}M"
        yield Action("wheel", turn * self._random.choice((1, 3, 20)))

    def _drag(self) -> Iterator[Action]:
        start, middle, end = self._place(), self._place(), self._place()
        yield Action("drag", f"\x1b[<0;{start}M\x1b[<32;{middle}M\x1b[<32;{end}M")
        yield Action("drop", f"\x1b[<0;{end}m")

    def _typed(self) -> Iterator[Action]:
        for letter in self._random.choice(WORDS):
            yield key(letter)
        yield key(self._random.choice(("enter", "escape", "tab")))

    def _paste(self) -> Iterator[Action]:
        yield Action("paste", f"\x1b[200~{self._random.choice(PASTES)}\x1b[201~")

    def _resize(self) -> Action:
        self._size = self._random.choice(SIZES)
        return Action("resize", size=self._size)

    def _resized(self) -> Iterator[Action]:
        for _ in range(self._random.choice((1, 1, 6))):
            yield self._resize()

    def _wait(self) -> Iterator[Action]:
        yield Action("wait")
