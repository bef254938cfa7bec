"""Writers of predictions: CSV and JSON lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TextIO

from deepnet_tui.common.formats.csv_text import CsvWriter
from deepnet_tui.common.formats.json_values import json_line
from deepnet_tui.model import Model, Prediction
from deepnet_tui.predict.csv_lines import CsvLines

PredictionWriter = Callable[[Prediction], None]


def _csv_writer(model: Model, file: TextIO, safe: bool) -> PredictionWriter:
    header = ["label", *(f"probability {name}" for name in model.classes)] if model.classes else ["prediction"]
    header = [f"prediction {name}" for name in model.targets] if model.further_targets else header
    CsvWriter(file, safe=safe).row(header)
    lines = CsvLines(safe=safe)

    def write(prediction: Prediction) -> None:
        if prediction.labels is None or prediction.probabilities is None:
            assert prediction.values is not None  # noqa: S101
            file.write(lines.text(None, prediction.values.reshape(len(prediction.values), -1)))
        else:
            file.write(lines.text(prediction.labels, prediction.probabilities))

    return write


def _json_lines_writer(model: Model, file: TextIO, safe: bool) -> PredictionWriter:  # noqa: ARG001  JSON is never computed
    def write(prediction: Prediction) -> None:
        answers = json_answers(model, prediction)
        file.writelines(json_line(answer) + "\n" for answer in answers)

    return write


def json_answers(model: Model, prediction: Prediction) -> Iterator[dict[str, Any]]:
    """The answer for each row: `label` and `probabilities` by class, or `prediction`, a number or one by target."""
    for label, numbers in _rows_of(prediction):
        if model.further_targets:
            yield {"prediction": dict(zip(model.targets, numbers, strict=True))}
        elif label is None:
            yield {"prediction": numbers[0]}
        else:
            yield {"label": label, "probabilities": dict(zip(model.classes, numbers, strict=True))}


def _rows_of(prediction: Prediction) -> Iterator[tuple[str | None, list[float]]]:
    """Label and probabilities of each row, or None and the values."""
    if prediction.labels is None or prediction.probabilities is None:
        assert prediction.values is not None  # noqa: S101
        yield from ((None, row) for row in prediction.values.reshape(len(prediction.values), -1).tolist())
    else:
        yield from zip(prediction.labels.tolist(), prediction.probabilities.tolist(), strict=True)


WRITERS: dict[str, Callable[..., PredictionWriter]] = {"csv": _csv_writer, "jsonl": _json_lines_writer}
