"""A service on loopback is asked by a local name only, so that no web page reaches it through a name of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from deepnet_tui.common.listening import host_of
from deepnet_tui.serve.answers import to_json

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

LOCAL = frozenset(("localhost", "127.0.0.1", "::1"))


class LocalHosts:
    """Refuses requests whose Host header is none of `hosts`."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and self._host(scope) not in self._hosts:
            said = "the Host of the request is no local name; to be asked by others, the service needs --host"
            await Response(to_json({"error": said}), 400, media_type="application/json")(scope, receive, send)
            return
        await self._app(scope, receive, send)

    @staticmethod
    def _host(scope: Scope) -> str:
        """The name in the Host header, without port and brackets."""
        return host_of(next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1"))
