"""A report as one Markdown file; pictures are in it as data."""

from __future__ import annotations

import base64
import re

from deepnet_tui.common.formats.markdown_text import plain
from deepnet_tui.common.text import printable
from deepnet_tui.report.document import Block, CodeBlock, Figure, Paragraph, Remarks, Report, TableBlock


def markdown(report: Report) -> str:
    """The whole file. Whatever comes from a file is escaped, so that it is shown as it is."""
    lines = [f"# {plain(report.title)}", "", plain(report.subtitle), ""]
    lines += _table(TableBlock(("", ""), report.highlights))
    for section in report.sections:
        if section.blocks:
            lines += ["", f"## {plain(section.title)}"]
            for block in section.blocks:
                lines += ["", *_block(block)]
    return "\n".join(lines) + "\n"


def _block(block: Block) -> list[str]:
    match block:
        case Paragraph(text):
            return [plain(text)]
        case Remarks(texts, kind):
            return [f"- {'**Warning:** ' if kind == 'warning' else ''}{plain(text)}" for text in texts]
        case TableBlock():
            return _table(block)
        case Figure(picture, caption):
            data = base64.b64encode(picture.standalone().encode("utf-8")).decode("ascii")
            image = f"![{plain(picture.title)}](data:image/svg+xml;base64,{data})"
            return [image, "", plain(caption)] if caption else [image]
        case CodeBlock(text, language):
            longest = max((len(found) for found in re.findall("`+", text)), default=0)
            fence = "`" * max(3, longest + 1)
            return [f"{fence}{language}", *map(printable, text.split("\n")), fence]


def _table(table: TableBlock) -> list[str]:
    marks = ["---:" if place >= table.numbers else "---" for place in range(len(table.head))]
    rows = [table.head, tuple(marks), *table.rows]
    return [
        "| " + " | ".join(cell if number == 1 else plain(cell) for cell in row) + " |"
        for number, row in enumerate(rows)
    ]
