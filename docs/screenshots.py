"""Makes the pictures of the manual from the real app: `python docs/screenshots.py`."""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deepnet_tui.app import DeepnetApp
from deepnet_tui.workbench.state import State

FOLDER = Path(__file__).parent
WIDE, NARROW = (120, 36), (80, 24)


@dataclass(frozen=True)
class Picture:
    """What is opened, and which keys are pressed once the network is trained."""

    source: str | None
    keys: tuple[str, ...]
    size: tuple[int, int] = WIDE


PICTURES = {
    "screenshot": Picture(None, ("3",)),
    "explain": Picture(None, ("2", "z", *["plus"] * 4, *["right"] * 15, "j", "l", "l")),
    "narrow": Picture("spiral", ("3",), NARROW),
}


async def take(picture: Picture) -> str:
    """Train to the end, press the keys, and look."""
    app = DeepnetApp(picture.source)
    async with app.run_test(size=picture.size) as pilot:
        while app.workbench.state is State.EMPTY or app.workbench.snapshot is None:
            await pilot.pause(0.01)
        await pilot.press("space")
        while app.workbench.state is not State.FINISHED:
            await pilot.pause(0.01)
        await pilot.press(*picture.keys)
        app.main.redraw()
        app.clear_notifications()
        await pilot.pause(0.5)
        svg = app.export_screenshot(title="deepnet-tui")
    return svg.replace("<text ", '<text xml:space="preserve" ')  # some programs drop blanks at the start of a text


def main() -> None:
    """Write the pictures; nothing of the user's own is read or kept."""
    for name, picture in PICTURES.items():
        with tempfile.TemporaryDirectory() as home:
            os.environ["DEEPNET_TUI_HOME"] = home
            path = FOLDER / f"{name}.svg"
            path.write_text(asyncio.run(take(picture)), encoding="utf-8")
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
