"""The arguments and options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

Source = Annotated[str, typer.Argument(help="Built-in data set, data file or experiment.toml.", metavar="SOURCE")]
Target = Annotated[str | None, typer.Option(help="The column to predict.", metavar="COLUMN")]
Hidden = Annotated[
    str | None, typer.Option(help="The units of the hidden layers, or none.", metavar="16,8", show_default=False)
]
Activation = Annotated[
    str | None, typer.Option(help="Of every hidden layer: relu, tanh, sigmoid, gelu, ...", metavar="NAME")
]
Initializer = Annotated[str | None, typer.Option(help="small, he, xavier, lecun, zeros, ...", metavar="NAME")]
Feature = Annotated[
    list[str] | None,
    typer.Option(help="A column to learn from all the same. Again for more.", metavar="COLUMN", show_default=False),
]
Ignore = Annotated[
    list[str] | None, typer.Option(help="A column to leave out. Again for more.", metavar="COLUMN", show_default=False)
]
L2 = Annotated[float | None, typer.Option("--l2", help="Weight decay: lambda of lambda/2m * sum(W**2).", metavar="F")]
Seed = Annotated[
    int | None, typer.Option(help="Draws what is held out, the first parameters and the batches.", metavar="N")
]
Iterations = Annotated[int | None, typer.Option(help="How many updates to make in all.", metavar="N")]
Separator = Annotated[
    str | None, typer.Option(help="Between the values of a text table; tab, or space for runs of blanks.", metavar="C")
]
Encoding = Annotated[str | None, typer.Option(help="Of a text table: utf-8, cp1252, utf-16, ...", metavar="NAME")]
Decimal = Annotated[str | None, typer.Option(help="The decimal mark of a text table: . or ,", metavar="C")]
Sheet = Annotated[str | None, typer.Option(help="The sheet of an Excel file.", metavar="NAME")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]
