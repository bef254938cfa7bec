"""Makes the pictures of the manual from the real app: `python docs/screenshots.py`, or some by their names.

A network is trained to its end before keys are pressed, and seeds are fixed: the same program makes the same pictures,
but for the times of runs.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepnet_tui.app import DeepnetApp
from deepnet_tui.lessons.library import find
from deepnet_tui.workbench.state import State

if TYPE_CHECKING:
    from textual.pilot import Pilot

FOLDER = Path(__file__).parent / "pictures"
WIDE, NARROW = (120, 36), (80, 24)
PATIENCE = 60.0  # seconds for anything that is waited for
LARGEST = 150_000  # bytes of a picture


@dataclass(frozen=True)
class Picture:
    """What is opened, whether it is trained first, which keys are pressed then, and what is waited for in the end.

    A key may be `wait:TEXT`: until the text is on the screen.
    """

    source: str | None = None
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = WIDE
    train: bool = True
    target: str | None = None
    lesson: str | None = None


CHURN: dict[str, Any] = {"source": "customers.csv", "target": "churn"}
RATES = (
    "0",
    "wait:learning rate",
    "tab",
    "down",
    "enter",
    *"0.001,0.01,0.1",
    "enter",
    "R",
    "wait:Ranks",
    "wait:● finished",
)
PICTURES = {
    "main": Picture(keys=("3",)),
    "narrow": Picture("spiral", ("3",), NARROW),
    "tutorial": Picture("tutorial", ("1",)),
    "explain": Picture("tutorial", ("2", "z", *["plus"] * 4, *["right"] * 20, "l")),
    "boundary": Picture("spiral", ("3", "z"), NARROW),
    "health": Picture("tutorial", ("4", "wait:too small")),
    "picture": Picture("moons", ("7",), NARROW),
    "data": Picture(**CHURN, keys=("d", "c", "wait:identifier"), train=False),
    "evaluate": Picture(**CHURN, keys=("5", "wait:logistic")),
    "importance": Picture(**CHURN, keys=("5", "i", "wait:months   ")),
    "what_if": Picture(**CHURN, keys=("5", "i", "wait:what if", "c", "wait:contributions")),
    "race": Picture("circles", RATES, train=False),
    "runs": Picture(
        "moons", ("0", "t", *["down"] * 6, "enter", "wait:ready", "space", "wait:finished", "C", "wait:moons", "M")
    ),
    "lesson": Picture(lesson="stuck", keys=("space", "wait:✓"), size=NARROW, train=False),
    "export": Picture("moons", ("e", "wait:safetensors"), NARROW),
    "side_by_side": Picture("circles", ("V", "wait:zeros", "space", "wait:● finished"), (100, 30), train=False),
    "help": Picture("moons", ("question_mark", "wait:Train")),
}


def customers(path: Path) -> None:
    """A made-up table: who leaves has a basic plan and came lately."""
    draw = random.Random(1)  # noqa: S311 - a made-up table
    lines = ["customer,plan,months,spent,churn"]
    for row in range(300):
        plan, months = draw.choice(["basic", "pro", "team"]), draw.randint(1, 60)
        spent = "" if draw.random() < 0.05 else f"{draw.gauss(40, 12):.2f}"
        leaves = draw.random() < (0.7 if plan == "basic" and months < 24 else 0.15)
        lines.append(f"c{row:04d},{plan},{months},{spent},{'yes' if leaves else 'no'}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


async def take(picture: Picture) -> str:
    """Open the app, train to the end, press the keys, and look."""
    lesson = find(picture.lesson) if picture.lesson else None
    app = DeepnetApp(picture.source, target=picture.target, lesson=lesson, present=lesson is not None)
    async with app.run_test(size=picture.size) as pilot:
        await until(pilot, lambda: app.workbench.state is not State.EMPTY and app.workbench.snapshot is not None)
        if picture.train:
            await pilot.press("space")
            await until(pilot, lambda: app.workbench.state is State.FINISHED)
        for key in picture.keys:
            if key.startswith("wait:"):
                await until(pilot, partial(shows, app, key.removeprefix("wait:")))
            else:
                await pilot.press(NAMES.get(key, key))
        await settled(pilot, app)
        return smaller(app.export_screenshot(title="deepnet-tui"))


NAMES = {".": "full_stop", ",": "comma"}


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    """Wait for something. Raises TimeoutError where it does not come."""
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await pilot.pause(0.02)


async def settled(pilot: Pilot[None], app: DeepnetApp) -> None:
    """Until nothing has changed on the screen for half a second; without messages that come and go."""
    before, same = "", 0
    async with asyncio.timeout(PATIENCE):
        while same < 5:
            app.clear_notifications()
            app.screen.refresh()
            await pilot.pause(0.1)
            now = on_screen(app)
            same, before = (same + 1 if now == before else 0), now


def shows(app: DeepnetApp, text: str) -> bool:
    """Whether the text is on the screen."""
    return text in on_screen(app)


def on_screen(app: DeepnetApp) -> str:
    """The text of the screen."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def smaller(svg: str) -> str:
    """The picture without what asks for a font elsewhere, and with short names; blanks at the start of a text stay."""
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<clipPath id=\"[^\"]*line-\d+\">.*?</clipPath>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' clip-path="url\(#[^)]*line-\d+\)"', "", svg)
    svg = re.sub(r"\bterminal-\d+-", "t-", svg)
    svg = re.sub(r'="(\d+\.\d)\d+"', r'="\1"', svg)
    svg = svg.replace(' shape-rendering="crispEdges"', "").replace(
        "<style>", "<style>rect { shape-rendering: crispEdges }", 1
    )
    svg = svg.replace('<g class="t-matrix">', '<g class="t-matrix" xml:space="preserve">')
    return re.sub(r"\n\s*\n+", "\n", svg)


def main(names: list[str]) -> None:
    """Write the pictures; nothing of the user's own is read or kept."""
    FOLDER.mkdir(exist_ok=True)
    back = Path.cwd()
    for name in names or PICTURES:
        with tempfile.TemporaryDirectory() as home:
            os.environ["DEEPNET_TUI_HOME"] = home
            os.chdir(home)
            customers(Path("customers.csv"))
            svg = asyncio.run(take(PICTURES[name]))
            os.chdir(back)
        size = len(svg.encode("utf-8"))
        (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")
        print(f"{name}: {size / 1000:.0f} kB" + (" - too large" if size > LARGEST else ""), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
