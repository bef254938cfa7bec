"""The library that lets calls of the system fail (`faulty.c`): compiled once, and asked from Python."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("faulty.c")


@dataclass(frozen=True)
class Mode:
    """A way to fail: what `faulty.c` calls it, and the error that is given, 0 where the process dies."""

    name: str
    letter: str
    error: int = 0

    @property
    def dies(self) -> bool:
        """Whether the process ends there."""
        return not self.error


MODES = (
    Mode("one call fails", "o", errno.EIO),
    Mode("one call is refused", "o", errno.EACCES),
    Mode("the disk becomes full", "f", errno.ENOSPC),
    Mode("the disk becomes read-only", "r", errno.EROFS),
    Mode("it dies before the call", "d"),
    Mode("it dies in the call", "t"),
)


def compiled(folder: Path) -> Path | None:
    """The library, compiled into `folder`; None where that can't be done, or calls can't be replaced."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if sys.platform != "linux" or compiler is None:
        return None
    library = folder / "faulty.so"
    command = [compiler, "-O1", "-shared", "-fPIC", "-o", str(library), str(SOURCE)]
    return library if subprocess.run(command, check=False, capture_output=True).returncode == 0 else None


@dataclass(frozen=True)
class Call:
    """A call that changes files, with the path that it is about, and that it is renamed to."""

    name: str
    path: str
    to: str


def arm(root: Path, log: Path, number: int, mode: Mode | None) -> None:
    """From here on the calls below `root` are written to `log`, and the one with this number, from 1, fails."""
    letter, error = (mode.letter, mode.error) if mode else ("o", 0)
    library = ctypes.CDLL(None)
    if library.faulty_arm(os.fsencode(root), os.fsencode(log), number if mode else 0, ord(letter), error):
        raise OSError(f"{root} is not there")


def disarm() -> int:
    """Nothing fails any more; gives the number of calls since `arm`."""
    return int(ctypes.CDLL(None).faulty_disarm())


def calls(log: Path) -> list[Call]:
    """The calls that were written down."""
    lines = log.read_text(errors="surrogateescape").splitlines()
    return [Call(*line.split("\t")) for line in lines if line.count("\t") == 2]
