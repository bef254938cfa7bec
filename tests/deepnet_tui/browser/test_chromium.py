"""In a real browser: it opens, trains, shows the curve, and what is exported is downloaded and opens as a model."""

from __future__ import annotations

import asyncio
import base64
import signal
from pathlib import Path

import pytest

pytest.importorskip("aiohttp")
pytest.importorskip("textual_serve")

from deepnet_tui.export import load
from tests.deepnet_tui.browser.chromium import PROGRAM, Page, opened
from tests.deepnet_tui.browser.served import ESCAPES, served

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium")

LINE = [110, 168, 220]  # the colour of the training cost in the theme "deepnet"
COLUMNS = """
(async () => {
  const picture = new Image();
  picture.src = "data:image/png;base64,%s";
  await picture.decode();
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const [left, top, width, height] = [350, 45, 900, 210];
  const pixels = context.getImageData(left, top, width, height).data;
  const found = new Set();
  for (let at = 0; at < pixels.length; at += 4)
    if (%s.every((wanted, part) => Math.abs(pixels[at + part] - wanted) < 30)) found.add((at / 4) %% width);
  return found.size;
})()
"""


async def shown(page: Page, wanted: str) -> None:
    """Wait until the app has sent this text to the page."""
    async with asyncio.timeout(60):
        while wanted not in _received(page):
            await asyncio.sleep(0.05)


def _received(page: Page) -> str:
    frames = (told["response"] for told in page.named("Network.webSocketFrameReceived"))
    parts = (base64.b64decode(frame["payloadData"]) for frame in frames if frame["opcode"] == 2)
    return ESCAPES.sub("", b"".join(parts).decode("utf-8", "replace"))


async def curve_columns(page: Page) -> int:
    """How many columns of pixels of the chart have the colour of the training cost."""
    picture = base64.b64encode(await page.picture()).decode()
    return int(await page.value(COLUMNS % (picture, LINE)))


async def test_a_network_is_trained_and_exported_in_chromium(tmp_path: Path) -> None:
    saved = tmp_path / "downloads"
    with served(tmp_path) as command:
        async with opened(tmp_path) as page:
            for domain in ("Page", "Network", "Runtime"):
                await page(f"{domain}.enable")
            await page("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(saved), eventsEnabled=True)
            await page("Page.navigate", url=command.url)
            await page.until("document.body?.classList.contains('-first-byte')")
            assert await page.value("document.title") == "deepnet"
            await shown(page, "space starts the training")
            assert await curve_columns(page) == 0
            await page.key(" ")
            await shown(page, "finished")
            async with asyncio.timeout(20):
                while await curve_columns(page) < 40:  # where the validation cost does not lie over it
                    await asyncio.sleep(0.1)
            (tmp_path / "trained.png").write_bytes(await page.picture())
            await page.key("e")
            await shown(page, "Enter continues to the path")
            await page.key("\r")
            await shown(page, "Enter saves here")
            await page.key("\r")
            await shown(page, "your browser downloads it")
            async with asyncio.timeout(20):
                while "completed" not in [told["state"] for told in page.named("Browser.downloadProgress")]:
                    await asyncio.sleep(0.05)
            asked = {told["request"]["url"] for told in page.named("Network.requestWillBeSent")}
            assert {url for url in asked if not url.startswith((command.url, "data:"))} == set(), (
                "nothing from elsewhere"
            )
            assert page.named("Runtime.exceptionThrown") == []
            await asyncio.to_thread(command.stop, signal.SIGTERM)
            await page.until("document.body.classList.contains('-closed')")
            assert await page.value("document.getElementById('reason').textContent") == "The server has been stopped."
    (file,) = saved.iterdir()
    model = load(file)
    assert (file.name, model.network.inputs) == ("moons.npz", 2)
    assert list(command.temporary.iterdir()) == []
