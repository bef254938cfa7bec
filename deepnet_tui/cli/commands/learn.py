"""`learn`: guided lessons in the app."""

from __future__ import annotations

import sys
import textwrap
from typing import Annotated

import typer

from deepnet_tui.common.errors import InputError

INDENT = 13  # columns of a lesson's name
WIDTH = 80


def learn(
    lesson: Annotated[
        str | None, typer.Argument(help="Name of a lesson, or a lesson file (.toml).", metavar="[NAME|FILE]")
    ] = None,
    present: Annotated[bool, typer.Option("--present", help="Large, calm panes for a projector.")] = False,
) -> int:
    """Take a guided lesson; without a name, list them.

    A lesson runs in the app and fits 80 x 24 characters. How to write one is in docs/lessons.md.

    \b
    Example:  deepnet-tui learn stuck
    """
    from deepnet_tui.lessons.library import LESSONS, find

    if lesson is None:
        for name in LESSONS:
            found = find(name)
            print(f"{name:<{INDENT - 1}} {found.title}")
            about = f"{found.about} {len(found.step)} steps."
            print(textwrap.fill(about, WIDTH, initial_indent=" " * INDENT, subsequent_indent=" " * INDENT))
        print("\ndeepnet-tui learn NAME begins one.")
        return 0
    chosen = find(lesson)
    if not (sys.stdin.isatty() and sys.__stderr__ is not None and sys.__stderr__.isatty()):
        raise InputError("a lesson needs a terminal")
    from deepnet_tui.app import DeepnetApp

    app = DeepnetApp(lesson=chosen, present=present)
    app.run()
    return app.return_code or 0
