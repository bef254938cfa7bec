"""What trains trials: this process, the processes of this machine, or those of a Dask cluster. All give futures."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import signal
import tempfile
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from deepnet_tui.common.confinement import is_confined
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import one_line, quoted
from deepnet_tui.search.scoring import Outcome, RowsFile, Task, TrainingRows, score

ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "BLIS")}
CONNECT = 10.0  # seconds in which a scheduler must answer
IDLE = 300  # seconds after which a process without work ends


class Workers(Protocol):
    """Scores tasks somewhere. A context, at whose end nothing is trained any more."""

    def __enter__(self) -> Self:
        """Get ready. Raises InputError where that can't be done."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop what is being trained; what is finished has been taken in by then."""

    @property
    def slots(self) -> int:
        """How many trials are trained at once, 0 while there is no worker."""

    def submit(self, task: Task) -> Future[Outcome]:
        """Begin to score a task. The future fails with a BrokenExecutor or a CancelledError where a worker is lost."""

    def renew(self) -> None:
        """Replace what was lost; futures from before are lost, too."""


def workers_for(rows: TrainingRows, jobs: int | None, scheduler: str | None, stopped: Callable[[], bool]) -> Workers:
    """The workers that are asked for: a cluster with `scheduler`, else `jobs` processes, by default one a core.

    Who is confined has this process.
    """
    if scheduler is not None:
        return Cluster(rows, scheduler)
    count = 1 if is_confined() else jobs or os.cpu_count() or 1
    return ThisProcess(rows, stopped) if count == 1 else Processes(rows, count)


class ThisProcess:
    """One trial after the other, in a thread of this process."""

    slots = 1

    def __init__(self, rows: TrainingRows, stopped: Callable[[], bool]) -> None:
        self._rows = rows
        self._end = threading.Event()
        self._stopped = lambda: stopped() or self._end.is_set()
        self._executor = ThreadPoolExecutor(1, "trial")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._executor.shutdown(cancel_futures=True)

    def submit(self, task: Task) -> Future[Outcome]:
        return self._executor.submit(score, task, self._rows, self._stopped)

    def renew(self) -> None:
        """A thread is never lost."""


class Processes:
    """Processes of this machine, by joblib's loky. They read the rows from files, mapped into memory."""

    def __init__(self, rows: TrainingRows, count: int) -> None:
        self.slots = count
        self._rows = rows
        self._folder = tempfile.TemporaryDirectory(prefix="deepnet-search-")
        self._executor: Any = None

    def __enter__(self) -> Self:
        self._file: RowsFile = self._rows.write(Path(self._folder.name))
        self.renew()
        return self

    def __exit__(self, *_: object) -> None:
        self._shut_down()
        self._folder.cleanup()

    def submit(self, task: Task) -> Future[Outcome]:
        future: Future[Outcome] = self._executor.submit(score, task, self._file)
        return future

    def renew(self) -> None:
        from joblib.externals.loky import ProcessPoolExecutor

        self._shut_down()
        _begin_trackers()
        self._executor = ProcessPoolExecutor(
            self.slots, timeout=IDLE, initializer=_begin_process, initargs=(os.getpid(),), env=ONE_THREAD
        )

    def _shut_down(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, kill_workers=True)
            self._executor = None


def _begin_trackers() -> None:
    """Start the trackers of resources with a stderr of their own: in the app there is none with a file behind it."""
    from multiprocessing import resource_tracker

    from joblib.externals.loky.backend import resource_tracker as of_loky

    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        resource_tracker.ensure_running()
        of_loky.ensure_running()


def _begin_process(parent: int) -> None:
    """In a worker process: Ctrl-C is for its parent, and it says nothing on the terminal, which may be the app's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: int) -> None:
    """End with the parent, even if that was killed."""
    import time

    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


class Cluster:
    """The workers of a Dask cluster. A trial of a worker that is gone runs again on another one.

    The workers need deepnet-tui with its extra `search`, in the same version.
    """

    def __init__(self, rows: TrainingRows, address: str) -> None:
        self._rows, self._address = rows, address
        self._client: Any = None
        self._executor: Any = None
        self._data: Any = None

    def __enter__(self) -> Self:
        import distributed

        if not re.fullmatch(r"[a-z]+://[^:/\s]+:\d+/?", self._address):
            raise InputError(f"scheduler must be such as tcp://HOST:8786, not {quoted(self._address)}", "scheduler")
        connect: Any = distributed.Client
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said in a sentence
        try:
            self._client = connect(self._address, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            said = f"no Dask scheduler answers at {self._address} ({one_line(error, 80)})"
            raise InputError(said, "scheduler") from None
        if not self.slots:
            self._client.close()
            raise InputError(f"the Dask scheduler at {self._address} has no workers", "scheduler")
        self._executor = self._client.get_executor(pure=False)
        self.renew()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):  # the scheduler may be gone
            self._executor.shutdown(wait=False)
            self._client.close()

    @property
    def slots(self) -> int:
        try:
            return int(self._reach(lambda: sum(self._client.nthreads().values())))
        except CancelledError:
            return 0

    def submit(self, task: Task) -> Future[Outcome]:
        if self._data is None:
            self.renew()
        key = f"trial-{uuid.uuid4().hex}"
        future: Future[Outcome] = self._reach(lambda: self._executor.submit(score, task, self._data, key=key))
        return future

    def renew(self) -> None:
        self._data = None
        with contextlib.suppress(CancelledError):  # the last worker has gone meanwhile
            if self.slots:
                self._data = self._reach(lambda: self._client.scatter(self._rows, broadcast=True, hash=False))

    def _reach(self, call: Callable[[], Any]) -> Any:
        """What `call` gives. Raises InputError where the scheduler is gone, and CancelledError where a worker is."""
        try:
            return call()
        except Exception as error:
            if self._client.status in ("closing", "closed"):
                said = f"the Dask scheduler at {self._address} is gone; what is finished is kept"
                raise InputError(said, "scheduler") from None
            if isinstance(error, OSError | TimeoutError | RuntimeError):
                raise CancelledError from None
            raise
