"""The ranges that somebody wrote: in the section [search] of an experiment, and with --vary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import quoted
from deepnet_tui.search.ranges.range import SEARCHABLE, Range, choices, parse


def written(vary: Iterable[str], section: Mapping[str, Any]) -> tuple[Range, ...]:
    """The ranges of the section [search] of an experiment, those of `vary`, each NAME=RANGE, in their place.

    Raises InputError.
    """
    found: dict[str, Range] = {}
    for name, value in section.items():
        entry = _of_section(name, value)
        found[entry.name] = entry
    twice: set[str] = set()
    for text in vary:
        name, equals, values = text.partition("=")
        if not equals or not name.strip() or not values.strip():
            given = quoted(text)
            raise InputError(f"--vary must be NAME=RANGE, such as learning_rate=0.001..0.1:log, not {given}", "vary")
        entry = parse(name, values.strip())
        if entry.name in twice:
            raise InputError(f"--vary names {entry.name} twice", "vary")
        twice.add(entry.name)
        found[entry.name] = entry
    if "hidden" in found and {"layers", "units"} & found.keys():
        raise InputError("hidden lists whole networks, so layers and units can't be searched beside it", "vary")
    return tuple(found.values())


def _of_section(name: str, value: Any) -> Range:
    if isinstance(value, str):
        try:
            return parse(name, value)
        except InputError as error:
            raise InputError(f"[search] {error}", name) from None
    if isinstance(value, list) and name in SEARCHABLE:
        try:
            return choices(SEARCHABLE[name], [_word(each) for each in value])
        except InputError as error:
            raise InputError(f"[search] {error}", name) from None
    if name not in SEARCHABLE:
        parse(name, "")  # says why
    raise InputError(f'[search] {name} must be a range such as "0.001..0.1:log", or a list of values', name)


def _word(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value)) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)
