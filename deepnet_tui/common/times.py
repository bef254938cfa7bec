"""Times as people say them: how long something has taken, and how long it still takes."""

from __future__ import annotations

MINUTE, HOUR, DAY = 60, 3600, 86400
SOON = 5  # seconds left below which nobody counts them


def spoken(seconds: float) -> str:
    """`12 seconds`, `4 minutes`, `1 hour 20 minutes`: never with a fraction, and two units at most."""
    whole = max(1, round(seconds))
    if whole < 2 * MINUTE:
        return _counted(whole, "second")
    minutes = round(seconds / MINUTE)
    if minutes < 60:
        return _counted(minutes, "minute")
    if (rounded := 5 * round(minutes / 5)) < 24 * 60:
        return _two(*divmod(rounded, 60), "hour", "minute")
    return _two(*divmod(round(seconds / HOUR), 24), "day", "hour")


def time_left(seconds: float) -> str:
    """`about 2 minutes left`, rounded as coarsely as such a guess deserves."""
    if seconds < SOON:
        return "a few seconds left"
    if seconds < MINUTE - 2.5:
        return f"about {5 * round(seconds / 5)} seconds left"
    if seconds < 1.5 * MINUTE:
        return "about a minute left"
    if 55 * MINUTE <= seconds < 65 * MINUTE:
        return "about an hour left"
    return f"about {spoken(max(seconds, 2 * MINUTE))} left"


def short_time_left(seconds: float) -> str:
    """The same where there is little room: `~2 min left`."""
    said = time_left(seconds).replace("about a ", "about 1 ").replace("about an ", "about 1 ").replace("a few", "few")
    for word, short in (("seconds", "s"), ("minutes", "min"), ("minute", "min"), ("hours", "h"), ("hour", "h")):
        said = said.replace(word, short)
    return said.replace("about ", "~").replace("days", "d").replace("day", "d").replace("few s", "seconds")


def _two(first: int, second: int, large: str, small: str) -> str:
    return _counted(first, large) + (f" {_counted(second, small)}" if second else "")


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit if count == 1 else unit + 's'}"
