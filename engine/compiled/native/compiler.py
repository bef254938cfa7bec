"""Where the compiled kernel comes from: a cache on disk, which a process of its own fills.

Compiling takes some ten seconds and would hold up every other thread; loading from the cache takes less than one. The
folder of the cache is named after everything that the machine code depends on, so that it is never out of date. What is
in it is run, so a folder that others can write to is not used.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

Kernel = Callable[..., None]
FOLDER_VARIABLE = "DEEPNET_COMPILED_CACHE"
LONGEST = 300.0  # seconds for which a compilation is waited for
POLL = 0.1  # seconds between two looks at what another process compiles
NICENESS = 10  # of a compiler that nobody waits for
HERE = Path(__file__).parent

cache_root: Callable[[], Path] | None = None  # set by a program that keeps its files in a place of its own
_kernels: dict[str, Kernel] = {}
_failures: dict[str, str] = {}  # by type: why there is no kernel
_loading: dict[str, threading.Thread] = {}
_one_at_a_time = threading.Lock()


class NoKernelError(Exception):
    """Why there is no compiled kernel, in words."""


@cache
def installed() -> bool:
    """Whether numba is there."""
    from importlib.util import find_spec

    return find_spec("numba") is not None


def cache_folder() -> Path:
    """DEEPNET_COMPILED_CACHE, or where the program or the system keeps such files; a folder in it for these sources."""
    if chosen := os.environ.get(FOLDER_VARIABLE):
        root = Path(chosen)
    elif cache_root is not None:
        root = cache_root()
    elif sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "deepnet-tui" / "Cache"
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Caches" / "deepnet-tui"
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "deepnet-tui"
    return root / f"compiled-{_fingerprint()}"


@cache
def _fingerprint() -> str:
    import hashlib
    from importlib.metadata import version

    found = hashlib.blake2b(digest_size=8)
    for path in sorted(HERE.rglob("*.py")):
        found.update(path.read_bytes())
    found.update(f"{version('numba')} {version('llvmlite')} {sys.implementation.cache_tag} {HERE}".encode())
    return found.hexdigest()


def is_cached(dtype: str) -> bool:
    """Whether the kernel for this type of numbers has been compiled before, if perhaps for another processor."""
    return dtype in _kernels or any(cache_folder().glob(f"{dtype}-*.done"))


def done_file(dtype: str, folder: Path) -> Path:
    """The empty file that says that `folder` has the kernel for this type of numbers and this processor."""
    from llvmlite.binding import get_host_cpu_name

    return folder / f"{dtype}-{get_host_cpu_name()}.done"


def ready(dtype: str) -> Kernel | None:
    """The kernel, if it is loaded. Raises NoKernelError if it could not be."""
    if dtype in _failures:
        raise NoKernelError(_failures[dtype])
    return _kernels.get(dtype)


def load_in_background(dtype: str) -> None:
    """Begin to load the kernel, compiling it if need be, in a thread; see `ready`."""
    if dtype not in _loading:
        _loading[dtype] = threading.Thread(target=_load_quietly, args=(dtype,), name="loads the kernel", daemon=True)
        _loading[dtype].start()


def load(dtype: str, niceness: int = 0) -> Kernel:
    """The kernel, waiting for it, for some ten seconds if it must be compiled first, at this priority.

    Raises NoKernelError.
    """
    with _one_at_a_time:
        kernel = ready(dtype)
        if kernel is not None:
            return kernel
        try:
            if not installed():
                raise NoKernelError("numba is not installed")
            _kernels[dtype] = _load(dtype, niceness)
        except NoKernelError as error:
            _failures[dtype] = str(error)
            raise
        return _kernels[dtype]


def make_private(folder: Path) -> None:
    """Make the folder, for this user alone. Raises NoKernelError for one whose content others can write or exchange."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not hasattr(os, "geteuid"):
        return
    real = folder.resolve()
    status = real.stat()
    if status.st_uid != os.geteuid():
        raise NoKernelError(f"the folder {folder} belongs to another user")
    if status.st_mode & 0o022:
        raise NoKernelError(f"others can write to the folder {folder}; remove it")
    trusted = {0, os.geteuid(), HERE.stat().st_uid}  # whoever owns this program is trusted already
    for around in real.parents:
        status = around.stat()
        if status.st_uid not in trusted or status.st_mode & 0o1002 == 0o002:
            raise NoKernelError(f"others can write to {around}, which holds the compiled loop")
    with suppress(OSError):  # nobody but this user can write there in any case
        real.chmod(0o700)


def _load_quietly(dtype: str) -> None:
    with suppress(NoKernelError):  # `ready` says it
        load(dtype, NICENESS)


def _load(dtype: str, niceness: int) -> Kernel:
    try:
        folder = cache_folder()
        make_private(folder)
        done = done_file(dtype, folder)
        if not done.exists():
            _compile_elsewhere(dtype, folder, done, niceness)
        from engine.compiled.native.kernel import iterations

        loaded: Kernel = iterations.load(dtype, folder)
        return loaded
    except (ImportError, OSError, RuntimeError) as error:
        raise NoKernelError(f"the compiled loop could not be loaded: {error}") from None


def _compile_elsewhere(dtype: str, folder: Path, done: Path, niceness: int) -> None:
    """Fill the cache in another process, or wait for one that does so already. Raises NoKernelError."""
    lock, began = done.with_suffix(".lock"), time.monotonic()
    while not done.exists():
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            if _age(lock) > LONGEST:
                lock.unlink(missing_ok=True)
            if time.monotonic() - began > LONGEST:
                raise NoKernelError("the loop was not compiled in time") from None
            time.sleep(POLL)
            continue
        try:
            _run_compiler(dtype, folder, niceness)
        finally:
            lock.unlink(missing_ok=True)


def _run_compiler(dtype: str, folder: Path, niceness: int) -> None:
    """Run this package as a program. Raises NoKernelError."""
    import subprocess

    root = str(HERE.parents[2])
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-m", "engine.compiled.native", dtype, str(folder), str(niceness)]
    try:
        finished = subprocess.run(  # noqa: S603  the program is this one
            command,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST,
            start_new_session=True,  # it goes on when this process is interrupted: the next one has its result
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NoKernelError("the loop was not compiled in time") from None
    if finished.returncode:
        said = finished.stderr.decode(errors="replace").strip().splitlines()
        raise NoKernelError(f"the loop could not be compiled: {said[-1] if said else finished.returncode}")


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
