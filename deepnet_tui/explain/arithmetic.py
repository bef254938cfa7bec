"""Arithmetic as people write it: numbers with four digits, long sums folded in the middle."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import numpy as np

from engine.arrays import Array

MOST_TERMS = 6
NEAR = 5e-4  # to 1 or -1
Term = Callable[[int], str]


def shown(value: float, digits: int = 4) -> str:
    """A number with four significant digits; a minus zero is a zero.

    What is very near 1 or -1 is written by its distance, 1 - 2.895e-05: a probability's logarithm lies in it.
    """
    beyond = abs(float(value)) - 1
    if 0 < abs(beyond) < NEAR:
        sign = "+" if (beyond > 0) == (value > 0) else "-"
        return f"{math.copysign(1, value):g} {sign} {abs(beyond):.4g}"
    return format(float(value) + 0.0, f".{digits}g")


def factor(value: float, digits: int = 4) -> str:
    """The same, in brackets when it is a sum, so that it can begin a product."""
    text = shown(value, digits)
    return f"({text})" if " " in text else text


def enclosed(value: float, digits: int = 4) -> str:
    """The same, in brackets also when it is negative, so that it can follow a sign."""
    text = shown(value, digits)
    return f"({text})" if " " in text or text.startswith("-") else text


def product(*factors: float) -> str:
    """0.5×(-0.2)"""
    return "×".join([factor(factors[0]), *(enclosed(value) for value in factors[1:])])


def difference(a: float, b: float) -> str:
    """0.5 - (-0.2), with the digits that it takes."""
    return f"{shown(a, telling(a, a - b))} - {enclosed(b, telling(b, a - b))}"


def telling(value: float, change: float, wanted: int = 4) -> int:
    """The digits of a number that it takes to see `wanted` digits of its change or distance; four at least."""
    if not (value and change and math.isfinite(value) and math.isfinite(change)):
        return 4
    return max(4, min(17, wanted + math.floor(math.log10(abs(value))) - math.floor(math.log10(abs(change)))))


def total(term: Term, values: Sequence[float] | Array, most: int = MOST_TERMS) -> str:
    """The terms with their signs between them. Beyond `most`, those in the middle become their count and sum.

    `term(k)` writes the k-th of the values; those that are folded are never written.
    """
    count = len(values)
    if count <= most:
        return _signed([term(k) for k in range(count)])
    head, tail = most // 2, max(1, most // 2 - 1)
    middle = float(np.sum(values[head : count - tail]))
    ends = _signed(["", *(term(k) for k in range(count - tail, count))]).lstrip()
    return f"{_signed([term(k) for k in range(head)])} + … {count - head - tail} more: {factor(middle)} … {ends}"


def mean(term: Term, values: Sequence[float] | Array, most: int = MOST_TERMS) -> str:
    """The sum of the terms over their number."""
    text = total(term, values, most)
    return f"({text}) / {len(values)}" if " " in text else f"{text} / {len(values)}"


def _signed(terms: Sequence[str]) -> str:
    text = terms[0]
    for term in terms[1:]:
        text += f" - {term[1:]}" if term.startswith("-") else f" + {term}"
    return text


def put_in(formula: str, **numbers: float) -> str:
    """The formula with numbers in the place of its letters: "max(0, z)" and z=-0.5 give "max(0, -0.5)".

    "A if z > 0 else B" becomes the case that holds. "" for a formula with other letters, which has no short form.
    """
    above, rule, below = formula.partition(" if z > 0 else ")
    if rule:
        case, why = (above, "z > 0") if numbers["z"] > 0 else (below, "z ≤ 0")
        return f"{put_in(case, **numbers)} since {why}"
    if set(re.findall(r"\b[a-z]\b", formula)) - {"e", *numbers}:
        return ""
    text = re.sub(rf"\b({'|'.join(numbers)})\b", lambda match: _put(match[1], numbers[match[1]]), formula)
    text = re.sub(r"([\d)]) (?=[\d(])", r"\1×", text)
    return re.sub(r"(^|\(|, )\((-[\d.e+-]+)\)(?=$|\)|,)", r"\1\2", text)


def _put(letter: str, value: float) -> str:
    """An activation a is likely to be taken from 1."""
    return enclosed(value, telling(1.0, 1 - abs(value)) if letter == "a" else 4)
