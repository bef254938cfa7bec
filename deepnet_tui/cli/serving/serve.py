"""`serve`: the app in a browser."""

from __future__ import annotations

import math
from typing import Annotated, Any

import typer

from deepnet_tui.cli.options import takes
from deepnet_tui.data.setting_list import PLANE, READING


@takes("target", *PLANE, *READING)
def serve(
    source: Annotated[
        str | None, typer.Argument(help="Built-in data set, data file or experiment.toml.", metavar="SOURCE")
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for every one.", metavar="HOST")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port to listen on, 0 for a free one.", metavar="N", min=0, max=65535)
    ] = 8000,
    token_file: Annotated[
        str | None,
        typer.Option(help="File with the token of visitors; else DEEPNET_TUI_TOKEN, or a new one.", metavar="FILE"),
    ] = None,
    public_url: Annotated[
        str | None, typer.Option(help="Address that visitors see, behind a proxy.", metavar="URL")
    ] = None,
    visitors: Annotated[int, typer.Option(help="Most visitors at the same time.", metavar="N", min=1, max=1000)] = 8,
    minutes: Annotated[float, typer.Option(help="Longest session.", metavar="F", min=0.01)] = 240.0,
    idle_minutes: Annotated[
        float, typer.Option(help="A session that nobody uses ends after these.", metavar="F", min=0.01)
    ] = 30.0,
    memory: Annotated[
        int | None, typer.Option(help="Most megabytes of address space of a session.", metavar="N", min=500)
    ] = None,
    **settings: Any,
) -> None:
    """Open the app in a browser, for you or for a class.

    Only this machine reaches it unless --host says otherwise, and then visitors need a token. Each has a session of
    their own, which sees no files of yours but SOURCE, and which is gone when its page is closed. To serve a model to
    programs, see serve-model. Needs the extra: pip install 'deepnet-tui[web]'.

    \b
    Example:  deepnet-tui serve --host 0.0.0.0 --visitors 30
    """
    from deepnet_tui.browser.app_process import missing_package
    from deepnet_tui.browser.limits import VisitorLimits
    from deepnet_tui.browser.offer import offered
    from deepnet_tui.cli.commands.open_app import opened_source
    from deepnet_tui.cli.output import tell
    from deepnet_tui.cli.source import target_of
    from deepnet_tui.common.errors import InputError

    if missing := missing_package():
        raise InputError(f"serve needs {missing}: pip install 'deepnet-tui[web]'", "web")
    given = {name: value for name, value in settings.items() if value is not None}
    target = target_of(given.pop("target", None))
    if source is None and (given or target):
        raise InputError(f"--{next(iter(given), 'target')} needs a SOURCE", "source")
    opened = None if source is None else opened_source(source, target, given)
    named = target if isinstance(opened, str) and isinstance(target, str) else None
    offer = offered(opened, named, fresh=source is not None and not source.lower().endswith(".toml"))
    for name, value in (("minutes", minutes), ("idle-minutes", idle_minutes)):
        if not math.isfinite(value):
            raise InputError(f"--{name} must be a number of minutes, not {value}")
    limits = VisitorLimits(
        visitors=visitors,
        seconds=60 * minutes,
        idle=60 * idle_minutes,
        memory=None if memory is None else memory * 1_000_000,
    )
    from deepnet_tui.browser.opening import open_to

    open_to(host, port, token_file, public_url, limits, offer, tell)
