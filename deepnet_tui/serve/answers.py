"""From the columns of a request to the body of the answer."""

from __future__ import annotations

import json
from typing import Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.model import Model, Prediction
from deepnet_tui.predict.finite import TOO_LARGE, first_not_finite
from deepnet_tui.predict.summary import PredictionSummary
from deepnet_tui.predict.writers import json_answers
from deepnet_tui.serve.limits import RefusedError
from deepnet_tui.serve.rows import columns_of


def answer(model: Model, body: bytes, most_rows: int) -> tuple[bytes, int]:
    """The answer to a request as JSON, and how many rows it has. Raises RefusedError for a request that is wrong."""
    columns = columns_of(model, body, most_rows)
    try:
        prediction = model.predict(columns)
    except InputError as error:
        raise RefusedError(400, str(error)) from None
    place = first_not_finite(prediction)
    if place is not None:
        raise RefusedError(400, f"row {place + 1:,}: {TOO_LARGE}")
    rows = len(next(iter(columns.values())))
    found = {"predictions": list(json_answers(model, prediction)), "notes": _notes(prediction, rows)}
    return to_json(found), rows


def _notes(prediction: Prediction, rows: int) -> list[str]:
    """What a client should know: values that were filled in, and words that the model does not know."""
    summary = PredictionSummary()
    summary.add(prediction, rows)
    return summary.sentences[1:]


def to_json(value: Any) -> bytes:
    """JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")
