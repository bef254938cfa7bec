"""What is known of each data setting: its bounds, its label and its help. No pydantic here, for a quick `--help`."""

from __future__ import annotations

from engine.spec.settings import Setting
from engine.spec.training import MAX_SEED

MOST_SKIPPED = 100_000
MOST_NOISE, MOST_POINTS = 10.0, 100_000
PLANE = ("transform", "noise", "points", "function")  # of the two-dimensional sets alone

DATA_SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("source", "text", "moons", "data", "Data to train on.", form="a built-in data set, or a data file"),
        Setting(
            "target",
            "text",
            None,
            "target",
            "Column to predict; several of them must all be numbers.",
            form="the name of a column, or a list of names",
        ),
        Setting(
            "test", "text", None, "test file", "Test file: evaluated, never trained on.", form="a file like the source"
        ),
        Setting(
            "validation",
            "number",
            0.2,
            "validation",
            "Share of the examples used for validation, 0 to 0.9.",
            low=0.0,
            high=0.9,
        ),
        Setting("seed", "whole", 0, "seed of the split", "Random seed of the split.", low=0, high=MAX_SEED),
        Setting(
            "preparation",
            "text",
            "plain",
            "preparation",
            "Inputs made of the columns of a table: rich (bins, parts of dates, rare words together) or plain.",
            form="rich or plain",
        ),
        Setting(
            "separator",
            "text",
            None,
            "separator",
            "Column delimiter of a text table; tab, or space for runs of blanks.",
            form="one character",
        ),
        Setting(
            "encoding", "text", None, "encoding", "Encoding of a text table: utf-8, cp1252, utf-16, ...", form="a name"
        ),
        Setting("decimal", "text", None, "decimal mark", "Decimal mark of a text table: . or ,", form=". or ,"),
        Setting("sheet", "text", None, "sheet", "Sheet of an Excel file.", form="the name of a sheet"),
        Setting("skip", "whole", None, "lines to skip", "Lines above the header of a table.", low=0, high=MOST_SKIPPED),
        Setting(
            "comment",
            "text",
            None,
            "comment mark",
            "What the comment lines of a text table begin with, such as #.",
            form="a mark, or nothing if there are none",
        ),
        Setting(
            "missing",
            "text",
            None,
            "missing words",
            "Words that mean a missing value, such as NA,-99. NA, None and null that are not named are words.",
            form="words with commas between them",
        ),
        Setting(
            "transform",
            "columns",
            (),
            "transforms",
            "Input made of the two coordinates: x1^2, x2^2, x1 x2, sin(x1), sin(x2), or all. Again for more.",
            form="a list of names",
        ),
        Setting(
            "noise",
            "number",
            None,
            "noise",
            "Noise of a two-dimensional set: standard deviation of its points; of a function's values, in theirs.",
            low=0.0,
            high=MOST_NOISE,
        ),
        Setting("points", "whole", None, "points", "Points of a two-dimensional set.", low=20, high=MOST_POINTS),
        Setting(
            "function",
            "text",
            None,
            "function",
            "Data of the set called function: y > sin(3 x) makes two classes, sin(x) + y a number.",
            form="a comparison or a number of x and y",
        ),
    )
}
"""In the order in which they are written to a file."""

READING = {
    name: DATA_SETTINGS[name].label
    for name in ("separator", "encoding", "decimal", "sheet", "skip", "comment", "missing")
}
"""The settings on how a file is written, each with its label; what is left out is found out."""
