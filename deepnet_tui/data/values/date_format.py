"""Dates as people write them: 2024-12-31, 2024/12/31, 31.12.2024, 12/31/2024, with or without a time and a zone."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

YEAR_FIRST, DAY_FIRST, MONTH_FIRST = "ymd", "dmy", "mdy"
ORDERS = (YEAR_FIRST, DAY_FIRST, MONTH_FIRST)
EXAMPLES = {YEAR_FIRST: "2024-12-31", DAY_FIRST: "31/12/2024", MONTH_FIRST: "12/31/2024"}

_TIME = r"(?:[T ] ?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?([AaPp][Mm])?)? ?(Z|UTC|[-+]\d{2}:?\d{2})?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + _TIME)
_DAY = 86_400_000_000
_EPOCH = datetime.date(1970, 1, 1).toordinal()


def days(word: str, order: str = YEAR_FIRST) -> float | None:
    """Days since 1970-01-01, fractions for the time of day, in UTC where a zone is given; None for no date.

    A date that begins with its year is read in any `order`; one that ends with it only where the order says
    whether the day or the month comes first.
    """
    if word[4:5] == "-" == word[7:8]:
        try:  # many times faster than the patterns below, and right for most files
            state = datetime.datetime.fromisoformat(word)
        except ValueError:
            pass
        else:
            return _days(state) - (state.utcoffset() or datetime.timedelta()) / datetime.timedelta(days=1)
    if found := _YEAR_FIRST.fullmatch(word):
        year, _, month, day, *time = found.groups()
    elif order != YEAR_FIRST and (found := _YEAR_LAST.fullmatch(word)):
        day, _, month, year, *time = found.groups()
        if order == MONTH_FIRST:
            day, month = month, day
    else:
        return None
    hour, minute, second, fraction, half, zone = time
    try:
        numbers = int(year), int(month), int(day), _hour(int(hour or 0), half), int(minute or 0), int(second or 0)
        state = datetime.datetime(*numbers, int((fraction or "").ljust(6, "0")[:6]))
    except ValueError:
        return None
    found_days = _days(state)
    if zone and zone[0] in "+-":
        minutes = int(zone[1:3]) * 60 + int(zone[-2:])
        found_days -= (minutes if zone[0] == "+" else -minutes) / 1440
    return found_days


def _days(state: datetime.datetime) -> float:
    seconds = (state.hour * 60 + state.minute) * 60 + state.second
    return ((state.toordinal() - _EPOCH) * _DAY + seconds * 1_000_000 + state.microsecond) / _DAY


def _hour(hour: int, half: str | None) -> int:
    """The hour of a day of 24. Raises ValueError for 13 pm."""
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if half in ("PM", "pm", "Pm", "pM") else 0)


def orders(words: Iterable[str]) -> tuple[str, ...]:
    """The orders in which all words are dates; more than one, the likeliest first, if the words leave it open."""
    words = list(words)
    if _all_dates(words, YEAR_FIRST):
        return (YEAR_FIRST,)
    return tuple(order for order in (DAY_FIRST, MONTH_FIRST) if _all_dates(words, order))


def _all_dates(words: list[str], order: str) -> bool:
    return bool(words) and all(days(word, order) is not None for word in words)
