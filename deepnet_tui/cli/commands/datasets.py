"""`datasets`: lists the built-in data sets."""

from __future__ import annotations

from typing import Annotated

import typer


def datasets(
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")] = False,
) -> None:
    """List the built-in data sets.

    \b
    Example:  deepnet-tui datasets
    """
    from deepnet_tui.data.builtin import BUILTIN

    if json:
        from deepnet_tui.cli.output import emit

        for entry in BUILTIN.values():
            emit({"name": entry.name, "task": entry.task, "source": entry.source, "title": entry.title})
        return
    wide = max(map(len, BUILTIN))
    for entry in BUILTIN.values():
        print(f"{entry.name:{wide}}  {entry.task:10}  {entry.title}")
