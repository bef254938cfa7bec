"""`learn`: guided lessons in the app."""

from __future__ import annotations

import textwrap
from typing import Annotated

import typer

from deepnet_tui.cli.commands.open_app import PRESENT
from deepnet_tui.cli.terminal.app_start import run_app

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
    return run_app(": a lesson runs in it", lesson=chosen, present=present)
