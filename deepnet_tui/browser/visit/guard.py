"""Refuses what no visitor needs: files elsewhere, other programs, connections. It sees all that Python code does.

Python tells the hook of every such call before it happens (PEP 578), also of those in libraries. What libraries in C do
by themselves it does not see; for that there is `landlock.py`, and paths that somebody types are checked before.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from deepnet_tui.common.confinement import is_own

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
LISTS = ("os.listdir", "os.scandir", "os.chdir")
CHANGES = (
    *("os.chflags", "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink"),
    *("os.truncate", "os.utime", "os.setxattr", "os.removexattr", "sqlite3.connect"),
)
TWO_PATHS = ("os.link", "os.rename", "os.symlink")
NEVER = {
    **dict.fromkeys(
        (
            "subprocess.Popen",
            "os.system",
            "os.exec",
            "os.fork",
            "os.forkpty",
            "os.posix_spawn",
            "os.spawn",
            "pty.spawn",
        ),
        "a session in the browser runs no programs",
    ),
    **dict.fromkeys(
        ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"),
        "a session in the browser opens no connections",
    ),
    **dict.fromkeys(("os.kill", "os.killpg"), "a session in the browser sends no signals"),
}
SYSTEM = (
    *("/dev/null", "/dev/urandom", "/proc/self", f"/proc/{os.getpid()}", "/proc/meminfo", "/proc/cpuinfo"),
    *("/proc/stat", "/proc/sys/vm", "/sys/devices/system", "/sys/fs/cgroup", "/etc/localtime", "/etc/mime.types"),
    *("/etc/timezone", "/etc/ld.so.cache", "/usr/lib", "/usr/share/zoneinfo", "/usr/share/mime", "/lib", "/lib64"),
)


def readable_places(offered: Iterable[Path]) -> tuple[str, ...]:
    """Where a visitor's process reads: Python, its packages, what the system tells every program, what is offered."""
    package = Path(__file__).resolve().parents[3]
    own = (package / "deepnet_tui", package / "engine")
    python = (sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path)
    named = {str(path) for path in (*own, *python, *SYSTEM, *offered)}
    absolute = {os.path.normpath(path) for path in named if Path(path).is_absolute()}
    return tuple(sorted((absolute | {os.path.realpath(path) for path in absolute}) - {os.sep}))


def install(offered: Iterable[Path]) -> None:
    """Guard this process from now on, for good; it must be confined to a folder (common/confinement.py)."""
    sys.addaudithook(_hook(readable_places(offered)))


def _hook(places: tuple[str, ...]) -> Callable[[str, tuple[Any, ...]], None]:
    begins = tuple(place.rstrip(os.sep) + os.sep for place in places)

    def readable(path: Any) -> bool:
        text = os.path.abspath(path)  # noqa: PTH100  the text, without a look at the disk
        if text in places or text.startswith(begins):
            return True
        real = os.path.realpath(text)
        return real in places or is_own(real)

    def owned(path: Any) -> bool:
        return is_own(os.path.realpath(path))

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if not isinstance(path, str | bytes | os.PathLike):
                return  # a file that is open already
            path = os.fsdecode(path)
            writes = any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool(flags & WRITES)
            if not (owned(path) or path == os.devnull if writes else readable(path)):
                _refuse("it is outside of the folder of your session", path)
        elif event in NEVER:
            _refuse(NEVER[event], "")
        elif event in LISTS or event in CHANGES:
            for path in arguments[: 2 if event in TWO_PATHS else 1]:
                allowed = readable if event in LISTS else owned
                if isinstance(path, str | bytes | os.PathLike) and not allowed(os.fsdecode(path)):
                    _refuse("it is outside of the folder of your session", os.fsdecode(path))

    return hook


def _refuse(why: str, path: str) -> None:
    if path:
        raise PermissionError(errno.EACCES, why, path)
    raise PermissionError(errno.EACCES, why)
