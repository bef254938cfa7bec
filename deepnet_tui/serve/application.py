"""The service: its paths, its limits, and how it refuses. Rows are predicted in threads, so that it always answers."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from deepnet_tui.common.text import quoted
from deepnet_tui.common.version import __version__
from deepnet_tui.model import Model
from deepnet_tui.serve.answers import answer, to_json
from deepnet_tui.serve.limits import Limits, RefusedError
from deepnet_tui.serve.local_hosts import LocalHosts
from deepnet_tui.serve.openapi import description
from deepnet_tui.serve.served_model import served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

JSON = "application/json"
PATHS = "POST /predict, GET /health, GET /openapi.json"
DRAINED = 4  # times the limit of a body that are read and dropped, so that the client sees the answer


class Service:
    """Answers requests with the predictions of one model."""

    def __init__(self, model: Model, limits: Limits) -> None:
        self.model = served(model)
        self.limits = limits
        self.running = 0
        self.requests = self.rows = 0
        self._began = time.monotonic()
        self._threads = ThreadPoolExecutor(limits.threads, thread_name_prefix="predict")
        self._description = to_json(description(model, limits))

    def close(self) -> None:
        """No more predictions; those that run end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def health(self, _request: Request) -> Response:
        """That the service answers, and what it has done."""
        return _json(
            to_json(
                {
                    "status": "ok",
                    "model": self.model.name,
                    "target": self.model.targets if self.model.further_targets else self.model.target,
                    "version": __version__,
                    "uptime_seconds": round(time.monotonic() - self._began, 1),
                    "in_progress": self.running,
                    "requests": self.requests,
                    "rows": self.rows,
                }
            )
        )

    async def openapi(self, _request: Request) -> Response:
        """The description of the service."""
        return _json(self._description)

    async def predict(self, request: Request) -> Response:
        """Predict the rows in the body. Raises RefusedError."""
        _check_kind(request)
        if self.running >= self.limits.requests:
            most = self.limits.requests
            raise RefusedError(429, f"{most:,} requests are in progress, which is the limit; try again in a second")
        self.running += 1
        future: Future[tuple[bytes, int]] | None = None
        try:
            body = await self._body(request)
            future = self._threads.submit(answer, self.model, body, self.limits.rows)
            found, rows = await asyncio.wait_for(asyncio.wrap_future(future), self.limits.seconds)
        except TimeoutError:
            raise RefusedError(503, f"the answer took more than {self.limits.seconds:g} seconds") from None
        finally:
            if future is None or future.done():
                self.running -= 1
            else:  # a thread can't be stopped: its place is free when it is
                loop = asyncio.get_running_loop()
                future.add_done_callback(lambda _future: loop.call_soon_threadsafe(self._free))
        self.requests += 1
        self.rows += rows
        return _json(found)

    def _free(self) -> None:
        self.running -= 1

    async def _body(self, request: Request) -> bytes:
        """The whole body. Raises RefusedError where it is too large or too slow."""
        most = self.limits.body
        length = request.headers.get("content-length", "0")
        announced = int(length) if length.isdecimal() else 0
        too_large = RefusedError(413, f"the body is too large; at most {most:,} bytes are allowed")
        if announced > DRAINED * most:
            raise too_large
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self.limits.seconds):
                async for part in request.stream():
                    size += len(part)
                    if size <= most:
                        parts.append(part)
                    elif size > DRAINED * most:
                        break
        except TimeoutError:
            raise RefusedError(408, f"the request took more than {self.limits.seconds:g} seconds to arrive") from None
        except ClientDisconnect:
            raise RefusedError(400, "the client has gone before its request was whole") from None
        if size > most:
            raise too_large
        return b"".join(parts)


def application(model: Model, limits: Limits, hosts: frozenset[str] | None = None) -> Starlette:
    """The service as an ASGI application; `hosts` are the names it may be asked by, None for any."""
    service = Service(model, limits)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        service.close()

    return Starlette(
        routes=[
            Route("/predict", service.predict, methods=["POST"]),
            Route("/health", service.health, methods=["GET"]),
            Route("/openapi.json", service.openapi, methods=["GET"]),
        ],
        middleware=[] if hosts is None else [Middleware(LocalHosts, hosts=hosts)],
        exception_handlers={RefusedError: _refused, HTTPException: _not_there, Exception: _failed},
        lifespan=lifespan,
    )


def _check_kind(request: Request) -> None:
    """Raise RefusedError for a body that is not plain JSON. Browsers then ask before they send it from another site."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.partition("charset=")[2].strip().strip('"').lower()
    if kind.strip().lower() != JSON or charset not in ("", "utf-8", "utf8"):
        given = quoted(request.headers.get("content-type", "nothing"))
        raise RefusedError(415, f"the Content-Type must be {JSON} in UTF-8, not {given}")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RefusedError(415, "the body must not be compressed")


async def _refused(_request: Request, error: Exception) -> Response:
    status = getattr(error, "status", 400)
    headers = {"Retry-After": "1"} if status in (429, 503) else {}
    return _json(to_json({"error": str(error)}), status, headers)


async def _not_there(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  as it is registered
    path = quoted(request.url.path)
    said = {
        404: f"there is no path {path}; there are {PATHS}",
        405: f"{quoted(request.method, 20)} is not for {path}; there are {PATHS}",
    }
    sentence = said.get(error.status_code, str(error.detail))
    return _json(to_json({"error": sentence}), error.status_code, dict(error.headers or {}))


async def _failed(_request: Request, _error: Exception) -> Response:
    return _json(to_json({"error": "the service failed; its log says why"}), 500)


def _json(content: bytes, status: int = 200, headers: dict[str, Any] | None = None) -> Response:
    return Response(content, status, headers, JSON)
