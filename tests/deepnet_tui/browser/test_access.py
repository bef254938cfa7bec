"""Who may come in: names, origins, the token and its cookie; what is refused, and in which words."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("aiohttp")
pytest.importorskip("textual_serve")

from deepnet_tui.browser.access import Access, given_token, names_of, public_origin
from deepnet_tui.browser.limits import VisitorLimits
from deepnet_tui.browser.offer import Offer
from deepnet_tui.browser.opening import announcement
from deepnet_tui.cli import main
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.listening import listening
from tests.deepnet_tui.browser.served import stub_server

TOKEN = "correct-horse-battery"  # noqa: S105
EVIL = "http://evil.example"


async def test_without_the_token_nothing_but_the_door_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stub_server(monkeypatch, token=TOKEN) as site:
        for path in ("/static/textual.js", f"/download/{'0' * 32}", "/ws", "/elsewhere"):
            assert await site.status(path) == 403
        assert await site.refused() == 403
        for path in ("/", "/?token=", "/?token=wrong", f"/?token={TOKEN}x", "/?token=%ff"):
            async with site.client.get(site.url + path) as answer:
                assert answer.status == 401
                assert "Set-Cookie" not in answer.headers
                assert "textual.js" not in await answer.text()
        assert await site.status("/static/page.css") == 200
        assert await site.refused(Cookie=f"deepnet_{site.url.rpartition(':')[2]}={TOKEN}") == 403
        async with site.client.get(f"{site.url}/?token={TOKEN}", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/")
            cookie = answer.headers["Set-Cookie"]
        assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
        assert TOKEN not in cookie
        async with site.client.get(site.url) as answer:
            assert answer.status == 200
            page = await answer.text()
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "textual.js" in page
        assert "://" not in page, "nothing comes from elsewhere"
        assert [await site.status(f"/static/{name}") for name in ("textual.js", "mono.ttf", "../x", "page.html")] == [
            *(200, 200),
            *(404, 404),
        ]
        async with site.visit() as visit:
            shown = await visit.until(".")
            assert "DEEPNET_TUI_TOKEN" not in shown
        assert await site.refused(Origin=EVIL) == 403


async def test_other_pages_and_other_names_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stub_server(monkeypatch) as site:
        port = site.url.rpartition(":")[2]
        same_site = f"http://127.0.0.1:{int(port) ^ 1}"
        for origin in (EVIL, "null", "", same_site, f"{site.url}.evil.example", f"ftp://127.0.0.1:{port}"):
            assert await site.refused(Origin=origin) == 403, origin
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "192.168.1.5", "[::2]:80"):
            assert await site.status("/", Host=host) == 421, host
            assert await site.refused(Host=host, Origin=f"http://{host}") == 421
        async with site.visit(Host=f"localhost:{port}", Origin=f"http://localhost:{port}") as visit:
            await visit.until(".")
        async with site.client.post(site.url) as answer:
            assert answer.status == 405
        assert await site.status("/ws", Origin=site.url) == 400


def test_names_and_numbers_by_which_a_server_is_asked() -> None:
    everywhere = Access("t" * 20, names_of("::", "https://class.example.org"), True, "https://class.example.org")
    for host in ("192.168.1.5:8000", "[fe80::1]:8000", "LOCALHOST", "class.example.org"):
        assert everywhere.knows_host(host), host
    for host in ("evil.example", "", "1.2.3", "192.168.1.5.evil.example"):
        assert not everywhere.knows_host(host), host
    assert everywhere.knows_origin("https://class.example.org", "127.0.0.1:8000")
    assert not everywhere.knows_origin("http://class.example.org", "127.0.0.1:8000")
    assert "t" * 20 not in repr(everywhere.cookie)


@pytest.mark.parametrize(
    "url", ["class.example.org", "https://", "https://a/b", "https://a?x", "https://u@a", "http://["]
)
def test_a_public_address_that_is_none(url: str) -> None:
    with pytest.raises(InputError, match="--public-url must be such as"):
        public_origin(url)


def test_tokens_from_a_file_and_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEEPNET_TUI_TOKEN", raising=False)
    assert given_token(None) is None
    monkeypatch.setenv("DEEPNET_TUI_TOKEN", TOKEN)
    assert given_token(None) == TOKEN
    file = tmp_path / "token"
    file.write_text("from-the-file-1\n")
    assert given_token(str(file)) == "from-the-file-1"
    for text in ("", "short", "with a space in it", "ümlautümlaut1"):
        file.write_text(text)
        with pytest.raises(InputError, match="at least 12"):
            given_token(str(file))
    with pytest.raises(InputError, match="can't be read"):
        given_token(str(tmp_path / "missing"))


def test_it_says_in_words_what_is_open_to_whom() -> None:
    def said(host: str, token: str | None, public: str | None = None, *, given: bool = False) -> str:
        access = Access(token, names_of(host, public), public=public)
        return " ".join(
            announcement(f"http://{host}:8000", host, access, VisitorLimits(visitors=3), Offer(), given=given)
        )

    alone = said("127.0.0.1", None)
    assert "everyone who uses this machine, and to nobody else" in alone
    assert "At most 3 at a time, for 4 hours each, 30 minutes without a key" in alone
    network = said("10.0.0.5", "a+token")
    assert "http://10.0.0.5:8000/?token=a%2Btoken" in network
    assert "Nothing is encrypted" in network
    proxied = said("127.0.0.1", TOKEN, "https://class.example.org", given=True)
    assert "https://class.example.org/" in proxied
    assert "waits at http://127.0.0.1:8000 for the proxy" in proxied
    for words in (TOKEN, "encrypted", "nobody else"):
        assert words not in proxied
    for sentence in (alone, network, proxied):
        assert "run the app as your user" in sentence
        assert "no others of yours" in sentence


def test_what_is_wrong_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(*words: str) -> str:
        assert main(["serve", *words]) == 2
        return capsys.readouterr().err

    with listening("127.0.0.1", 0) as taken:
        said = refused("--port", str(taken.getsockname()[1]))
    assert "address already in use; choose another --port, or 0 for a free one" in said
    assert "there is no" in refused("nothing.csv")
    assert "--noise needs a SOURCE" in refused("--noise", "0.1")
    assert "must be a number of minutes" in refused("--minutes", "inf")
    twice = [tmp_path / "a" / "x.csv", tmp_path / "b" / "x.csv"]
    for path in twice:
        path.parent.mkdir()
        path.write_text("a,b\n1,2\n3,4\n")
    (tmp_path / "x.toml").write_text('[data]\nsource = "a/x.csv"\ntest = "b/x.csv"\ntarget = "b"\n')
    assert "the names of files that are offered must differ" in refused(str(tmp_path / "x.toml"))
