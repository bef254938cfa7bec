"""Texts that try to steer a terminal, a toolkit or a reader of tables, and what of them must not get through."""

from __future__ import annotations

import csv
import re
import unicodedata
from pathlib import Path

COLUMNS = {
    "screen": "screen\x1b[2J\x1b[31mred",
    "link": "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\\x1b]52;c;ZXZpbA==\x07",
    "device": "\x1bP1$r0m\x1b\\\x1b_G\x1b\\\x1bc",
    "eight bits": "\x9b31mred\x9d0;ti\x85tle\x9c\x90q",
    "direction": "abc\u202egnp.exe\u2066\u2067\u200f\u061c",
    "no width": "zero\u200bwidth\ufeff\u2060\U000e0041",
    "markup": "[bold]loud[/bold][link=http://evil.example]l[/link][@click=app.quit]q[/]",
    "broken markup": "[/] [/bold] [ [@click=app.bell( ]",
    "lines": "one\ntwo\r\nthree\ttab\rfour\x0b\x0c\u2028five",
    "tower": "z" + "\u0301\u0489" * 40,
    "wide": "字幅" * 12 + "👨\u200d👩\u200d👧❤\ufe0f",
    "long": "x" * 10_000,
}
CLASSES = ("no\x1b[31m[bold]no[/]\u202e", "yes\x9b1m[@click=app.quit]y[/]\r")
WORDS = ("[red]r\x1b[2J", "\u202eb\u0007", "=cmd|' /C calc'!A0", "字" * 90)
TARGET = "goal[bold]\x1b]0;owned\x07"

STYLE = re.compile(r"\x1b\[[0-9;:]*m")  # colours and the like, which Rich and Textual write themselves
MOST_MARKS = 4


def write_table(path: Path, rows: int = 40) -> Path:
    """A CSV file with these names; two columns decide the class."""
    numbers = [[f"{(7 * row + 3 * place) % 11}.5" for place in range(len(COLUMNS))] for row in range(rows)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS.values(), "word\x1b[5m", TARGET])
        writer.writerows(
            [*line, WORDS[row % len(WORDS)], CLASSES[(7 * row) % 11 > 5]] for row, line in enumerate(numbers)
        )
    return path


def steering(text: str) -> str:
    """The first thing in what a terminal is sent that steers it, with its surroundings; "" if there is none."""
    text = STYLE.sub("", text)
    marks = 0
    for place, letter in enumerate(text):
        marks = marks + 1 if unicodedata.combining(letter) or unicodedata.category(letter) == "Me" else 0
        if marks > MOST_MARKS or (letter != "\n" and unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")):
            return repr(text[max(0, place - 40) : place + 20])
    return ""
