"""What a report is made of: sections of paragraphs, tables, pictures and code. It knows no file format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from deepnet_tui.report.svg.picture import Picture


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True)
class Remarks:
    """Sentences beneath each other; `kind` is note or warning."""

    texts: tuple[str, ...]
    kind: str = "note"


@dataclass(frozen=True)
class TableBlock:
    """A table of texts. Columns from `numbers` on are numbers, aligned to the right.

    `shades` (rows x columns, 0 to 1) colours its numbers, as in a confusion matrix; () for none.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: int = 1
    shades: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class Figure:
    """A picture and the sentence beneath it."""

    picture: Picture
    caption: str = ""


@dataclass(frozen=True)
class CodeBlock:
    """Text that is typed or kept in a file."""

    text: str
    language: str = ""


Block = Paragraph | Remarks | TableBlock | Figure | CodeBlock


@dataclass(frozen=True)
class Section:
    """A heading and what is beneath it."""

    title: str
    blocks: Sequence[Block] = field(default_factory=tuple)


@dataclass(frozen=True)
class Report:
    """A title, a line beneath it, the numbers that matter most as (name, value), and the sections."""

    title: str
    subtitle: str
    highlights: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
