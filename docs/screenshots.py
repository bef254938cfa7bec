"""Makes docs/screenshot.svg from the real app: `python docs/screenshots.py`."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from deepnet_tui.app import DeepnetApp
from deepnet_tui.workbench import State

PICTURE = Path(__file__).with_name("screenshot.svg")
SIZE = (120, 36)


async def take() -> str:
    """Train on the data that the app opens with, and look at the boundary."""
    app = DeepnetApp()
    async with app.run_test(size=SIZE) as pilot:
        while app.workbench.state is State.EMPTY or app.workbench.shown is None:
            await pilot.pause(0.01)
        await pilot.press("space")
        while app.workbench.state is not State.FINISHED:
            await pilot.pause(0.01)
        await pilot.press("3")
        app.main.redraw()
        await pilot.pause(0.5)
        return app.export_screenshot(title="deepnet-tui")


def main() -> None:
    """Write the picture; nothing of the user's own is read or kept."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["DEEPNET_TUI_HOME"] = home
        PICTURE.write_text(asyncio.run(take()), encoding="utf-8")
    print(f"wrote {PICTURE}")


if __name__ == "__main__":
    main()
