"""The paths of the server: the page, what it is made of, the WebSocket of a visitor, and downloads."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from aiohttp import web

from deepnet_tui.browser.access import Access
from deepnet_tui.browser.downloads import Downloads
from deepnet_tui.browser.folders import Folders
from deepnet_tui.browser.limits import VisitorLimits
from deepnet_tui.browser.offer import Offer
from deepnet_tui.browser.visitor import Visitor, screen_size

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

TERMINAL = {
    "textual.js": ("js/textual.js", "text/javascript"),
    "xterm.css": ("css/xterm.css", "text/css"),
    "mono.ttf": ("fonts/RobotoMono-VariableFont_wght.ttf", "font/ttf"),
    "mono-italic.ttf": ("fonts/RobotoMono-Italic-VariableFont_wght.ttf", "font/ttf"),
}
"""The files of textual-serve that the page needs, by the name under which they are served, with their kind."""
OWN = {"page.js": "text/javascript", "page.css": "text/css"}
PAGE, DOOR = "page.html", "door.html"
LARGEST_MESSAGE = 1_000_000  # bytes; what is pasted arrives in one
HEARTBEAT = 20.0  # seconds; a browser that does not answer is gone
TRY_LATER = 1013  # the code with which a WebSocket is closed where all places are taken


class BrowserServer:
    """Answers requests, and holds the visitors."""

    def __init__(
        self,
        access: Access,
        limits: VisitorLimits,
        offer: Offer,
        folders: Folders,
        log: Callable[[str], None],
        port: int,
    ) -> None:
        self._access, self._limits, self._offer, self._folders, self._log = access, limits, offer, folders, log
        self._cookie = f"deepnet_{port}"  # cookies are for all ports of a host
        self._downloads = Downloads()
        self._closing = asyncio.Event()
        self._inside: set[asyncio.Task[None]] = set()
        self._count = self._taken = 0
        own = resources.files("deepnet_tui.browser") / "page"
        self._page, self._door = ((own / name).read_text(encoding="utf-8") for name in (PAGE, DOOR))
        self._files = {name: ((own / name).read_bytes(), kind) for name, kind in OWN.items()} | {
            name: ((_terminal() / place).read_bytes(), kind) for name, (place, kind) in TERMINAL.items()
        }

    def application(self) -> web.Application:
        """The paths as an application of aiohttp."""
        application = web.Application(middlewares=[self._guarded])
        application.add_routes(
            [
                web.get("/", self.page),
                web.get("/ws", self.visit),
                web.get("/static/{name}", self.file),
                web.get("/download/{key}", self.download),
            ]
        )
        application.on_response_prepare.append(self._harden)
        return application

    async def close(self) -> None:
        """End all sessions."""
        self._closing.set()
        if self._inside:
            await asyncio.gather(*self._inside, return_exceptions=True)

    # Who may come in

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._access.knows_host(request.host):
            said = "This server is not known by that name; use the address that it printed."
            raise web.HTTPMisdirectedRequest(text=said)
        if request.path in ("/", "/static/page.css") or self._admits(request):
            return await handler(request)
        raise web.HTTPForbidden(text="A token is needed; open the address that the server printed.")

    def _admits(self, request: web.Request) -> bool:
        return self._access.admits(request.cookies.get(self._cookie))

    async def _harden(self, request: web.Request, response: web.StreamResponse) -> None:
        host = request.host if re.fullmatch(r"[\w.:\[\]-]+", request.host) else ""
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
            f"img-src 'self' data:; connect-src 'self' ws://{host} wss://{host}; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers.pop("Server", None)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"

    # Paths

    async def page(self, request: web.Request) -> web.StreamResponse:
        """The page with the terminal; without the cookie for the token, a page that asks for it."""
        given = request.query.get("token")
        if given is not None and self._access.is_token(given):
            answer = web.Response(status=303, headers={"Location": "/"})
            public = self._access.public or ""
            secure = public.startswith("https:")
            answer.set_cookie(self._cookie, self._access.cookie, path="/", httponly=True, samesite="Lax", secure=secure)
            return answer
        if not self._admits(request):
            said = (
                "This token is not the right one."
                if given
                else "You need a token to come in; ask whoever opened this server."
            )
            return web.Response(text=self._door.replace("{{said}}", said), content_type="text/html", status=401)
        if given is not None:
            return web.Response(status=303, headers={"Location": "/"})
        return web.Response(text=self._page, content_type="text/html")

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A script, a style or a font."""
        found = self._files.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound(text="There is no such file.")
        content, kind = found
        answer = web.Response(body=content, headers={"Cache-Control": "private, max-age=3600"})
        answer.content_type = kind
        return answer

    async def download(self, request: web.Request) -> web.StreamResponse:
        """A file that an app has saved, once."""
        download = self._downloads.take(request.match_info["key"])
        if download is None:
            raise web.HTTPNotFound(text="This file is not there any more; save it again.")
        headers = {"Content-Disposition": download.disposition, "Content-Type": "application/octet-stream"}
        response = web.StreamResponse(headers=headers)
        try:
            await response.prepare(request)
            async for part in download.read():
                await response.write(part)
            await response.write_eof()
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()  # so that half a file isn't taken for a whole one
        finally:
            self._downloads.done(download)
        return response

    async def visit(self, request: web.Request) -> web.StreamResponse:
        """The session of one visitor."""
        if not self._access.knows_origin(request.headers.get("Origin"), request.host):
            raise web.HTTPForbidden(text="A session is opened by the page of this server only.")
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LARGEST_MESSAGE, compress=True)
        if not socket.can_prepare(request):
            raise web.HTTPBadRequest(text="This path is for a WebSocket.")
        await socket.prepare(request)
        if self._taken >= self._limits.visitors:
            many = self._limits.visitors
            full = f"{f'All {many} places are' if many > 1 else 'The only place is'} taken; wait until somebody leaves."
            await socket.close(code=TRY_LATER, message=full.encode())
            return socket
        self._taken += 1
        session = asyncio.ensure_future(self._session(socket, screen_size(request.query)))
        self._inside.add(session)
        session.add_done_callback(self._inside.discard)
        await asyncio.shield(session)
        return socket

    async def _session(self, socket: web.WebSocketResponse, size: tuple[int, int]) -> None:
        self._count += 1
        number, folder = self._count, self._folders.new()
        self._log(f"visitor {number} has come; {self._places()}")
        reason = "The session failed; the server's terminal says why."
        try:
            visitor = Visitor(socket, folder, self._limits, self._downloads, self._log)
            reason = await visitor.run(self._offer, size, self._closing)
        except Exception as error:  # one session must not end the others
            self._log(f"the session of visitor {number} failed: {type(error).__name__}: {error}")
        finally:
            await asyncio.to_thread(self._folders.remove, folder)
            self._taken -= 1
            self._log(f"visitor {number} has gone; {self._places()}")
            await socket.close(message=reason.encode()[:123])

    def _places(self) -> str:
        return f"{self._taken} of {self._limits.visitors} places taken"


def _terminal() -> Path:
    found = find_spec("textual_serve")
    assert found is not None and found.origin is not None  # noqa: S101, PT018  the command has looked
    return Path(found.origin).parent / "static"
