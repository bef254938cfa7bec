"""Arithmetic as people write it: numbers with four digits, long sums folded in the middle."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from engine.tape import Array

MOST_TERMS = 6
Term = Callable[[int], str]


def shown(value: float, digits: int = 4) -> str:
    """A number with four significant digits; a minus zero is a zero."""
    return format(float(value) + 0.0, f".{digits}g")


def enclosed(value: float) -> str:
    """The same, in brackets when it is negative, so that it can follow a sign."""
    text = shown(value)
    return f"({text})" if text.startswith("-") else text


def product(*factors: float) -> str:
    """0.5×(-0.2)"""
    return "×".join([shown(factors[0]), *(enclosed(factor) for factor in factors[1:])])


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
    return f"{_signed([term(k) for k in range(head)])} + … {count - head - tail} more: {shown(middle)} … {ends}"


def mean(term: Term, values: Sequence[float] | Array, most: int = MOST_TERMS) -> str:
    """The sum of the terms over their number."""
    return f"({total(term, values, most)}) / {len(values)}" if len(values) > 1 else f"{term(0)} / 1"


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
    text = re.sub(rf"\b({'|'.join(numbers)})\b", lambda match: enclosed(numbers[match[1]]), formula)
    text = re.sub(r"([\d)]) (?=[\d(])", r"\1×", text)
    return re.sub(r"(^|\(|, )\((-[\d.e+-]+)\)(?=$|\)|,)", r"\1\2", text)
