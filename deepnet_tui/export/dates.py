"""What a file wants of dates that its model was not trained on in that form."""

from __future__ import annotations

from collections.abc import Iterable

from deepnet_tui.common.text import listed
from deepnet_tui.data.preparation.entries import Numeric
from deepnet_tui.data.values.date_format import YEAR_FIRST
from deepnet_tui.model import Model


def year_first(model: Model) -> str:
    """A remark on columns whose dates were written in another order than the file reads."""
    others = (entry.name for entry in _dates(model) if entry.order != YEAR_FIRST)
    return _remark("unlike the training data, it takes dates only with the year first (2024-12-31)", others)


def as_days(model: Model) -> str:
    """A remark on columns of dates, which go in as numbers."""
    return _remark("it takes dates as days since 1970-01-01", (entry.name for entry in _dates(model)))


def _dates(model: Model) -> Iterable[Numeric]:
    return (entry for entry in model.preparation.entries if isinstance(entry, Numeric) and entry.kind == "date")


def _remark(what: str, names: Iterable[str]) -> str:
    names = list(names)
    return f"{what}: {listed(names)}" if names else ""
