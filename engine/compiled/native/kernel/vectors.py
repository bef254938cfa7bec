"""Vectors of 64 bytes in LLVM: what the machine code of a training loop is made of, for the code that emits it.

Written as vectors and not left to the compiler, so that no loop needs checks for overlapping memory, the number of
partial sums is the same on every machine, and compiling is quick.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types

BYTES = 64
Value = Any  # of LLVM


def parts_of(context: Any, builder: Any, kind: Any, value: Value) -> list[Value]:
    """The parts of a tuple: of an array the address of its first element, else the number."""
    parts = []
    for place, part in enumerate(kind):
        found = builder.extract_value(value, place)
        is_array = isinstance(part, types.Array)
        parts.append(context.make_array(part)(context, builder, found).data if is_array else found)
    return parts


class Emitter:
    """Emits operations on vectors of `element`, a type of numba: float64 (8 lanes) or float32 (16 lanes).

    Functions of a vector are accurate to about one unit in the last place, and give nan for nan.
    """

    def __init__(self, builder: Any, element: Any) -> None:
        self.builder, self.double = builder, element == types.float64
        self.bytes_of_lane = 8 if self.double else 4
        self.lanes = BYTES // self.bytes_of_lane
        self.scalar = ir.DoubleType() if self.double else ir.FloatType()
        self.type = ir.VectorType(self.scalar, self.lanes)
        self.whole = ir.VectorType(ir.IntType(64 if self.double else 32), self.lanes)
        self.suffix = f"v{self.lanes}f{64 if self.double else 32}"

    # Memory

    def address(self, data: Value, index: Value) -> Value:
        """The address of an element, as one of a vector."""
        return self.builder.bitcast(cgutils.gep(self.builder, data, index), self.type.as_pointer())

    def load(self, data: Value, index: Value) -> Value:
        """The vector that begins at an element."""
        return self.builder.load(self.address(data, index), align=self.bytes_of_lane)

    def store(self, vector: Value, data: Value, index: Value) -> None:
        """Write a vector from an element on."""
        self.builder.store(vector, self.address(data, index), align=self.bytes_of_lane)

    def spread(self, number: Value) -> Value:
        """A vector with this number in every lane."""
        one = self.builder.insert_element(ir.Constant(self.type, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), None)
        return self.builder.shuffle_vector(one, ir.Constant(self.type, ir.Undefined), zeros)

    def constant(self, number: float) -> Value:
        """A vector with this constant in every lane."""
        return ir.Constant(self.type, [number] * self.lanes)

    def variable(self, start: float) -> Value:
        """Memory for a vector that changes in a loop, with this number in every lane; it becomes a register."""
        slot = cgutils.alloca_once(self.builder, self.type)
        self.builder.store(self.constant(start), slot)
        return slot

    @contextmanager
    def loop(self, count: Value, step: int = 1) -> Iterator[Value]:
        """The index from 0 to before `count`, by `step`."""
        kind = count.type
        with cgutils.for_range_slice(self.builder, kind(0), count, kind(step)) as (index, _count):
            yield index

    # Arithmetic

    def call(self, name: str, *values: Value) -> Value:
        """A function of LLVM on vectors of this type."""
        kind = ir.FunctionType(self.type, [value.type for value in values])
        function = cgutils.get_or_insert_function(self.builder.module, kind, f"llvm.{name}.{self.suffix}")
        return self.builder.call(function, values)

    def fma(self, a: Value, b: Value, c: Value) -> Value:
        """a b + c"""
        return self.call("fmuladd", a, b, c)

    def totals(self, vectors: list[Value]) -> Value:
        """A vector with the sum of the lanes of each of these, of which there are a power of two.

        Halves are added to halves: first of pairs of vectors, so that one holds parts of both, then within the last.
        """
        parts = 1  # of a vector, each of the lanes that belong to one sum
        while len(vectors) > 1 or parts < self._lanes_of(vectors[0]):
            lanes, several = self._lanes_of(vectors[0]), len(vectors) > 1
            size = lanes // parts
            both = [*range(lanes), *range(lanes, 2 * lanes)] if several else [*range(lanes)]
            halves = [[lane for lane in both if (lane % size < size // 2) == first] for first in (True, False)]
            pairs = zip(vectors[::2], vectors[1::2], strict=True) if several else [(vectors[0], vectors[0])]
            vectors = [self.builder.fadd(*(self._chosen(a, b, half) for half in halves)) for a, b in pairs]
            parts = 2 * parts if several else parts
        return vectors[0]

    def transposed(self, vectors: list[Value]) -> list[Value]:
        """As many vectors as they have lanes: number r has lane r of each of these."""
        step = 1
        while step < self.lanes:  # blocks of this size change places across the diagonal
            for row in range(self.lanes):
                if row & step == 0:
                    a, b = vectors[row], vectors[row + step]
                    both = range(self.lanes)
                    upper = [lane if lane & step == 0 else self.lanes + lane - step for lane in both]
                    lower = [lane + step if lane & step == 0 else self.lanes + lane for lane in both]
                    vectors[row], vectors[row + step] = self._chosen(a, b, upper), self._chosen(a, b, lower)
            step *= 2
        return vectors

    def _lanes_of(self, vector: Value) -> int:
        lanes: int = vector.type.count
        return lanes

    def _chosen(self, a: Value, b: Value, lanes: list[int]) -> Value:
        kind = ir.VectorType(ir.IntType(32), len(lanes))
        return self.builder.shuffle_vector(a, b, ir.Constant(kind, lanes))

    def at_least(self, a: Value, b: Value) -> Value:
        """The larger of both; nan where `a` is nan."""
        return self.builder.select(self.builder.fcmp_ordered("<", a, b), b, a)

    def at_most(self, a: Value, b: Value) -> Value:
        """The smaller of both; nan where `a` is nan."""
        return self.builder.select(self.builder.fcmp_ordered(">", a, b), b, a)

    def where_above(self, a: Value, b: Value, then: Value, otherwise: Value) -> Value:
        """`then` where a > b or one of them is nan, `otherwise` elsewhere."""
        return self.builder.select(self.builder.fcmp_unordered(">", a, b), then, otherwise)

    def negative_size(self, a: Value) -> Value:
        """-|a|"""
        return self.builder.fneg(self.call("fabs", a))

    # Functions

    def _reduced(self, x: Value) -> tuple[Value, Value]:
        """e^r - 1 and n for x = n log 2 + r with |r| at most half of log 2."""
        high, low = (6.93145751953125e-1, 1.42860682030941723212e-6) if self.double else (0.693359375, -2.12194440e-4)
        n = self.call("rint", self.builder.fmul(x, self.constant(math.log2(math.e))))
        r = self.fma(n, self.constant(-low), self.fma(n, self.constant(-high), x))
        degree = 13 if self.double else 7
        series = self.constant(1 / math.factorial(degree))
        for power in range(degree - 1, 1, -1):
            series = self.fma(series, r, self.constant(1 / math.factorial(power)))
        return self.fma(self.builder.fmul(r, r), series, r), n

    def _power_of_two(self, n: Value) -> Value:
        """2^n for whole numbers n within the range of exponents."""
        bits, bias = (52, 1023) if self.double else (23, 127)
        exponent = self.builder.add(n, ir.Constant(self.whole, [bias] * self.lanes))
        shifted = self.builder.shl(exponent, ir.Constant(self.whole, [bits] * self.lanes))
        return self.builder.bitcast(shifted, self.type)

    def _integer(self, n: Value) -> Value:
        known = self.builder.select(self.builder.fcmp_ordered("ord", n, n), n, self.constant(0.0))
        small = self.builder.fptosi(known, ir.VectorType(ir.IntType(32), self.lanes))
        return self.builder.sext(small, self.whole) if self.double else small

    def exp(self, x: Value) -> Value:
        """e^x, infinite or 0 beyond the range of numbers."""
        lowest, highest = (-760.0, 720.0) if self.double else (-110.0, 95.0)
        x = self.at_most(self.at_least(x, self.constant(lowest)), self.constant(highest))
        less_one, n = self._reduced(x)
        whole = self._integer(n)
        half = self.builder.ashr(whole, ir.Constant(self.whole, [1] * self.lanes))
        value = self.builder.fadd(less_one, self.constant(1.0))
        value = self.builder.fmul(value, self._power_of_two(half))
        return self.builder.fmul(value, self._power_of_two(self.builder.sub(whole, half)))

    def expm1_below(self, x: Value) -> Value:
        """e^x - 1 for x of at most 0."""
        less_one, n = self._reduced(self.at_least(x, self.constant(-50.0)))
        power = self._power_of_two(self._integer(n))
        return self.fma(power, less_one, self.builder.fsub(power, self.constant(1.0)))

    def sigmoid(self, x: Value) -> tuple[Value, Value]:
        """1 / (1 + e^-x), and 1 minus that without cancellation."""
        small = self.exp(self.negative_size(x))
        large_side = self.builder.fdiv(self.constant(1.0), self.builder.fadd(small, self.constant(1.0)))
        small_side, zero = self.builder.fmul(small, large_side), self.constant(0.0)
        return (
            self.where_above(x, zero, large_side, small_side),
            self.where_above(x, zero, small_side, large_side),
        )

    def tanh(self, x: Value) -> Value:
        """The hyperbolic tangent, by e^(-2|x|) - 1."""
        less_one = self.expm1_below(self.builder.fmul(self.negative_size(x), self.constant(2.0)))
        size = self.builder.fdiv(self.builder.fneg(less_one), self.builder.fadd(less_one, self.constant(2.0)))
        return self.call("copysign", size, x)

    def softplus(self, x: Value) -> Value:
        """log(1 + e^x): max(x, 0) + log(1 + u), u = e^-|x|, by the series of 2 atanh(u / (2 + u))."""
        u = self.exp(self.negative_size(x))
        s = self.builder.fdiv(u, self.builder.fadd(u, self.constant(2.0)))
        square = self.builder.fmul(s, s)
        terms = 16 if self.double else 7
        series = self.constant(1 / (2 * terms + 1))
        for term in range(terms - 1, -1, -1):
            series = self.fma(series, square, self.constant(1 / (2 * term + 1)))
        tail = self.builder.fmul(self.builder.fadd(s, s), series)
        return self.builder.fadd(self.at_least(x, self.constant(0.0)), tail)
