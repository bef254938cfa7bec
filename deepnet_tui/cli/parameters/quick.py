"""Reads plain command lines without typer, which takes longer to load than many a network to train.

It understands whole names of options, each once, and values that nobody could read otherwise. Everything else, and
everything that is wrong, is left to typer, which then gives the same values or says what is wrong.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from deepnet_tui.cli.parameters.declared import Declared

WHOLE = re.compile(r"-?[0-9]{1,15}")
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,20})?(e-?[0-9]{1,2})?")


def read_quickly(command: Callable[..., Any], words: Sequence[str]) -> dict[str, Any] | None:
    """The arguments for `command` that the words after its name give, or None where that is for typer to say."""
    parameters = inspect.signature(command, eval_str=True).parameters
    options: dict[str, tuple[str, Any]] = {}
    places: list[str] = []
    values: dict[str, Any] = {}
    for name, parameter in parameters.items():
        declared = _declared(parameter)
        if declared is None:
            return None
        if declared.is_option:
            options |= dict(_spellings(name, declared, _kind(parameter)))
        else:
            places.append(name)
        if parameter.default is not inspect.Parameter.empty:
            values[name] = parameter.default
    given: dict[str, Any] = {}
    rest = iter(words)
    for word in rest:
        if not word:
            return None
        if not word.startswith("-"):
            if not places:
                return None
            name = places.pop(0)
            found = _value(parameters[name], word)
        else:
            flag, equals, value = word.partition("=")
            if flag not in options or (equals and not flag.startswith("--")):
                return None
            name, found = options[flag]
            if found is None:
                value = value if equals else next(rest, "")
                if value.startswith("-") and not equals and not NUMBER.fullmatch(value):
                    return None
                found = _value(parameters[name], value)
            elif equals:
                return None
        if found is None:
            return None
        if isinstance(found, list):
            given.setdefault(name, []).extend(found)
        elif name in given:
            return None
        else:
            given[name] = found
    return None if places else values | given


def _declared(parameter: inspect.Parameter) -> Declared | None:
    told = [each for each in getattr(parameter.annotation, "__metadata__", ()) if isinstance(each, Declared)]
    return told[0] if len(told) == 1 else None


def _kind(parameter: inspect.Parameter) -> Any:
    """The type of a parameter, without None."""
    annotated = get_args(parameter.annotation)[0]
    kinds = [kind for kind in get_args(annotated) if kind is not type(None)]
    return kinds[0] if type(None) in get_args(annotated) and len(kinds) == 1 else annotated


def _spellings(name: str, declared: Declared, kind: Any) -> Iterator[tuple[str, tuple[str, Any]]]:
    """The words that stand for an option, each with its name and, if it takes no value, what it says."""
    names = declared.names or (f"--{name.replace('_', '-')}",)
    for spelling in names:
        yes, both, no = spelling.partition("/")
        yield yes, (name, True if kind is bool else None)
        if both:
            yield no, (name, False)


def _value(parameter: inspect.Parameter, word: str) -> Any:
    """The value that a word surely is, a list of it where an option may be given again, or None."""
    declared, kind = _declared(parameter), _kind(parameter)
    if not word or declared is None:
        return None
    if declared.parser is not None:
        return declared.parser(word) if NUMBER.fullmatch(word) else None
    if kind is str:
        return word
    if kind == list[str]:
        return [word]
    if kind is int:
        return int(word) if WHOLE.fullmatch(word) else None
    if kind is float:
        return float(word) if NUMBER.fullmatch(word) else None
    return Path(word) if kind is Path else None
