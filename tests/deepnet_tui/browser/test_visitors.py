"""Sessions come and go: thirty leave nothing behind, clocks and limits end them, and the server outlives bad apps."""

from __future__ import annotations

import asyncio
import gc
import re
import sys
import tracemalloc
from pathlib import Path

import pytest

pytest.importorskip("aiohttp")
pytest.importorskip("textual_serve")

from deepnet_tui.browser import application, visitor
from deepnet_tui.browser.limits import VisitorLimits
from deepnet_tui.browser.visitor import screen_size
from tests.deepnet_tui.browser.served import Site, gone, stub_server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")


async def _came(site: Site, *, politely: bool) -> int:
    """One visitor; gives the process of the app."""
    async with site.visit() as visit:
        found = re.search(r"pid (\d+) in (\S+) with", await visit.until("."))
        assert found is not None
        assert Path(found[2]).is_relative_to(site.folder)
        await visit.type("a")
        await visit.until("got a")
        if politely:
            await visit.type("end")
            assert await visit.end() == "The session has ended."
        else:
            connection = visit.socket._response.connection
            assert connection is not None
            assert connection.transport is not None
            connection.transport.abort()
    return int(found[1])


async def test_thirty_visitors_one_after_another_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "HEARTBEAT", 0.5)  # aiohttp holds a session until its next heartbeat
    async with stub_server(monkeypatch) as site:
        for number in range(5):  # what is made once
            await _came(site, politely=bool(number % 2))
        await site.empty()
        tasks = len(asyncio.all_tasks())
        await asyncio.sleep(0.6)
        gc.collect()
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            pids = [await _came(site, politely=bool(number % 3)) for number in range(30)]
            await site.empty()
            async with asyncio.timeout(10):
                while tracemalloc.get_traced_memory()[0] - before > 60_000:
                    await asyncio.sleep(0.2)
                    gc.collect()
        finally:
            tracemalloc.stop()
        assert all(map(gone, pids))
        assert len(asyncio.all_tasks()) <= tasks + 1
        assert site.log[-1] == "visitor 35 has gone; 0 of 8 places taken"
        assert [path.name for path in site.folder.iterdir()] == ["lock"]


async def test_a_full_house_says_so_and_has_room_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stub_server(monkeypatch, VisitorLimits(visitors=2)) as site:
        async with site.visit() as first, site.visit() as second:
            await first.until(".")
            await second.until(".")
            async with site.visit() as third:
                assert await third.end() == "All 2 places are taken; wait until somebody leaves."
        await site.empty()
        async with site.visit() as next_one:
            await next_one.until(".")


async def test_time_over_and_idle_are_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stub_server(monkeypatch, VisitorLimits(seconds=1.0, notice=0.7)) as site, site.visit() as visit:
        await visit.until("This session ends in 1 second; save what you need")
        assert "The time for a session is over (1 second). Its files are gone." in await visit.end()
    async with stub_server(monkeypatch, VisitorLimits(idle=1.2)) as site, site.visit() as visit:
        assert "any key keeps it open" in await visit.until("open")
        await visit.type("a")
        await visit.until("any key keeps it open")
        assert "nobody used it (1 second)" in await visit.end()
        await site.empty()


async def test_apps_that_hang_or_flood_and_messages_that_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor, "DISK_EVERY", 0.1)
    async with stub_server(monkeypatch, VisitorLimits(disk=1_000_000, ending=0.1)) as site:
        for command in ("hang", "flood"):
            async with site.visit() as visit:
                pid = int(re.findall(r"pid (\d+)", await visit.until("."))[0])
                await visit.type(command)
                await asyncio.sleep(0.05)
            await site.empty()
            assert gone(pid)
        async with site.visit() as visit:
            await visit.until(".")
            for text in ("", "[]", "{}", "7", '["stdin"]', '["resize", 3]', '["resize", {"width": "x"}]', "[" * 10_000):
                await visit.socket.send_str(text)
            await visit.socket.send_bytes(b"\0")
            assert '"width": 80, "height": 24' in await visit.until("}")
            await visit.socket.send_json(["ping", 5])
            await visit.type("b")
            await visit.until("got b")
            assert visit.messages == [["pong", 5]]
            await visit.type("write 2000000")
            assert await visit.end() == "The session was closed: its files took more than 1 MB."
        async with site.visit() as visit:
            await visit.until(".")
            await visit.type("crash")
            assert "The app has failed" in await visit.end()
        assert {"the app of a visitor ended with status 1", "the app of a visitor said: it has crashed"} <= set(
            site.log
        )
        monkeypatch.setenv("LC_TEST", "fail")
        async with site.visit() as visit:
            assert "could not be started here" in await visit.end()
        assert "the app of a visitor said: it has no wish to start" in site.log


def test_sizes_and_times() -> None:
    assert screen_size({"width": "120", "height": 36}) == (120, 36)
    assert screen_size({"width": "NaN", "height": None}) == (80, 24)
    assert screen_size({"width": 10**9, "height": -5}) == (1000, 1)
    assert screen_size({"width": float("inf"), "height": float("nan")}) == (80, 24)
