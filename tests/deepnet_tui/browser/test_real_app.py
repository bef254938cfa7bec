"""The command with real apps: what a visitor sees, saves and is refused, and that nothing is left when it ends."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

pytest.importorskip("aiohttp")
pytest.importorskip("textual_serve")

from deepnet_tui.browser.folders import folders
from deepnet_tui.export import load
from tests.deepnet_tui.browser.served import Command, Site, Visit, client, gone, served

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
TOKEN = "a-token-for-a-class"  # noqa: S105


def table(path: Path) -> Path:
    rows = "\n".join(f"{number},{number % 7},{'yes' if number % 2 else 'no'}" for number in range(80))
    path.write_text(f"amount,weekday,returned\n{rows}\n")
    return path


async def downloaded(site: Site, visit: Visit) -> bytes:
    """The file that the app has just saved."""
    kind, key = visit.messages.pop()
    assert kind == "deliver_file_start"
    async with site.client.get(f"{site.url}/download/{key}") as answer:
        content = await answer.read()
    assert await site.status(f"/download/{key}") == 404, "a file is given once"
    return content


async def refused_paths(visit: Visit) -> None:
    """Files of the server are refused, those that are there and those that aren't."""
    await visit.type("d")
    await visit.until("type its path")
    await visit.type("\t", "orders")
    await visit.until("orders.csv")
    await visit.type(*["\x7f"] * 10, "/etc/passwd", "\r")
    await visit.until("/etc/passwd can't be used: it is outside of the folder of your session")
    await visit.type("\x1b")
    await visit.until("space train")


async def exports(site: Site, visit: Visit, folder: Path) -> None:
    """A file is downloaded, and another one is not written where others are."""
    await visit.type("e")
    await visit.until("Export")
    await visit.type("\r")
    await visit.until("Enter saves here")
    await visit.type("\x15", "../../../x.npz", "\r")
    await visit.until("it is outside of the folder of your session")
    await visit.type("\x15", "mine.npz", "\r")
    await visit.until("downloads it")
    model = folder / "mine.npz"
    model.write_bytes(await downloaded(site, visit))
    assert load(model).target == "returned"
    await visit.type("e")
    await visit.until("Export")
    await visit.type("\r")
    await visit.until("Enter saves here")
    await visit.type("\x15", "mine.py", "\r")
    await visit.until("not verified: Python could not be started (a session in the browser runs no programs)")
    assert b"def " in await downloaded(site, visit)


async def use(site: Site, command: Command, folder: Path) -> None:
    """One visitor who works, one who is there when the server is stopped."""
    assert await site.refused() == 403
    assert await site.status(f"/?token={TOKEN}") == 303
    async with site.visit() as visit, site.visit() as other:
        await visit.until("mean of 8")
        await other.until("mean of 8")
        assert len(command.children()) == 2
        await refused_paths(visit)
        await exports(site, visit, folder)
        stores = list(command.folder.glob("visitor-*/store"))
        assert len(stores) == 2
        children = command.children()
        assert await asyncio.to_thread(command.stop, signal.SIGTERM) == 0
        assert await visit.end() == await other.end() == "The server has been stopped."
    assert all(map(gone, children))


async def test_a_class_and_the_end_of_the_server(tmp_path: Path) -> None:
    orders = table(tmp_path / "orders.csv")
    before = orders.read_bytes()
    (tmp_path / "owner").mkdir()
    (tmp_path / "owner" / "config.toml").write_text('theme = "no such theme"')
    token = tmp_path / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    options = ("--target", "returned", "--token-file", str(token), "--public-url", "http://class.example.org")
    with served(tmp_path, str(orders), *options) as command:
        said = "".join(command.said)
        assert "the built-in data and orders.csv" in said
        assert TOKEN not in said
        async with client() as browser:
            site = Site(command.url, browser, command.temporary, [])
            await use(site, command, tmp_path)
    assert list(command.temporary.iterdir()) == []
    assert orders.read_bytes() == before
    assert [path.name for path in (tmp_path / "owner").iterdir()] == ["config.toml"]


async def test_a_server_that_is_killed_leaves_no_process_and_the_next_one_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(tmp_path) as command:
        async with client() as browser:
            site = Site(command.url, browser, command.temporary, [])
            async with site.visit() as visit:
                await visit.until("moons")
                (child,) = command.children()
                await asyncio.to_thread(command.stop, signal.SIGKILL)
                async with asyncio.timeout(15):
                    while not gone(child):
                        await asyncio.sleep(0.05)
    (left,) = command.temporary.iterdir()
    monkeypatch.setattr("tempfile.tempdir", str(command.temporary))
    with folders() as first, folders() as second:
        assert not left.exists()
        assert first.path.is_dir(), "a server that runs is left alone"
        assert second.path.is_dir()
        assert first.path.stat().st_mode & 0o077 == 0
    assert list(command.temporary.iterdir()) == []
