"""The pages Classes and Calibration: a row for every class, and for every range of predicted probabilities."""

from __future__ import annotations

import textwrap

from rich.style import Style
from rich.text import Text

from deepnet_tui.evaluate.part_report import PartReport
from deepnet_tui.widgets.views.evaluate.page import MUTED, PageStyles, Scroll

SCORES = 29  # width of precision, recall and F1, and the gap to the confusion matrix
BAR = 30  # width of a bar, at most


def classes(report: PartReport, width: int, height: int, scroll: Scroll, styles: PageStyles) -> list[Text]:
    """Precision, recall and F1 of every class, and its row of the confusion matrix."""
    names = [entry.name for entry in report.classes]
    label = min(max([5, *map(len, names)]), 16) + 1
    cell = max(4, min(9, max(map(len, names)) + 1, (width - label - SCORES) // max(1, len(names))))
    across = max(0, (width - label - SCORES) // cell)
    window = scroll.window(len(names), height - 1)
    more = ("↑" if window.start else "") + ("↓" if window.stop < len(names) else "")
    head = Text(f"{f'class{more}':<{label}}"[:label], style=MUTED, no_wrap=True)
    head.append(f"{'precision':>10}{'recall':>7}{'F1':>6}  ")
    head.append("pred.", style=MUTED)
    head.append("".join(f"{name[: cell - 1]:>{cell}}" for name in names[:across]))
    lines = [head]
    for row in window:
        entry = report.classes[row]
        line = Text(f"{entry.name[: label - 1]:<{label}}", no_wrap=True)
        line.append(f"{entry.precision:>10.3f}{entry.recall:>7.3f}{entry.f1:>6.3f}       ")
        for column in range(min(across, len(names))):
            count = int(report.confusion[row, column])
            style = styles.good if row == column else (Style() if count else MUTED)
            line.append(f"{count:>{cell},}", style=style)
        lines.append(line)
    return lines


def calibration(report: PartReport, width: int, height: int, scroll: Scroll, styles: PageStyles) -> list[Text]:
    """The observed frequency for every range of predicted probabilities, as a bar with a mark at the prediction."""
    if report.calibration_error is None:
        return []
    what = "Confidence and observed accuracy"
    if len(report.classes) == 2:
        what = f"Predicted probability of {report.classes[1].name!r} and observed frequency"
    first = f"{what} differ by {report.calibration_error:.3f} on average"
    lines = [Text(part, style=MUTED) for part in textwrap.wrap(first, max(20, width))]
    bar = max(8, min(BAR, width - 44))
    for entry in (report.calibration[row] for row in scroll.window(len(report.calibration), height - len(lines))):
        full = round(entry.observed * bar)
        text = "█" * full + "·" * (bar - full)
        place = min(bar - 1, round(entry.predicted * bar))
        line = Text(f"predicted {entry.predicted:>6.1%}  observed {entry.observed:>6.1%} ", no_wrap=True)
        line.append(text[:place], style=styles.good)
        line.append("│")
        line.append(text[place + 1 :], style=styles.good)
        line.append(f" {entry.count:,}", style=MUTED)
        lines.append(line)
    return lines
