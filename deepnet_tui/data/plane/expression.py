"""Functions of two coordinates as people type them, such as y > sin(3 x): read and computed here, never run as code.

or          = and { "or" and }          and = not { "and" not }      not = "not" not | comparison
comparison  = sum { ("<" | "<=" | ">" | ">=") sum }
sum         = product { ("+" | "-") product }
product     = sign { ["*" | "/"] sign }         a product needs no sign: 3 x, x y, 2 sin(x)
sign        = "-" sign | "+" sign | power       power = atom [ "^" sign ]
atom        = number | "x" | "y" | "x1" | "x2" | "pi" | "e" | function "(" or { "," or } ")" | "(" or ")"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import did_you_mean, quoted
from engine.arrays import Array

LONGEST = 300  # characters
DEEPEST = 60  # brackets, signs and powers inside one another
COORDINATES = {"x": 0, "y": 1, "x1": 0, "x2": 1}
CONSTANTS = {"pi": np.pi, "e": np.e}
FUNCTIONS: dict[str, tuple[Callable[..., Any], int]] = {
    "sin": (np.sin, 1),
    "cos": (np.cos, 1),
    "tan": (np.tan, 1),
    "exp": (np.exp, 1),
    "log": (np.log, 1),
    "sqrt": (np.sqrt, 1),
    "abs": (np.abs, 1),
    "min": (np.minimum, 2),
    "max": (np.maximum, 2),
}
"""By name the function, and how many values it takes; of those that take two, any more, too."""
COMPARISONS = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
SPELLINGS = {"**": "^", "≤": "<=", "≥": ">=", "·": "*", "×": "*", "−": "-"}
_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_TOKEN = re.compile(rf"\s*(?:({_NUMBER})|([^\W\d]\w*)|(\*\*|<=|>=|[-+*/^()<>,≤≥·×−]))")

Compute: TypeAlias = Callable[[Array], Any]


@dataclass(frozen=True)
class Expression:
    """A function of points (2, m): `values` are (m,), truths where it `is_comparison`, else numbers."""

    text: str
    is_comparison: bool
    compute: Compute

    def values(self, points: Array) -> Array:
        """The values (m,) at points (2, m). Raises InputError where one is no finite number."""
        with np.errstate(all="ignore"):
            found = np.broadcast_to(np.asarray(self.compute(points)), points.shape[1:])
        if self.is_comparison:
            return found
        good = np.isfinite(found)
        if not good.all():
            x, y = points[:, int(np.argmin(good))]
            raise InputError(f"{quoted(self.text)} has no value at x = {x:.3g}, y = {y:.3g}", "function")
        return np.asarray(found, dtype=np.float64)


@dataclass(frozen=True)
class _Part:
    compute: Compute
    truth: bool
    at: int


@dataclass(frozen=True)
class _Token:
    kind: str  # number | name | sign | end
    text: str
    at: int  # from 1


def parse(text: str) -> Expression:
    """Read a function. Raises InputError, in one sentence that names the character, for everything else."""
    if not text.strip():
        raise InputError("the function is empty; type one such as y > sin(3 x)", "function")
    if len(text) > LONGEST:
        raise InputError(f"the function has {len(text):,} characters, and {LONGEST} are allowed", "function")
    whole = _Parser(text).whole()
    return Expression(text, whole.truth, whole.compute)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[_Token] = list(self._tokens())
        self.place = self.depth = 0

    def _tokens(self) -> Iterator[_Token]:
        at = 0
        while self.text[at:].strip():
            found = _TOKEN.match(self.text, at)
            if found is None:
                at += len(self.text[at:]) - len(self.text[at:].lstrip())
                raise self._error(f"{quoted(self.text[at])} has no meaning here", at + 1)
            kind = ("number", "name", "sign")[(found.lastindex or 1) - 1]
            token = found[found.lastindex or 1]
            yield _Token(kind, SPELLINGS.get(token, token), found.start(found.lastindex or 1) + 1)
            at = found.end()
        yield _Token("end", "", len(self.text) + 1)

    def _error(self, what: str, at: int) -> InputError:
        return InputError(f"{quoted(self.text)}, character {at}: {what}", "function")

    @property
    def _next(self) -> _Token:
        return self.tokens[self.place]

    def _take(self, *texts: str) -> _Token | None:
        """The next token if it is one of these signs or words."""
        token = self._next
        if token.kind in ("sign", "name") and token.text in texts:
            self.place += 1
            return token
        return None

    def _need(self, text: str) -> None:
        if self._take(text) is None:
            found = quoted(self._next.text) if self._next.text else "the end"
            raise self._error(f"{text!r} is needed, not {found}", self._next.at)

    def whole(self) -> _Part:
        part = self._either()
        if self._next.kind != "end":
            raise self._error(f"{quoted(self._next.text)} can't follow what stands before it", self._next.at)
        return part

    def _deeper(self, read: Callable[[], _Part]) -> _Part:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._error("too many brackets or signs inside one another", self._next.at)
        part = read()
        self.depth -= 1
        return part

    def _either(self) -> _Part:
        return self._joined(("or",), self._both, np.logical_or)

    def _both(self) -> _Part:
        return self._joined(("and",), self._negated, np.logical_and)

    def _joined(self, words: tuple[str, ...], read: Callable[[], _Part], function: Callable[..., Any]) -> _Part:
        part = read()
        while (word := self._take(*words)) is not None:
            part = self._of(function, word.at, True, True, part, read())
        return part

    def _negated(self) -> _Part:
        if (word := self._take("not")) is not None:
            return self._of(np.logical_not, word.at, True, True, self._deeper(self._negated))
        return self._comparison()

    def _comparison(self) -> _Part:
        left = self._sum()
        found: _Part | None = None
        while (sign := self._take(*COMPARISONS)) is not None:
            right = self._sum()
            each = self._of(COMPARISONS[sign.text], sign.at, False, True, left, right)
            found = each if found is None else self._of(np.logical_and, sign.at, True, True, found, each)
            left = right
        return left if found is None else found

    def _sum(self) -> _Part:
        part = self._product()
        while (sign := self._take("+", "-")) is not None:
            function = np.add if sign.text == "+" else np.subtract
            part = self._of(function, sign.at, False, False, part, self._product())
        return part

    def _product(self) -> _Part:
        part = self._signed()
        while True:
            sign = self._take("*", "/")
            token = self._next
            follows = token.kind in ("number", "name") or (token.kind == "sign" and token.text == "(")
            if sign is None and (not follows or token.text in ("and", "or", "not")):
                return part
            function = np.divide if sign is not None and sign.text == "/" else np.multiply
            part = self._of(function, (sign or token).at, False, False, part, self._signed())

    def _signed(self) -> _Part:
        if (sign := self._take("-", "+")) is None:
            return self._power()
        part = self._deeper(self._signed)
        return self._of(np.negative if sign.text == "-" else np.positive, sign.at, False, False, part)

    def _power(self) -> _Part:
        part = self._atom()
        if (sign := self._take("^")) is None:
            return part
        return self._of(np.float_power, sign.at, False, False, part, self._deeper(self._signed))

    def _atom(self) -> _Part:
        token = self._next
        self.place += 1
        if token.kind == "number":
            value = float(token.text)
            return _Part(lambda _points: value, False, token.at)
        if token.kind == "sign" and token.text == "(":
            part = self._deeper(self._either)
            self._need(")")
            return part
        if token.kind == "name":
            return self._name(token)
        self.place -= 1
        if token.kind == "end":
            raise self._error("something is missing at the end", token.at)
        raise self._error(f"a number, x, y or a function is needed, not {quoted(token.text)}", token.at)

    def _name(self, token: _Token) -> _Part:
        name = token.text
        if name in COORDINATES:
            row = COORDINATES[name]
            return _Part(lambda points: points[row], False, token.at)
        if name in CONSTANTS:
            value = CONSTANTS[name]
            return _Part(lambda _points: value, False, token.at)
        if name not in FUNCTIONS:
            known = [*COORDINATES, *CONSTANTS, *FUNCTIONS]
            guess = did_you_mean(name, known)
            raise self._error(f"{quoted(name)} is unknown; {guess or 'known are ' + ', '.join(known)}", token.at)
        function, count = FUNCTIONS[name]
        self._need("(")
        parts = [self._deeper(self._either)]
        while self._take(",") is not None:
            parts.append(self._deeper(self._either))
        self._need(")")
        if len(parts) != count and not (count == 2 and len(parts) > 2):
            raise self._error(f"{name} takes {count}, not {len(parts)}", token.at)
        part = self._of(function, token.at, False, False, *parts[:count])
        for more in parts[count:]:
            part = self._of(function, token.at, False, False, part, more)
        return part

    def _of(self, function: Callable[..., Any], at: int, takes_truth: bool, gives_truth: bool, *parts: _Part) -> _Part:
        """A function of parts, all of which must be comparisons, or numbers."""
        for part in parts:
            if part.truth != takes_truth:
                what = "comparisons such as x > 0" if takes_truth else "numbers, not comparisons"
                raise self._error(f"this joins {what}", at)
        each = [part.compute for part in parts]
        return _Part(lambda points: function(*(compute(points) for compute in each)), gives_truth, at)
