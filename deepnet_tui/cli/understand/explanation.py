"""What `explain` found, as tables for people and as JSON objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from deepnet_tui.cli.tables import aligned
from deepnet_tui.common.text import counted, printable
from deepnet_tui.understand.contributions import Contributions
from deepnet_tui.understand.dependence import Dependence
from deepnet_tui.understand.importance import Importance

BAR = 24  # characters of the longest bar


def importance_lines(found: Importance) -> list[str]:
    """A line for every column, the most important one first, each with its bar."""
    largest = max((abs(column.mean) for column in found.columns), default=0.0)
    several = found.repeats > 1  # one number has no spread
    rows = [("column", f"{found.score.title} {found.score.harm} by", *(("±",) if several else ()), "")]
    for column in found.ranked:
        spread = (f"{column.std:.6f}",) if several else ()
        rows.append((column.name, f"{column.mean:.6f}", *spread, _bar(column.mean, largest)))
    return [found.sentence, "", *aligned(rows, None)]


def dependence_lines(found: Dependence) -> list[str]:
    """A line for every value: the mean answer, and the range of the individual curves."""
    low, high = float(found.mean.min()), float(found.mean.max())
    lowest, highest = found.curves.min(axis=0), found.curves.max(axis=0)
    shown = "{:.4f}".format if found.title.startswith("probability") else "{:.6g}".format
    rows = [(found.column, "mean", "lowest", "highest", "")]
    rows += [
        (label, shown(mean), shown(a), shown(b), _bar(mean - low, high - low))
        for label, mean, a, b in zip(found.labels, found.mean, lowest, highest, strict=True)
    ]
    title = f"Partial dependence of {printable(found.title)} on {printable(found.column)}, over {found.rows:,} rows; "
    return [f"{title}lowest and highest of {len(found.curves)} single rows.", "", *aligned(rows, None)]


def contribution_lines(found: Contributions, row: int, values: Sequence[Any]) -> list[str]:
    """A line for every column, the largest contribution first, then the sum."""
    largest = max(abs(value) for value in found.values)
    sampled = bool(found.errors.any())
    rows: list[tuple[str, ...]] = [("column", "value", "contribution", "±" if sampled else "", "")]
    for place in found.order:
        error = f"{found.errors[place]:.6f}" if sampled else ""
        value = found.values[place]
        rows.append((found.columns[place], shown_value(values[place]), f"{value:+.6f}", error, _bar(value, largest)))
    base = "the mean prediction" if found.method != "integrated gradients" else "the prediction for the mean"
    return [
        f"Row {row:,}: {printable(found.title)} {found.prediction:.6g}, {base} over "
        f"{counted(found.background, 'row')} is {found.base:.6g}; what each column adds ({found.method}):",
        "",
        *aligned(rows, None),
        "",
        f"{found.base:.6g} + contributions {found.values.sum():+.6g} = {found.prediction:.6g}",
    ]


def shown_value(value: Any) -> str:
    """A raw value as it stands in a table."""
    if value is None or value == "":
        return "(missing)"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def importance_objects(found: Importance) -> Iterator[dict[str, Any]]:
    """One object for each column."""
    for column in found.ranked:
        yield {
            "event": "importance",
            "column": column.name,
            "score": found.score.name,
            "mean": column.mean,
            "std": column.std if found.repeats > 1 else None,
            "repeats": column.losses,
            "reached": found.reached,
            "rows": found.rows,
        }


def dependence_object(found: Dependence) -> dict[str, Any]:
    """Mean and individual curves."""
    return {
        "event": "dependence",
        "column": found.column,
        "of": found.title,
        "values": found.labels if found.is_words else found.values,
        "mean": found.mean,
        "curves": found.curves,
        "rows": found.rows,
    }


def contributions_object(found: Contributions, row: int) -> dict[str, Any]:
    """The contributions by column."""
    return {
        "event": "contributions",
        "row": row,
        "of": found.answer,
        "method": found.method,
        "base": found.base,
        "prediction": found.prediction,
        "contributions": dict(zip(found.columns, found.values, strict=True)),
        "errors": dict(zip(found.columns, found.errors, strict=True)),
    }


def _bar(value: float, largest: float) -> str:
    length = round(BAR * abs(value) / largest) if largest > 0 else 0
    return ("█" if value >= 0 else "░") * length
