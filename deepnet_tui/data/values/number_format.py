"""Numbers as people write them: 1,234.5 or 1.234,5, $5, 5 % or (5), and how a table shows its decimal mark.

An exported Python file holds a copy of this text, so that it reads a table as the app does.
"""

from __future__ import annotations

import re
from typing import Any

EXACT = 2**53  # whole numbers up to here are themselves as floats
GROUPED = {",": re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+"), ".": re.compile(r"[-+]?[1-9]\d{0,2}(\.\d{3})+")}
WRITTEN = {
    ".": re.compile(r"[-+]?(\d+|[1-9]\d{0,2}(,\d{3})+)?(\.\d*)?([eE][-+]?\d+)?"),
    ",": re.compile(r"[-+]?(\d+|[1-9]\d{0,2}(\.\d{3})+)?(,\d*)?([eE][-+]?\d+)?"),
}
_CODES = (
    "AED|ARS|AUD|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KES|KRW|MXN|MYR|NGN|NOK|NZD|"
    "PEN|PHP|PKR|PLN|RON|RSD|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR"
)
_SIGNS = r"(?:US|CA|AU|NZ|HK|[ACRS])?\$|[€£¥₹₩₽₺₴₪₫₱₦฿]|Fr\.|kr|Kč|zł|Ft"
PERCENT = "%"
_DIGITS = tuple(".,0123456789")
_UNIT = f"{PERCENT}|{_CODES}|{_SIGNS}"
_BLANK = "[ \u00a0\u202f]?"
_BEFORE = re.compile(rf"([-+]?)(?:({_UNIT}){_BLANK})([-+]?)((?:\d|[.,]\d).*)")
_AFTER = re.compile(rf"([-+]?(?:\d|[.,]\d).*?){_BLANK}({_UNIT})")


def bare(word: str) -> tuple[str, str]:
    """A number without the currency or percent sign at one of its ends, and that sign; (5) is -5 in accounts.

    Everything else comes back as it is, with "" for the sign.
    """
    if not word or (word[-1] in _DIGITS and word.lstrip("+-")[:1] in _DIGITS):
        return word, ""
    in_brackets = word[0] == "(" and word[-1] == ")"
    inner = word[1:-1].strip() if in_brackets else word
    number, unit = inner, ""
    if found := _BEFORE.fullmatch(inner):
        outside, unit, inside, digits = found.groups()
        if outside and inside:
            return word, ""
        number = outside + inside + digits
    elif found := _AFTER.fullmatch(inner):
        number, unit = found.groups()
    if in_brackets:
        return ("-" + number, unit) if number[:1].isdigit() or number[:1] in (".", ",") else (word, "")
    return number, unit


def unit_of(words: Any) -> str | None:
    """The currency or percent sign of a column of numbers, "" if it has none; None if the words are not one kind of
    number: several signs, percents beside plain numbers, or (1), (2), ... without a number that is not in brackets."""
    words = list(words)
    units = {bare(word)[1] for word in words}
    if len(units - {""}) > 1 or {PERCENT, ""} <= units or (words and all(word[:1] == "(" for word in words)):
        return None
    return max(units, default="")


LONGEST_FLOAT = 308  # digits; no float is larger


def value_of(word: str, decimal: str = ".") -> float:
    """The number that is written so; the mark that is not the decimal one may stand before every third digit.

    A currency or percent sign is left out: 5 % is 5. Raises ValueError for everything else.
    """
    word = bare(word)[0]
    if "," not in word and (decimal == "." or "." not in word):
        return float(word)
    if not WRITTEN[decimal].fullmatch(word):
        raise ValueError(word)
    return float(word.replace("," if decimal == "." else ".", "").replace(decimal, "."))


def is_numeral(word: str, decimal: str = ".") -> bool:
    """Whether a word is a written number."""
    try:
        value_of(word, decimal)
    except ValueError:
        return False
    return True


def is_inexact(word: str) -> bool:
    """Whether a whole number would be another one as a float: it is a name, not an amount."""
    if len(word) <= 15 or not word.lstrip("+-").isdecimal():
        return False
    return len(word) > LONGEST_FLOAT or int(word) != int(float(word))


def is_plain_numeral(word: str, decimal: str = ".") -> bool:
    """Whether a word is a number without a sign for a currency or the like, written in digits."""
    digits = word.lstrip("+-")[:1] in _DIGITS
    return digits and bare(word) == (word, "") and is_numeral(word, decimal)


def shown_mark(cells: Any, separator: str) -> str:
    """The decimal mark that the cells of a table show, or "" if they leave it open.

    A mark that may stand for thousands, as in 51.294, shows nothing, unless it stands twice in a number. Where commas
    separate the cells, only one that the model expects is a decimal comma.
    """
    cells = [bare(cell)[0] for cell in cells if "," in cell or "." in cell]
    comma, point = (any(_shows(cell, mark) for cell in cells) for mark in (",", "."))
    if separator == ",":
        return "" if comma and not point else "."
    if comma != point:
        return "," if comma else "."
    if comma:
        return ""
    commas, points = (any(cell.count(mark) > 1 and GROUPED[mark].fullmatch(cell) for cell in cells) for mark in ",.")
    return "" if commas == points else "," if points else "."


def likely_mark(cells: Any, separator: str) -> str:
    """The decimal mark of a table that leaves it open: a comma where semicolons take its place between cells."""
    numbers = [bare(cell)[0] for cell in cells]
    found = [mark for mark in (",", ".") if any(GROUPED[mark].fullmatch(number) for number in numbers)]
    return "," if separator == ";" and found == [","] else "."


def _shows(cell: str, mark: str) -> bool:
    """Whether a number has the mark where it can only be the decimal one."""
    inside = mark in cell and not cell.endswith(mark)
    return inside and bool(WRITTEN[mark].fullmatch(cell)) and not GROUPED[mark].fullmatch(cell)
