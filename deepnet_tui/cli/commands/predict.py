"""`predict`: applies a trained model to the rows of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from deepnet_tui.cli.model_files.options import describes_model, take_description
from deepnet_tui.cli.options import SafeCsv, takes
from deepnet_tui.cli.parameters.declared import argument, option
from deepnet_tui.data.setting_list import READING


@describes_model
@takes(*READING)
def predict(
    model: Annotated[Path, argument(help="Model file, of train --export or another program.", metavar="MODEL")],
    data: Annotated[Path, argument(help="Table with the columns of the model, in any order.", metavar="DATA")],
    output: Annotated[
        Path | None,
        option(help="Write to this file instead of stdout; .jsonl or .ndjson implies --json.", metavar="FILE"),
    ] = None,
    json: Annotated[bool, option("--json", help="JSON lines instead of CSV.")] = False,
    threshold: Annotated[
        float | None,
        option(help="Probability above which the second of two classes is predicted.", metavar="F"),
    ] = None,
    overwrite: Annotated[bool, option("--overwrite", help="Let --output replace an existing file.")] = False,
    safe_csv: SafeCsv = False,
    **settings: Any,
) -> None:
    """Predict the rows of a table.

    For classes, prints the label and the probability of each class; for numbers, the prediction in the unit of the
    target. An ONNX file or a state_dict of another program is described by the options for foreign files.

    \b
    Example:  deepnet-tui predict churn.npz new_customers.csv --output answers.csv
    """
    from deepnet_tui.cli.source import reading_options
    from deepnet_tui.predict.file import predict_file

    description = take_description(settings)
    reading = reading_options({name: value for name, value in settings.items() if value is not None})
    predict_file(
        model,
        data,
        output,
        "jsonl" if json else None,
        overwrite,
        reading=reading,
        threshold=threshold,
        description=description,
        safe_csv=safe_csv,
    )
