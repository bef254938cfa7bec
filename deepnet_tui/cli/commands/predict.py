"""`predict`: a trained model on new rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deepnet_tui.cli.options import Decimal, Encoding, Separator, Sheet


def predict(
    model: Annotated[
        Path, typer.Argument(help="A file that holds a whole model, as train --export writes them.", metavar="MODEL")
    ],
    data: Annotated[Path, typer.Argument(help="A table with the model's columns, in any order.", metavar="DATA")],
    output: Annotated[
        Path | None,
        typer.Option(help="Where to write, instead of stdout; .jsonl or .ndjson means --json.", metavar="FILE"),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON lines instead of CSV.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Let --output replace a file.")] = False,
    separator: Separator = None,
    encoding: Encoding = None,
    decimal: Decimal = None,
    sheet: Sheet = None,
) -> None:
    """Predict the rows of a table.

    Classes come as a label and a probability for each, numbers in the unit of the target.

    \b
    Example:  deepnet-tui predict churn.npz new_customers.csv --output answers.csv
    """
    from deepnet_tui.cli.source import reading_options
    from deepnet_tui.predict import predict_file

    given = {"separator": separator, "encoding": encoding, "decimal": decimal, "sheet": sheet}
    reading = reading_options({name: value for name, value in given.items() if value is not None})
    predict_file(model, data, output, "jsonl" if json else None, overwrite, reading=reading)
