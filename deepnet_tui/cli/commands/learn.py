"""`learn`: guided lessons in the app."""

from __future__ import annotations

import sys
import textwrap
from typing import Annotated

import typer

from deepnet_tui.cli.commands.open_app import PRESENT
from deepnet_tui.common.errors import InputError

INDENT = 13  # columns for the name of a lesson
WIDTH = 80


def learn(
    lesson: Annotated[
        str | None, typer.Argument(help="Name of a lesson, or a lesson file (.toml).", metavar="[NAME|FILE]")
    ] = None,
    present: Annotated[bool, typer.Option("--present", help=PRESENT)] = False,
) -> int:
    """Start a guided lesson, or list all of them.

    Lessons run in the app and fit 80 x 24 characters. docs/lessons.md shows how to write one.

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
        print("\nStart one with deepnet-tui learn NAME.")
        return 0
    chosen = find(lesson)
    if not (sys.stdin.isatty() and sys.__stderr__ is not None and sys.__stderr__.isatty()):
        raise InputError("a lesson needs a terminal")
    from deepnet_tui.app import DeepnetApp

    app = DeepnetApp(lesson=chosen, present=present)
    app.run()
    return app.return_code or 0
