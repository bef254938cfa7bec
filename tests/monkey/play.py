"""Plays a sequence of actions on the app, and sees after each that all is well."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size

from deepnet_tui.app import DeepnetApp
from deepnet_tui.experiment import Experiment
from deepnet_tui.lessons.library import LESSONS, find
from deepnet_tui.workbench.state import State
from tests.deepnet_tui.app.conftest import _waits
from tests.monkey.actions import Action, Monkey
from tests.monkey.watch import BusyTime, Fence, threads_gone

BUSY = 1.0  # seconds of processor time that the screen may stand still for
PATIENCE = 60.0  # seconds until an app that doesn't answer is given up
LIFE = 450  # actions until the app is closed, whatever is under way


class TroubleError(AssertionError):
    """What the monkey found, after these actions of the present app."""

    def __init__(self, what: str, actions: Sequence[Action]) -> None:
        super().__init__(what)
        self.actions = list(actions)
        self.number = 0  # of the app


@dataclass
class Score:
    """What was done: actions, apps, the slowest actions as (seconds, action, where), screens that were seen."""

    actions: int = 0
    apps: int = 0
    slowest: list[tuple[float, str, str]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def note(self, seconds: float, action: str, where: str) -> None:
        """Keep the slowest ten."""
        self.slowest = sorted([*self.slowest, (seconds, action, where)], reverse=True)[:10]


def make_app(number: int) -> DeepnetApp:
    """An app of one kind after the other."""
    sources = ("moons", "digits", "ensemble", "lesson", "table", "present")
    match sources[number % len(sources)]:
        case "lesson":
            return DeepnetApp(lesson=find(list(LESSONS)[number % len(LESSONS)]))
        case "present":
            return DeepnetApp(lesson=find(list(LESSONS)[number % len(LESSONS)]), present=True)
        case "table":
            return DeepnetApp("table.csv", target="price")
        case "ensemble":
            experiment = Experiment.default("spiral").replace("network", ensemble=3)
            return DeepnetApp(experiment.replace("training", iterations=10**7, report_every=20))
        case source:
            return DeepnetApp(Experiment.default(source).replace("training", iterations=10**7, report_every=20))


class Player:
    """Plays on one app after the other; `fence` holds it in its folder."""

    def __init__(self, fence: Fence, busy: BusyTime, limit: float = BUSY) -> None:
        self.score = Score()
        self._fence, self._busy, self._limit = fence, busy, limit

    def play(self, actions: Iterable[Action], first: int = 0) -> list[TroubleError]:
        """Play them all, the first app being that of number `first`; gives what was found."""
        queue, found, number = list(actions), list[TroubleError](), first
        while queue:
            try:
                played = self._one_app(queue, number)
            except TroubleError as trouble:
                trouble.number, played = number, len(trouble.actions)
                found.append(trouble)
            queue, number = queue[max(1, played) :], number + 1
            self.score.actions += played
            self.score.apps += 1
        return found

    def _one_app(self, queue: Sequence[Action], number: int) -> int:
        """Play on one app until it quits; gives the number of actions played."""
        before, done = set(threading.enumerate()), list[Action]()
        self._fence.tried.clear()
        try:
            with self._busy.measured(), self._fence.up():
                asyncio.run(self._live(make_app(number), queue, done))
        except TroubleError:
            raise
        except BaseException as error:
            raise TroubleError(f"app {number}: {type(error).__name__}: {error}", done) from error
        if left := threads_gone(before):
            raise TroubleError(f"app {number}: threads are left: {left}", done)
        if self._fence.tried:
            raise TroubleError(f"app {number}: files elsewhere: {self._fence.tried[:3]}", done)
        return len(done)

    async def _live(self, app: DeepnetApp, queue: Sequence[Action], done: list[Action]) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            end = time.monotonic() + PATIENCE
            while not (app.workbench.ready and app.workbench.snapshot) and time.monotonic() < end:
                await pilot.pause(0.02)
            terminal = Terminal(app)
            for action in islice(queue, LIFE):
                done.append(action)
                self._busy.reset()
                await self._act(terminal, action, done)
                where = f"{type(app.screen).__name__} {self._busy.stack}" if app.screen_stack else "at the end"
                self.score.note(self._busy.longest, str(action), where)
                self.score.seen[where.partition(" ")[0]] += 1
                if self._busy.longest > self._limit:
                    raise TroubleError(f"{self._busy.longest:.2f} s for {action}: {where}", done)
                if app._exit or app._exception is not None:
                    return

    async def _act(self, terminal: Terminal, action: Action, done: Sequence[Action]) -> None:
        app = terminal.app
        if action.kind in ("train", "pause"):
            wanted = action.kind == "train"
            if app.screen is app.main and (app.workbench.state is State.TRAINING) is not wanted:
                terminal.send(" ")
            end = time.monotonic() + 1.0
            while (app.workbench.state in (State.TRAINING, State.PAUSING)) is not wanted and time.monotonic() < end:
                await asyncio.sleep(0.01)
        elif action.size is not None:
            terminal.resize(*action.size)
        elif action.kind == "wait":
            await asyncio.sleep(0.1)
        elif action.kind != "episode":
            terminal.send(action.text)
        if not await answers(app):
            raise TroubleError(f"no answer after {action}", done)


class Terminal:
    """The terminal of an app: parses what is sent as the driver of a real one does."""

    def __init__(self, app: DeepnetApp) -> None:
        self.app = app
        assert isinstance(app._driver, HeadlessDriver)
        self._driver = app._driver
        self._parser = XTermParser()

    def send(self, text: str) -> None:
        """Hand over what a key, the mouse or a paste sends."""
        if text == "\x1b":  # alone it waits for what may follow
            self._driver.process_message(events.Key("escape", text))
            return
        for message in self._parser.feed(text):
            self._driver.process_message(message)

    def resize(self, width: int, height: int) -> None:
        """The window has another size."""
        size = Size(width, height)
        self._driver._size = size
        self.app.post_message(events.Resize(size, size))


async def answers(app: DeepnetApp) -> bool:
    """Wait until all that was sent has been handled; False if that never comes."""
    end = time.monotonic() + PATIENCE
    while not app._exit and app._exception is None and app.screen_stack:
        await asyncio.sleep(0)
        if all(map(_waits, (app, *app.screen.walk_children(with_self=True)))):
            return True
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.001)
    return True


def sequence(seed: int, count: int) -> list[Action]:
    """The first actions that a seed gives."""
    return list(islice(Monkey(seed).actions(), count))


def shortened(trouble: TroubleError) -> list[list[Action]]:
    """Ends of the sequence that may fail alone: the last episode, the last two, four and so on; at last the whole."""
    starts = [k for k, action in enumerate(trouble.actions) if action.kind == "episode"]
    chosen = [starts[-(2**k)] for k in range(12) if 2**k <= len(starts)]
    return [trouble.actions[start:] for start in chosen] + [trouble.actions]
