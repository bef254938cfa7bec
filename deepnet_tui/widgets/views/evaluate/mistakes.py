"""The page Mistakes: the worst of them as rows of a table, or as pictures where the features are pixels."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from deepnet_tui.data.schema.inference import cell_text
from deepnet_tui.drawing.numbers import short
from deepnet_tui.drawing.thumbnails import image_of, pixels, scaled, thumbnail
from deepnet_tui.evaluate.report import EvaluatedPart
from deepnet_tui.widgets.views.evaluate.page import MUTED, PageStyles

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.data.preparation.entries import Block
    from deepnet_tui.evaluate.part_report import Mistake

ABREAST = 3  # pictures side by side, at least
CAPTION = 16  # width of a picture's caption, at least
BAND = 14  # lines from which there is room for another row of pictures


def mistakes(
    dataset: Dataset, shown: EvaluatedPart, chosen: int, width: int, height: int, styles: PageStyles
) -> list[Text]:
    """The mistakes around the chosen one, and that one's values."""
    if not shown.mistakes:
        return []
    block = image_of(dataset)
    if block is not None:
        return _pictures(block, shown, chosen, width, height, styles)
    return _table(dataset, shown, chosen, width, height, styles)


def _table(
    dataset: Dataset, shown: EvaluatedPart, chosen: int, width: int, height: int, styles: PageStyles
) -> list[Text]:
    regression = dataset.labels == "numbers"
    values = "  ".join(_cells(shown.mistakes[chosen], dataset.preparation.columns))
    below = [Text(part, style=MUTED) for part in textwrap.wrap(values, max(20, width))[: max(1, height // 2)]]
    rows = max(1, height - 1 - len(below))
    first = max(0, min(chosen - rows // 2, len(shown.mistakes) - rows))
    confidence, loss = ("", "off by") if regression else ("confidence", "loss")
    wide = max(6, min(18, (width - 33) // 2))
    head = f"  {'row':>8}  {'actual':<{wide}}{'predicted':<{wide}}{confidence:>11}{loss:>10}"[:width]
    lines = [Text(head, MUTED, no_wrap=True)]
    for place, mistake in list(enumerate(shown.mistakes))[first : first + rows]:
        mark = "▸" if place == chosen else " "
        confidence = "" if mistake.confidence is None else f"{mistake.confidence:.1%}"
        words = "".join(f"{name[: wide - 2]:<{wide}}" for name in (mistake.actual, mistake.predicted))
        text = f"{mark} {mistake.row + 1:>8,}  {words}{confidence:>11}{short(mistake.loss):>10}"
        style = styles.chosen if place == chosen else Style()
        lines.append(Text(text[:width], style=style, no_wrap=True))
    return [*lines, *below]


def _cells(mistake: Mistake, used: tuple[str, ...]) -> list[str]:
    """The columns that the network learns from, as they were read."""
    return [f"{name} {cell_text([value], 0)}" for name, value in mistake.values.items() if name in used]


def _pictures(
    block: Block, shown: EvaluatedPart, chosen: int, width: int, height: int, styles: PageStyles
) -> list[Text]:
    """Pictures side by side, the chosen mistake first, each above its actual and its predicted class."""
    if height < 4:
        return []
    tall, wide = block.shape[:2]
    bands = max(1, (height + 1) // BAND)
    room = (height + 1) // bands - 4  # for a picture, over three lines of words and a gap
    edge = min(width // ABREAST - 2, max(8, round(2 * room * wide / tall)))
    columns = max(1, width // (max(edge, CAPTION) + 2))
    lines: list[Text] = []
    for first in range(chosen, len(shown.mistakes), columns):
        band = shown.mistakes[first : first + columns]
        images = [pixels(block, shown.part.X[:, mistake.place]) for mistake in band]
        drawn = _band(band, images, edge, room, width // columns, styles.no_color)
        if len(lines) + len(drawn) > height:
            break
        lines += [*drawn, Text()]
    return lines[:-1]


def _band(
    mistakes: Sequence[Mistake], images: Sequence[Any], edge: int, tall: int, room: int, no_color: bool
) -> list[Text]:
    """Some of them side by side in at most `edge` x `tall` cells, `room` cells apart, with their captions."""
    rows: list[Text] = [Text(no_wrap=True) for _ in range(tall)]
    captions = [Text(no_wrap=True), Text(no_wrap=True), Text(no_wrap=True)]
    used = 1
    for mistake, image in zip(mistakes, images, strict=True):
        drawn = thumbnail(scaled(image, edge, 2 * tall), no_color).lines()
        used = max(used, len(drawn))
        for number, row in enumerate(rows):
            _append(row, drawn[number] if number < len(drawn) else [], room)
        predicted = f"predicted {mistake.predicted} {mistake.confidence or 0:.0%}"
        for caption, text in zip(
            captions, (f"row {mistake.row + 1:,}", f"actual {mistake.actual}", predicted), strict=True
        ):
            caption.append(f"{text[: room - 2]:<{room}}")
    return [*rows[:used], *captions]


def _append(row: Text, segments: list[Segment], room: int) -> None:
    width = 0
    for segment in segments:
        row.append(segment.text, segment.style)
        width += segment.cell_length
    row.append(" " * (room - width))
