"""`serve-model`: answers requests with the predictions of a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def serve_model(
    model: Annotated[Path, typer.Argument(help="Model file, as written by train --export.", metavar="MODEL")],
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for every one.", metavar="HOST")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port to listen on, 0 for a free one.", metavar="N", min=0, max=65535)
    ] = 8000,
    max_rows: Annotated[int | None, typer.Option(help="Most rows of a request.", metavar="N", min=1)] = None,
    max_body: Annotated[int | None, typer.Option(help="Most bytes of a request.", metavar="N", min=1)] = None,
    max_requests: Annotated[int | None, typer.Option(help="Most requests at once.", metavar="N", min=1)] = None,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds for a request, and for its answer.", metavar="F", min=0.001)
    ] = None,
    threads: Annotated[int | None, typer.Option(help="Threads that predict.", metavar="N", min=1, max=64)] = None,
) -> None:
    """Serve a model over HTTP, as JSON.

    POST /predict takes rows, GET /health says that all is well, GET /openapi.json describes the rows. Only this machine
    reaches it unless --host says otherwise. Needs the extra: pip install 'deepnet-tui[serve]'.

    \b
    Example:  deepnet-tui serve-model churn.npz --port 8000
    """
    from dataclasses import replace
    from importlib.util import find_spec

    from deepnet_tui.cli.output import tell
    from deepnet_tui.common.errors import InputError
    from deepnet_tui.export import load
    from deepnet_tui.serve.limits import Limits

    if any(find_spec(package) is None for package in ("starlette", "uvicorn")):
        raise InputError("serve-model needs starlette and uvicorn: pip install 'deepnet-tui[serve]'", "serve")
    given = {"rows": max_rows, "body": max_body, "requests": max_requests, "seconds": timeout, "threads": threads}
    limits = replace(Limits(), **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    found = load(model)
    from deepnet_tui.serve.server import serve

    def begun(address: str) -> None:
        tell(f"{found.name} is served at {address} (POST /predict, GET /health, GET /openapi.json); Ctrl-C stops it")

    serve(found, host, port, limits, tell, begun)
    tell("stopped")
