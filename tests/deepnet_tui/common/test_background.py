"""The newest job wins: what is delivered, what is dropped, and in which thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

import pytest

from deepnet_tui.common.background import Job, LatestJob, Superseded

WAIT = 30.0


class Owner:
    """A thread with a queue of calls, as a widget has one."""

    def __init__(self) -> None:
        self.calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.answers: list[str | Exception] = []
        self.threads: list[threading.Thread] = []

    def jobs(self, pace: float | None = None) -> LatestJob[str]:
        return LatestJob("test", self.calls.put, pace)

    def deliver(self, answer: str | Exception) -> None:
        self.answers.append(answer)
        self.threads.append(threading.current_thread())

    def handle(self, count: int = 1) -> None:
        """Make the next calls that were handed over."""
        for _ in range(count):
            self.calls.get(timeout=WAIT)()


def blocked(gate: threading.Event, answer: str) -> Callable[[Job[str]], str]:
    def work(_: Job[str]) -> str:
        assert gate.wait(WAIT)
        return answer

    return work


def test_an_answer_is_delivered_in_the_owners_thread() -> None:
    owner, seen = Owner(), []
    jobs = owner.jobs()

    def work(_: Job[str]) -> str:
        seen.append(threading.current_thread())
        return "done"

    jobs.start(work, owner.deliver)
    assert jobs.running
    owner.handle()
    assert owner.answers == ["done"]
    assert owner.threads == [threading.current_thread()]
    assert seen[0] is not threading.current_thread()
    assert seen[0].daemon
    assert not jobs.running


def test_the_answer_of_a_superseded_job_is_dropped() -> None:
    owner, old, new = Owner(), threading.Event(), threading.Event()
    jobs = owner.jobs()
    jobs.start(blocked(old, "old"), owner.deliver)
    jobs.start(blocked(new, "new"), owner.deliver)
    old.set()
    owner.handle()
    assert owner.answers == []
    assert jobs.running
    new.set()
    owner.handle()
    assert owner.answers == ["new"]
    assert not jobs.running


def test_an_answer_under_way_is_dropped_too() -> None:
    owner, gate = Owner(), threading.Event()
    jobs = owner.jobs()
    jobs.start(lambda _: "old", owner.deliver)
    call = owner.calls.get(timeout=WAIT)  # handed over, but the owner has not come to it yet
    jobs.start(blocked(gate, "new"), owner.deliver)
    call()
    assert owner.answers == []
    gate.set()
    owner.handle()
    assert owner.answers == ["new"]


def test_an_exception_is_delivered_as_such() -> None:
    owner, error = Owner(), ValueError("no")

    def work(_: Job[str]) -> str:
        raise error

    jobs = owner.jobs()
    jobs.start(work, owner.deliver)
    owner.handle()
    assert owner.answers == [error]
    assert not jobs.running


def test_reports_come_before_the_answer() -> None:
    owner = Owner()
    jobs = owner.jobs()

    def work(job: Job[str]) -> str:
        job.report("half")
        return "whole"

    jobs.start(work, owner.deliver)
    owner.handle()
    assert owner.answers == ["half"]
    assert jobs.running
    owner.handle()
    assert owner.answers == ["half", "whole"]


@pytest.mark.parametrize("look", [Job.check, lambda job: job.report("more")], ids=["check", "report"])
def test_a_cancelled_job_learns_of_it(look: Callable[[Job[str]], None]) -> None:
    owner, begun, gate, ended = Owner(), threading.Event(), threading.Event(), threading.Event()
    jobs = owner.jobs()

    def work(job: Job[str]) -> str:
        begun.set()
        assert gate.wait(WAIT)
        try:
            look(job)
        except Superseded:
            ended.set()
            raise
        return "answer"

    jobs.start(work, owner.deliver)
    assert begun.wait(WAIT)
    jobs.cancel()
    assert not jobs.running
    gate.set()
    assert ended.wait(WAIT)
    assert owner.calls.empty()
    assert owner.answers == []


def test_with_a_pace_jobs_end_and_the_newest_follows() -> None:
    owner, gate = Owner(), threading.Event()
    jobs = owner.jobs(pace=0.0)
    jobs.start(blocked(gate, "first"), owner.deliver)
    jobs.start(lambda _: "passed over", owner.deliver)
    jobs.start(lambda _: "last", owner.deliver)
    gate.set()
    owner.handle(2)  # its answer, and that the pace has been kept
    assert owner.answers == ["first"]
    assert jobs.running
    owner.handle(2)
    assert owner.answers == ["first", "last"]
    assert not jobs.running


def test_a_job_started_while_the_pace_is_kept_waits() -> None:
    owner = Owner()
    jobs = owner.jobs(pace=0.0)
    jobs.start(lambda _: "first", owner.deliver)
    owner.handle()
    jobs.start(lambda _: "second", owner.deliver)
    assert not jobs.running
    owner.handle(2)
    assert owner.answers == ["first", "second"]


def test_what_waits_is_cancelled_as_well() -> None:
    owner, gate = Owner(), threading.Event()
    jobs = owner.jobs(pace=0.0)
    jobs.start(blocked(gate, "first"), owner.deliver)
    jobs.start(lambda _: "second", owner.deliver)
    jobs.cancel()
    gate.set()
    owner.handle(2)
    assert owner.answers == []
    assert owner.calls.empty()
    jobs.start(lambda _: "third", owner.deliver)
    owner.handle()
    assert owner.answers == ["third"]
