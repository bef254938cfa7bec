"""How many BLAS threads the matrix products use: one for a small iteration, all of them for a large one."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

SMALL = 8e6  # floating-point operations of an iteration below which a second thread may cost more than it saves


class OneThread:
    """A context in which BLAS has one thread. Several threads may enter it; the last one out restores the number."""

    def __init__(self, controller: Any) -> None:
        self.libraries = controller.lib_controllers
        self.inside = 0
        self.before: list[tuple[Any, int]] = []  # libraries that had more threads, and how many
        self.lock = threading.Lock()

    def __enter__(self) -> None:
        with self.lock:
            if not self.inside:
                found = [(library, library.num_threads) for library in self.libraries]
                self.before = [(library, threads) for library, threads in found if threads > 1]
                for library, _ in self.before:
                    library.set_num_threads(1)
            self.inside += 1

    def __exit__(self, *error: object) -> None:
        with self.lock:
            self.inside -= 1
            if not self.inside:
                for library, threads in self.before:
                    library.set_num_threads(threads)


@cache
def _one_thread() -> AbstractContextManager[object]:
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return nullcontext()
    return OneThread(ThreadpoolController().select(user_api="blas"))


def suited_to(work: float) -> AbstractContextManager[object]:
    """A context in which BLAS uses as many threads as suit iterations of `work` floating-point operations.

    On exit the number is what it was. Without threadpoolctl, or if BLAS has a single thread, nothing is changed.
    """
    return _one_thread() if work < SMALL else nullcontext()
