"""Arithmetic as text: numbers with four digits, long sums shortened in the middle."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import numpy as np

from engine.arrays import Array

MOST_TERMS = 6
NEAR = 5e-4  # to 1 or -1
TermText = Callable[[int], str]


def format_number(value: float, digits: int = 4) -> str:
    """A number with `digits` significant digits; minus zero is written as 0.

    A number very near 1 or -1 is written as a difference, such as 1 - 2.895e-05: the logarithm of a probability
    depends on it.
    """
    beyond = abs(float(value)) - 1
    if 0 < abs(beyond) < NEAR:
        sign = "+" if (beyond > 0) == (value > 0) else "-"
        return f"{math.copysign(1, value):g} {sign} {abs(beyond):.4g}"
    return format(float(value) + 0.0, f".{digits}g")


def factor(value: float, digits: int = 4) -> str:
    """The number, in parentheses if it is written as a sum, so that it can begin a product."""
    text = format_number(value, digits)
    return f"({text})" if " " in text else text


def parenthesized(value: float, digits: int = 4) -> str:
    """The number, in parentheses if it is written as a sum or is negative, so that it can follow a sign."""
    text = format_number(value, digits)
    return f"({text})" if " " in text or text.startswith("-") else text


def product(*factors: float) -> str:
    """The factors with × between them, such as 0.5×(-0.2)."""
    return "×".join([factor(factors[0]), *(parenthesized(value) for value in factors[1:])])


def difference(a: float, b: float) -> str:
    """a - b, such as 0.5 - (-0.2), with enough digits to see the result."""
    return f"{format_number(a, digits_needed(a, a - b))} - {parenthesized(b, digits_needed(b, a - b))}"


def digits_needed(value: float, change: float, wanted: int = 4) -> int:
    """How many digits of a number show `wanted` digits of its change: four at least."""
    if not (value and change and math.isfinite(value) and math.isfinite(change)):
        return 4
    return max(4, min(17, wanted + math.floor(math.log10(abs(value))) - math.floor(math.log10(abs(change)))))


def total(term: TermText, values: Sequence[float] | Array, most: int = MOST_TERMS) -> str:
    """The terms with their signs between them. Of more than `most`, those in the middle become their count and sum.

    `term(k)` gives the text of the k-th of the values; it is not called for those in the middle.
    """
    count = len(values)
    if count <= most:
        return _signed([term(k) for k in range(count)])
    head, tail = most // 2, max(1, most // 2 - 1)
    middle = float(np.sum(values[head : count - tail]))
    ends = _signed(["", *(term(k) for k in range(count - tail, count))]).lstrip()
    return f"{_signed([term(k) for k in range(head)])} + … {count - head - tail} more: {factor(middle)} … {ends}"


def mean(term: TermText, values: Sequence[float] | Array, most: int = MOST_TERMS) -> str:
    """The sum of the terms divided by their number."""
    text = total(term, values, most)
    return f"({text}) / {len(values)}" if " " in text else f"{text} / {len(values)}"


def _signed(terms: Sequence[str]) -> str:
    text = terms[0]
    for term in terms[1:]:
        text += f" - {term[1:]}" if term.startswith("-") else f" + {term}"
    return text


def substitute(formula: str, **numbers: float) -> str:
    """The formula with numbers in place of its letters: "max(0, z)" and z=-0.5 give "max(0, -0.5)".

    "A if z > 0 else B" becomes the case that holds. A formula with other letters gives "".
    """
    above, rule, below = formula.partition(" if z > 0 else ")
    if rule:
        case, why = (above, "z > 0") if numbers["z"] > 0 else (below, "z ≤ 0")
        return f"{substitute(case, **numbers)} since {why}"
    if set(re.findall(r"\b[a-z]\b", formula)) - {"e", *numbers}:
        return ""
    text = re.sub(rf"\b({'|'.join(numbers)})\b", lambda match: _formatted_letter(match[1], numbers[match[1]]), formula)
    text = re.sub(r"([\d)]) (?=[\d(])", r"\1×", text)
    return re.sub(r"(^|\(|, )\((-[\d.e+-]+)\)(?=$|\)|,)", r"\1\2", text)


def _formatted_letter(letter: str, value: float) -> str:
    """The number; an activation a with enough digits to see 1 - a, which derivatives use."""
    return parenthesized(value, digits_needed(1.0, 1 - abs(value)) if letter == "a" else 4)
