"""Where the threads that share one iteration wait for each other, without the system: that would take too long."""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir
from numba import njit
from numba.core import cgutils, types
from numba.extending import intrinsic

from engine.compiled.native.codes import CrewEntry, Meeting

LOOKS = 500  # before a thread lets others have its processor
X86 = platform.machine().lower() in ("x86_64", "amd64")

NUMBER, COUNT, MEETINGS, STARTERS, YIELD = map(int, CrewEntry)
ABANDONED = int(Meeting.ABANDONED)


@intrinsic
def _arrive(_context: Any, arrivals: Any) -> Any:
    """Add 1 to the first of the numbers; what was written before is seen by who sees that."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        address = context.make_array(arrivals)(context, builder, args[0]).data
        return builder.atomic_rmw("add", address, ir.Constant(ir.IntType(64), 1), "acq_rel")

    return types.int64(arrivals), emit


@intrinsic
def _arrived(_context: Any, arrivals: Any) -> Any:
    """The first of the numbers, as it is in memory in a moment."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if X86:  # the processor is told that this is a loop that waits
            kind = ir.FunctionType(ir.VoidType(), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse2.pause"), [])
        address = context.make_array(arrivals)(context, builder, args[0]).data
        return builder.load_atomic(address, "acquire", 8)

    return types.int64(arrivals), emit


@intrinsic
def _give_way(_context: Any, address: Any) -> Any:
    """Call the function of the system at `address`."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), [])
        builder.call(builder.inttoptr(args[0], kind.as_pointer()), [])
        return context.get_dummy_value()

    return types.void(types.int64), emit


@njit(nogil=True)
def begin_together(crew):
    """Begin with all threads; False if the first of them will never come."""
    own, meeting = crew[0], crew[1]
    if own[STARTERS] == 1:
        return True
    looks = 0
    _arrive(meeting)
    while _arrived(meeting) < own[STARTERS] and meeting[ABANDONED] == 0:
        looks += 1
        if looks > LOOKS:
            _give_way(own[YIELD])
    return _arrived(meeting) >= own[STARTERS]


@njit(nogil=True)
def meet(crew):
    """Go on once every thread that shares the iteration has come here as often as this one."""
    own, meeting = crew[0], crew[1]
    if own[COUNT] == 1:
        return
    own[MEETINGS] += 1
    goal, looks = own[STARTERS] + own[MEETINGS] * own[COUNT], 0
    _arrive(meeting)
    while _arrived(meeting) < goal:
        looks += 1
        if looks > LOOKS:
            _give_way(own[YIELD])
