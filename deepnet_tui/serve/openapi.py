"""The description of the service in OpenAPI 3.1, made from the columns of the model."""

from __future__ import annotations

from typing import Any

from deepnet_tui.common.formats.json_values import json_ready
from deepnet_tui.common.text import counted, listed
from deepnet_tui.common.version import __version__
from deepnet_tui.data.preparation.entries import Block, Categorical, Entry
from deepnet_tui.data.values.date_format import EXAMPLES, YEAR_FIRST
from deepnet_tui.model import Model
from deepnet_tui.serve.limits import Limits
from deepnet_tui.serve.rows import example_row

REFUSALS = {
    400: "The request is not JSON, lacks a column or has a value that can't be read.",
    408: "The request took too long to arrive.",
    413: "The body is too large or has too many rows.",
    415: "The body is not application/json.",
    429: "Too many requests are in progress.",
    503: "The answer took too long.",
}
MOST_EXAMPLES = 20


def description(model: Model, limits: Limits) -> dict[str, Any]:
    """The document of `/openapi.json`."""
    example = json_ready(dict(example_row(model)))
    names = [entry.name for entry in model.preparation.entries]
    forms = {
        "oneOf": [
            {"type": "array", "items": _ref("Row"), "minItems": 1, "maxItems": limits.rows},
            _object({"rows": {"type": "array", "items": _ref("Row"), "minItems": 1, "maxItems": limits.rows}}),
            _object({"columns": _ref("Columns")}),
        ]
    }
    body: dict[str, Any] = {"schema": forms} | ({"example": {"rows": [example]}} if example else {})
    cells = {entry.name: _cell(entry, example.get(entry.name)) for entry in model.preparation.entries}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": model.name,
            "version": model.version,
            "summary": f"Predicts {listed(model.targets)} from {counted(len(names), 'column')}.",
            "description": f"Served by deepnet-tui {__version__}. A request has at most {limits.rows:,} rows and "
            f"{limits.body:,} bytes; at most {limits.requests:,} are answered at once.",
        },
        "paths": {
            "/predict": {
                "post": {
                    "operationId": "predict",
                    "summary": "Predict rows.",
                    "requestBody": {"required": True, "content": {"application/json": body}},
                    "responses": {"200": _response("An answer for each row.", _ref("Answer"))}
                    | {str(status): _response(said, _ref("Refusal")) for status, said in REFUSALS.items()},
                }
            },
            "/health": {"get": _get("health", "Whether the service answers, and what it has done.")},
            "/openapi.json": {"get": _get("openapi", "This document.")},
        },
        "components": {
            "schemas": {
                "Row": {
                    "type": "object",
                    "description": "A value for each column; others are ignored, null is a missing value.",
                    "properties": cells,
                    "required": names,
                },
                "Columns": {
                    "type": "object",
                    "description": "The same by column, each a list with a value for each row.",
                    "properties": {name: {"type": "array", "items": cell} for name, cell in cells.items()},
                    "required": names,
                },
                "Prediction": _prediction(model),
                "Answer": _object(
                    {
                        "predictions": {"type": "array", "items": _ref("Prediction")},
                        "notes": {
                            "type": "array",
                            "items": {"type": "string"},
                            "description": "Sentences on missing values that were filled in and words that training "
                            "never saw.",
                        },
                    }
                ),
                "Refusal": _object({"error": {"type": "string", "description": "One sentence."}}),
            }
        },
    }


def _cell(entry: Entry, example: Any) -> dict[str, Any]:
    """The schema of one value."""
    found: dict[str, Any]
    if isinstance(entry, Block):
        found = {"type": "array", "description": f"{' x '.join(map(str, entry.shape))} numbers, in lists"}
    elif isinstance(entry, Categorical):
        words = [word for word in entry.known if word]
        found = {
            "type": ["string", "number", "boolean", "null"],
            "description": f"one of {len(words):,} words; any other is unknown to the model",
            "examples": words[:MOST_EXAMPLES],
        }
    elif entry.kind == "date":
        written = EXAMPLES.get(entry.order, EXAMPLES[YEAR_FIRST])
        found = {"type": ["string", "null"], "description": f"a date such as {written}"}
    elif entry.kind == "boolean":
        found = {
            "type": ["boolean", "string", "number", "null"],
            "description": f"true or false, 1 or 0, or {entry.words[1]} or {entry.words[0]}",
        }
    else:
        found = {"type": ["number", "string", "null"], "description": "a number, also as text"}
    if example is not None and "examples" not in found and not isinstance(entry, Block):
        found["examples"] = [example]
    return found


def _prediction(model: Model) -> dict[str, Any]:
    if model.further_targets:
        return _object({"prediction": _object({name: {"type": "number"} for name in model.targets})})
    if not model.classes:
        return _object({"prediction": {"type": "number", "description": f"{model.target}, in its own unit"}})
    share = {"type": "number", "minimum": 0, "maximum": 1}
    return _object(
        {
            "label": {"type": "string", "enum": list(model.classes)},
            "probabilities": _object(dict.fromkeys(model.classes, share)),
        }
    )


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _response(said: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": said, "content": {"application/json": {"schema": schema}}}


def _get(name: str, said: str) -> dict[str, Any]:
    return {"operationId": name, "summary": said, "responses": {"200": _response(said, {"type": "object"})}}
