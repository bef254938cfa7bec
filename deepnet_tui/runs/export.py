"""A table with a row for each run: what is known of it, its settings, its metrics."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.formats.csv_text import CsvWriter
from deepnet_tui.common.formats.json_values import json_ready
from deepnet_tui.common.text import printable
from deepnet_tui.runs.metrics import metrics_of_run
from deepnet_tui.runs.record import StoredRun

FORMATS = ("csv", "json", "parquet")
SUFFIXES = {".csv": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json", ".parquet": "parquet"}

Row = dict[str, Any]


def run_rows(records: Iterable[StoredRun], settings: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """A row for each run, all with the same columns: None where a run has no value. `settings` are those of each id."""
    rows = [_row(record, settings[record.id]) for record in records]
    kinds = ((name, row_name) for row in rows for name, values in row.items() for row_name in values)
    columns: dict[str, dict[str, None]] = {}
    for kind, name in kinds:
        columns.setdefault(kind, {})[name] = None
    places = [(kind, name) for kind in ("about", "settings", "metrics") for name in columns.get(kind, ())]
    return [{name: row[kind].get(name) for kind, name in places} for row in rows]


def write_csv(rows: Sequence[Row], file: TextIO, *, safe: bool = False) -> None:
    """Write a header and a line for each run; what can't be printed is written as an escape such as \\x1b.

    `safe` keeps spreadsheets from computing names, notes and tags.
    """
    writer = CsvWriter(file, safe=safe)
    if rows:
        writer.row([printable(name) for name in rows[0]])
    writer.rows([_cell(value) for value in row.values()] for row in rows)


def write_json(rows: Sequence[Row], file: TextIO) -> None:
    """Write an object for each run, one on a line."""
    file.writelines(json.dumps(json_ready(row), allow_nan=False) + "\n" for row in rows)


def write_parquet(rows: Sequence[Row], path: Path) -> None:
    """Write a Parquet file. A column with values of several kinds has them as text. Raises OSError and ValueError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = list(rows[0]) if rows else []
    pq.write_table(pa.table({name: _column([row[name] for row in rows]) for name in names}), path)


def check_parquet() -> None:
    """Raises InputError, saying how to install it, where the library for Parquet is not there."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        install = "pip install 'deepnet-tui[files]'"
        message = f"runs can't be exported as parquet without pyarrow, which is not installed: {install}"
        raise InputError(message, "format") from None


def _row(record: StoredRun, settings: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    about = record.about
    return {
        "about": {
            "run": record.id,
            **record.labels.plain(),
            "state": record.state,
            "reason": about.get("reason"),
            "started": _moment(record.started),
            "iteration": record.iteration,
            "best_iteration": about.get("best_iteration"),
            "seconds": about.get("seconds"),
            "cost": record.cost,
            "validation_cost": record.validation_cost,
            "threshold": about.get("threshold_value"),
            "task": about.get("task"),
            "units": about.get("network"),
        },
        "settings": {"data.source": record.source, **settings},
        "metrics": metrics_of_run(record),
    }


def _moment(seconds: float) -> str | None:
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
    except (OverflowError, ValueError, OSError):
        return None


def _text(value: Any) -> str:
    if isinstance(value, list | tuple) and not any(isinstance(item, dict | list | tuple) for item in value):
        return ",".join(map(str, value))
    return json.dumps(json_ready(value)) if isinstance(value, dict | list | tuple | bool) else str(value)


def _cell(value: Any) -> str:
    return "" if value is None else printable(_text(value))


def _column(values: Sequence[Any]) -> Any:
    """The values as Arrow holds them: whole numbers, numbers and flags as such, all else as text."""
    import pyarrow as pa

    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {int} and all(value is None or abs(value) < 2**63 for value in values):
        return pa.array(values, pa.int64())
    if kinds and kinds <= {int, float}:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    texts = [None if value is None else _text(value).encode("utf-8", "replace").decode() for value in values]
    return pa.array(texts, pa.string())
