"""The same limits on files, kept by the kernel, where it is Linux with Landlock (5.13 or later).

It holds for libraries in C, too, and can't be taken back. Where it is missing, guard.py alone keeps the limits.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # numbers of system calls, the same on every processor
VERSION = 1  # the flag that asks for it
PATH_BENEATH = 1  # a kind of rule
NO_NEW_PRIVS = 38
O_PATH = getattr(os, "O_PATH", 0)

EXECUTE, WRITE, READ, LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
ALL = ((1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1)  # the rights on files that versions 1, 2, 3 and later know
OF_FILES = EXECUTE | WRITE | READ | 1 << 14
CONNECTIONS = 0b11  # bind and connect by TCP, from version 4


def version() -> int:
    """Which version of Landlock this kernel has; 0 for none."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, int(ctypes.CDLL(None).syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION)))


def restrict(own: str, readable: Iterable[str]) -> bool:
    """Let this process, from now on, change files beneath `own` only, and read those beneath `readable`.

    False where the kernel can't do it. Threads that run already are not restricted, so call it first of all.
    """
    known = version()
    if not known:
        return False
    libc = ctypes.CDLL(None)
    handled = ALL[min(known, len(ALL)) - 1]
    rules = struct.pack("=QQ", handled, CONNECTIONS) if known >= 4 else struct.pack("=Q", handled)
    ruleset = libc.syscall(CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0)
    if ruleset < 0:
        return False
    try:
        for path in readable:
            _allow(libc, ruleset, path, READ | LIST)
        _allow(libc, ruleset, os.devnull, READ | WRITE)
        if not _allow(libc, ruleset, own, handled & ~EXECUTE) or libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0):
            return False
        return bool(libc.syscall(RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> bool:
    try:
        place = os.open(path, O_PATH | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= OF_FILES
        rule = struct.pack("=Qi", rights, place)
        return bool(libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, rule, 0) == 0)
    finally:
        os.close(place)
