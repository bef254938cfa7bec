"""Work in the background: run the latest job in a thread, drop answers that nobody waits for any more.

What the app works out in a thread goes through `LatestJob`, except training (`training/thread.py`), races, a search,
and what the palette reads. Nothing in here knows of Textual: a widget or the app hands in its `call_later`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

T = TypeVar("T")

_spent: list[float] = [0.0]  # seconds of processor time in jobs that are over
_spending = threading.Lock()


def spent_in_jobs() -> float:
    """The processor time in seconds that all jobs have taken so far."""
    return _spent[0]


def _spend(seconds: float) -> None:
    with _spending:
        _spent[0] += seconds


class Superseded(Exception):  # noqa: N818  it is no error
    """A newer job has taken the place of this one, or it was cancelled: its work may stop."""


class Job(Generic[T]):
    """What a job in its thread can do before it is done: tell how far it is, and learn that nobody waits for it."""

    def __init__(self, wanted: Callable[[], bool], deliver: Callable[[T], object]) -> None:
        self._wanted = wanted
        self._deliver = deliver

    def check(self) -> None:
        """Raise Superseded if nobody waits for this job any more. Long work calls it now and then."""
        if not self._wanted():
            raise Superseded

    def report(self, answer: T) -> None:
        """Deliver an answer that is not the last. Raises Superseded like `check`."""
        self.check()
        self._deliver(answer)


class LatestJob(Generic[T]):
    """Runs jobs of one kind, each in a daemon thread; only the answers of the newest one are delivered.

    `hand_over(call)` must run `call` in the thread of the owner, as the `call_later` of a Textual widget does: answers
    are delivered there, and checked there for being stale, so that none slips through. All methods belong to that
    thread too.

    Without `pace` a new job takes the place of the one under way. With it, the one under way goes on to its end, the
    newest of those started meanwhile follows, and at least `pace` seconds lie between two starts: for work that would
    never end if each new request stopped the one before.
    """

    def __init__(self, name: str, hand_over: Callable[[Callable[[], None]], object], pace: float | None = None) -> None:
        self.running = False  # an answer is still to come
        self._name = name
        self._hand_over = hand_over
        self._pace = pace
        self._number = 0  # of the newest job
        self._resting = False  # the pace is being kept
        self._next: Callable[[], None] | None = None

    def start(self, work: Callable[[Job[T]], T], deliver: Callable[[T | Exception], object]) -> None:
        """Run `work` in a thread and `deliver` what it returns, or the exception that it raised."""
        if self._pace is not None and (self.running or self._resting):
            self._next = partial(self._begin, work, deliver)
        else:
            self._begin(work, deliver)

    def cancel(self) -> None:
        """Drop what is under way and what is waiting; neither delivers anything from here on."""
        self._number += 1
        self.running = self._resting = False
        self._next = None

    def _begin(self, work: Callable[[Job[T]], T], deliver: Callable[[T | Exception], object]) -> None:
        self._number += 1
        self.running = True
        args = (self._number, work, deliver)
        threading.Thread(target=self._run, args=args, name=self._name, daemon=True).start()

    def _run(self, number: int, work: Callable[[Job[T]], T], deliver: Callable[[T | Exception], object]) -> None:
        """In the job's thread."""
        began = time.monotonic()

        def report(answer: T) -> None:
            self._hand_over(partial(self._answered, number, deliver, answer, last=False))

        answer: T | Exception
        try:
            answer = work(Job(lambda: number == self._number, report))
        except Superseded:
            return
        except Exception as error:  # whatever it is, the owner decides what to say
            answer = error
        finally:
            _spend(time.thread_time())
        self._hand_over(partial(self._answered, number, deliver, answer, last=True))
        if self._pace is not None:
            time.sleep(max(0.0, began + self._pace - time.monotonic()))
            self._hand_over(partial(self._rested, number))

    def _answered(
        self, number: int, deliver: Callable[[T | Exception], object], answer: T | Exception, *, last: bool
    ) -> None:
        if number == self._number:
            if last:
                self.running, self._resting = False, self._pace is not None
            deliver(answer)

    def _rested(self, number: int) -> None:
        if number == self._number:
            self._resting = False
            begin, self._next = self._next, None
            if begin is not None:
                begin()
