"""Starts the app, or says why this terminal can't show it."""

from __future__ import annotations

import os
import sys
from typing import Any

from deepnet_tui.terminal.characters import wants_plain
from deepnet_tui.terminal.environment import check_terminal


def run_app(instead: str, /, *args: Any, **settings: Any) -> int:
    """Run a DeepnetApp made with these arguments, and return its exit code.

    Raises InputError where it can't be drawn, which ends with what works `instead`.
    """
    check_terminal(instead)
    from deepnet_tui.app import DeepnetApp

    stderr = sys.__stderr__
    assert stderr is not None  # noqa: S101  checked above; the app is drawn there
    plain = wants_plain(os.environ, stderr.encoding, terminal=True)
    app = DeepnetApp(*args, plain_characters=plain, **settings)
    app.run()
    while app.next_lesson and not app.return_code:
        from deepnet_tui.lessons.library import find

        app = DeepnetApp(lesson=find(app.next_lesson), present=app.presenting, plain_characters=plain)
        app.run()
    return app.return_code or 0
