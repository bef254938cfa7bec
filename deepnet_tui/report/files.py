"""Writes a report to a file, as its suffix says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from deepnet_tui.common.errors import InputError
from deepnet_tui.report.document import Report
from deepnet_tui.report.html import html
from deepnet_tui.report.markdown import markdown

WRITERS: dict[str, Callable[[Report], str]] = {".html": html, ".htm": html, ".md": markdown, ".markdown": markdown}


def check_suffix(path: str | Path) -> Callable[[Report], str]:
    """What makes the text of the file. Raises InputError for a suffix that is none of a report."""
    suffix = Path(path).suffix.lower()
    if suffix not in WRITERS:
        raise InputError(f"a report is written as .html or .md, not {suffix or 'without a suffix'}", "output")
    return WRITERS[suffix]


def write_report(report: Report, path: Path) -> None:
    """Write the file, whole or not at all. Raises InputError where it can't be written."""
    from deepnet_tui.export.format import refusal
    from engine.storage.atomic import write_text_atomically

    text = check_suffix(path)(report)
    try:
        write_text_atomically(path, text)
    except (OSError, ValueError) as error:
        raise refusal(error, path, "write") from None
